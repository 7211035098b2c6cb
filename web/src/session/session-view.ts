/** Who somebody is to the API, as GET /v1/session says it. */
export interface SessionView {
  readonly caller: SessionCaller | null;
  /** Whether that comes from this browser's sign-in. */
  readonly signedIn: boolean;
  readonly expires_ms: number | null;
  /** Why the sign-in that the browser had holds no longer. */
  readonly ended: { readonly code: string; readonly message: string } | null;
  /** Routes of the API that the caller may call. */
  readonly may: readonly string[];
  readonly refused: readonly RefusedRoute[];
  /** Whose logins are taken beside tokens. */
  readonly issuer: string | null;
  readonly now_ms: number;
}

export interface SessionCaller {
  /** Id of the token, anonymous, or oidc: with the login's subject. */
  readonly id: string;
  readonly role: string;
  readonly fleet: string | null;
}

/** A route that the caller may not call, and who may. */
export interface RefusedRoute {
  readonly route: string;
  readonly roles: readonly string[];
  /** It tells of the site as a whole, so nobody who belongs to one fleet may. */
  readonly wholeSite: boolean;
}

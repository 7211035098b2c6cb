/**
 * The cookie of a session: a name that no other site on the same host has (cookies know no port), and 32 random
 * bytes in hex. Read by no script, sent by no other site's page, and only to the API.
 */
const idPattern = /^[0-9a-f]{64}$/;
const headerMax = 16_384;

/** The name of the cookie where the site is asked by this Host header. */
export function cookieNameAt(host: string | undefined): string {
  const port = /:(\d{1,5})$/.exec(host ?? "")?.[1];
  return port === undefined ? "voltfog_session" : `voltfog_session_${port}`;
}

/** The session that a Cookie header names (RFC 6265 §4.2); undefined where it names none, or two. */
export function parseSessionCookie(
  header: string | undefined,
  host: string | undefined,
): string | undefined {
  if (header === undefined || header.length > headerMax) return undefined;
  const start = `${cookieNameAt(host)}=`;
  const found = header
    .split(";")
    .map((part) => part.trim())
    .filter((part) => part.startsWith(start))
    .map((part) => part.slice(start.length));
  const [id = ""] = found;
  // Whoever can plant a second cookie must not choose which of the two counts.
  return found.length === 1 && idPattern.test(id) ? id : undefined;
}

/** The Set-Cookie header that begins a session; without an id, the one that ends it. */
export function sessionCookie(options: {
  host: string | undefined;
  id: string | undefined;
  kept_ms: number;
  /** Whether the browser came over TLS, which a proxy may have ended. */
  isSecure: boolean;
}): string {
  const { host, id = "", kept_ms, isSecure } = options;
  const seconds = id === "" ? 0 : Math.max(1, Math.ceil(kept_ms / 1000));
  const secure = isSecure ? "; Secure" : "";
  return `${cookieNameAt(host)}=${id}; Path=/v1; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure}`;
}

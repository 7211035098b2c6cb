import type { RefusedRoute, SessionCaller } from "./session-view.ts";

const ownTokenPattern = /^vf_[0-9a-f]{64}$/;
const ownTokenLength = 67;

const renew = "Ask whoever runs this site for a new one (voltfog token create).";

const problems: Readonly<Record<string, string>> = {
  TOKEN_EXPIRED: `This token has expired. ${renew}`,
  TOKEN_REVOKED: `This token was revoked. ${renew}`,
  LOGIN_WITHOUT_ROLE:
    "The login is good, but it names no role or no fleet of this site. Whoever manages the logins gives it one.",
  LOGIN_UNCHECKED:
    "Nobody can check this login now: its issuer does not answer. Try again in a moment.",
  ORIGIN_REFUSED:
    "The browser says that another page asked for this. Open this site's own address and sign in there.",
  SESSIONS_FULL: "Too many people are signed in. Somebody has to sign out first.",
  SESSIONS_FAILED:
    "The site could not keep the sign-in: its disk refuses. Whoever runs it must look.",
  AUDIT_FAILED:
    "The site could not record the sign-in: its disk refuses. Whoever runs it must look.",
};

/** Why a sign-in was refused and what to do, in words; the server's own where it says more. */
export function refusalWords(o: { code: string; message: string; token: string }): string {
  if (o.code === "TOKEN_INVALID") return unknownWords(o.token);
  return problems[o.code] ?? `${o.message.slice(0, 1).toUpperCase()}${o.message.slice(1)}.`;
}

/** A token that nobody knows was mostly not copied whole. */
function unknownWords(token: string): string {
  if (ownTokenPattern.test(token)) {
    return `No such token is known here. It may be another site's, or it was taken away. ${renew}`;
  }
  if (token.startsWith("vf_")) {
    return `This is no whole token: it has ${token.length} characters, a token has vf_ and 64 digits of 0–9 and a–f, ${ownTokenLength} in all. Copy it again.`;
  }
  return "This is neither a token (it begins with vf_) nor a login that this site takes.";
}

const endings: Readonly<Record<string, string>> = {
  SESSION_ENDED: "You were signed out: the time of the sign-in is over, or it was ended elsewhere.",
  TOKEN_EXPIRED: "You were signed out: the token that you signed in with has expired.",
  TOKEN_REVOKED: "You were signed out: the token that you signed in with was revoked.",
};

/** Why somebody who was signed in is no longer. */
export function endingWords({ code, message }: { code: string; message: string }): string {
  return endings[code] ?? `You were signed out: ${message}.`;
}

/** Who may see what somebody may not. */
export function whoMayWords({ roles, wholeSite }: RefusedRoute): string {
  const names = roles.map(roleWords);
  const last = names.at(-1) ?? "nobody";
  const listed = names.length < 2 ? last : `${names.slice(0, -1).join(", ")} or ${last}`;
  return wholeSite ? `${listed}, of the site and not of one fleet` : listed;
}

/** A role as people say it: fleet-engineer is a fleet engineer. */
export function roleWords(role: string): string {
  return role.replaceAll("-", " ");
}

/** Role and fleet of who is signed in. */
export function callerWords({ role, fleet }: SessionCaller): string {
  return `${roleWords(role)}, ${fleet === null ? "all fleets" : `fleet ${fleet}`}`;
}

/** An address of this site to go to after the sign-in; the start page for any other. */
export function wayBack(from: string | null): string {
  const isOurs = from !== null && /^\/(?![/\\])/.test(from) && !from.startsWith("/sign-in");
  return isOurs ? from : "/";
}

/** The address of the sign-in page that leads back. */
export function signInAddress(back: string): string {
  return `/sign-in?from=${encodeURIComponent(back)}`;
}

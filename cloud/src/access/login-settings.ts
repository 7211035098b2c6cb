import { CodedError, identifierPattern } from "@voltfog/runtime";
import { isTokenRole, type TokenRole, tokenRoles } from "./token-file.ts";

/** How logins of another system are taken, as the configuration says it. */
export interface LoginConfig {
  readonly oidcIssuer: string;
  readonly oidcAudience: string;
  readonly oidcJwks: string;
  readonly oidcRoleClaim: string;
  readonly oidcFleetClaim: string;
  readonly oidcRoles: readonly string[];
}

export interface LoginSettings {
  readonly issuer: string;
  readonly audience: string;
  /** Where the issuer's keys are: an https address, or a file. */
  readonly keys: URL | string;
  readonly roleClaim: string;
  readonly fleetClaim: string;
  /** Roles by what the claim says. */
  readonly roles: ReadonlyMap<string, TokenRole>;
}

const loopback = /^(?:127(?:\.\d{1,3}){3}|\[::1\]|localhost)$/;

/** undefined where no issuer is named. CONFIG_INVALID where one is and the rest does not fit. */
export function loginSettings(config: LoginConfig): LoginSettings | undefined {
  const { oidcIssuer: issuer, oidcAudience: audience, oidcJwks } = config;
  if (issuer === "") return undefined;
  if (audience === "" || oidcJwks === "") {
    throw wrong("oidcIssuer needs oidcAudience and oidcJwks beside it");
  }
  return {
    issuer,
    audience,
    keys: /^https?:\/\//.test(oidcJwks) ? addressOf(oidcJwks) : oidcJwks,
    roleClaim: config.oidcRoleClaim,
    fleetClaim: config.oidcFleetClaim,
    roles: rolesOf(config.oidcRoles),
  };
}

/** Keys that came in the clear could be anybody's. */
function addressOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "https:" || (url !== undefined && loopback.test(url.hostname))) return url;
  throw wrong(`oidcJwks ${JSON.stringify(text)} is no https address`);
}

function rolesOf(items: readonly string[]): ReadonlyMap<string, TokenRole> {
  const roles = new Map<string, TokenRole>(tokenRoles.map((role) => [role, role]));
  for (const item of items) {
    const [, group = "", role = ""] = /^(.{1,128})=([^=]+)$/.exec(item) ?? [];
    if (!isTokenRole(role)) throw wrong(`oidcRoles: ${JSON.stringify(item)} is no group=role`);
    roles.set(group, role);
  }
  return roles;
}

/** `*` is every fleet; anything else that is no fleet's name is refused. */
export function fleetOfClaim(value: unknown): { readonly fleet?: string } | undefined {
  if (value === "*") return {};
  return typeof value === "string" && identifierPattern.test(value) ? { fleet: value } : undefined;
}

function wrong(message: string): CodedError {
  return new CodedError({
    code: "CONFIG_INVALID",
    message,
    remedy: "see docs/operations/access.md for logins of another system",
  });
}

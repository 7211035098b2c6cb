import { join } from "node:path";
import { type Clock, CodedError, type Logger } from "@voltfog/runtime";
import { systemRandom } from "@voltfog/runtime/node";
import { AuditBook } from "./audit-book.ts";
import { FleetDirectory } from "./fleet-directory.ts";
import { type Credential, type IdentityOptions, identityOf, sessionOf } from "./identity.ts";
import { type LoginConfig, loginSettings } from "./login-settings.ts";
import { Logins } from "./logins.ts";
import { SessionBook } from "./session-book.ts";
import { TokenDirectory } from "./token-directory.ts";
import { isTokenRole, type TokenRole } from "./token-file.ts";

export interface GateConfig extends LoginConfig {
  readonly host: string;
  readonly dataDir: string;
  readonly vehicles: string;
  readonly tokens: string;
  readonly anonymousRole: string;
  readonly auditMax_bytes: number;
  readonly sessionMax_h: number;
}

/** Who may see what, and the record of who did. */
export interface Gate extends IdentityOptions {
  readonly fleets: FleetDirectory;
  readonly audit: AuditBook;
  readonly logger: Logger;
  /** Who issues the logins that are taken beside tokens; undefined where none are. */
  readonly issuer: string | undefined;
  /** Whether what let somebody in still does; so while its issuer cannot be asked. */
  readonly holds: (credential: Credential | undefined) => Promise<boolean>;
  /** From now on files are followed and counts are written. */
  start(): void;
  /** Ends the following; accesses are recorded until {@link Gate.close}. */
  stop(): void;
  close(): Promise<void>;
}

/**
 * Opens all that decides on access. ANONYMOUS_EXPOSED, CONFIG_INVALID, TOKENS_INVALID, VEHICLES_INVALID,
 * OIDC_KEYS_INVALID.
 */
export async function createGate(
  config: GateConfig,
  ports: { clock: Clock; logger: Logger },
): Promise<Gate> {
  const anonymousRole = anonymousRoleOf(config);
  const tokens = new TokenDirectory(config.tokens, ports);
  const fleets = new FleetDirectory(config.vehicles, ports);
  const settings = loginSettings(config);
  const logins = settings === undefined ? undefined : new Logins(settings, ports);
  const sessions = new SessionBook({
    path: join(config.dataDir, "sessions.json"),
    sessionMax_ms: config.sessionMax_h * 3_600_000,
    takesLogins: logins !== undefined,
    ...{ tokens, random: systemRandom, ...ports },
  });
  const audit = await AuditBook.open({
    folder: join(config.dataDir, "audit"),
    sizeMax_bytes: config.auditMax_bytes,
    ...ports,
  });
  const followed = [tokens, fleets, ...(logins === undefined ? [] : [logins])];
  const { clock } = ports;
  const identity: IdentityOptions = { tokens, logins, sessions, anonymousRole, clock };
  return {
    ...{ ...identity, fleets, audit, ...ports },
    issuer: settings?.issuer,
    async holds(credential) {
      const session = sessionOf(credential);
      // Also where nobody need sign in: who listens as somebody stops with that.
      if (session !== undefined) return sessions.callerOf(session).ok;
      const found = await identityOf(credential, identity);
      return found.ok || found.problem.code === "LOGIN_UNCHECKED";
    },
    start() {
      for (const one of [...followed, audit]) one.start();
    },
    stop() {
      for (const one of followed) one.stop();
    },
    close: () => audit.close(),
  };
}

const loopback = /^(?:127(?:\.\d{1,3}){3}|::1|localhost)$/;

/** Whoever reaches another address than loopback must say who they are, without exception. */
function anonymousRoleOf({ anonymousRole: role, host }: GateConfig): TokenRole | undefined {
  if (!isTokenRole(role)) return undefined;
  if (loopback.test(host)) return role;
  throw new CodedError({
    code: "ANONYMOUS_EXPOSED",
    message: `anonymousRole is ${role} while host is ${host}, which others can reach`,
    remedy: "set anonymousRole to none and create tokens, or listen on 127.0.0.1",
  });
}

import { accepted, type Clock, type Logger, type Outcome, refused } from "@voltfog/runtime";
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  errors,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from "jose";
import type { Caller } from "./caller.ts";
import { FollowedFile } from "./followed-file.ts";
import { fleetOfClaim, type LoginSettings } from "./login-settings.ts";

export interface LoginProblem {
  readonly code: "TOKEN_INVALID" | "TOKEN_EXPIRED" | "LOGIN_WITHOUT_ROLE" | "LOGIN_UNCHECKED";
  readonly detail: string;
}

/** Signatures with a public key only: an issuer's key must not be able to become a shared secret. */
const algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"].concat([
  ...["ES256", "ES384", "ES512", "EdDSA", "Ed25519"],
]);
const skewMax_s = 60;
const fetchMax_ms = 5000;
const subjectMax = 128;

/**
 * Bearer JWTs of an OpenID Connect issuer as callers (RFC 7519, RFC 8725). Issuer, audience, signature and
 * time must hold; the role and the fleet come from claims, and a login without either is refused: a fleet
 * that is left out must not open every fleet.
 */
export class Logins {
  readonly #settings: LoginSettings;
  readonly #clock: Clock;
  readonly #keys: () => JWTVerifyGetKey;
  readonly #file: FollowedFile<JSONWebKeySet> | undefined;

  /** OIDC_KEYS_INVALID where the keys are a file that holds none. */
  constructor(settings: LoginSettings, ports: { clock: Clock; logger: Logger }) {
    this.#settings = settings;
    this.#clock = ports.clock;
    const { keys } = settings;
    if (typeof keys === "string") {
      const file = new FollowedFile<JSONWebKeySet>({
        ...{ path: keys, absent: { keys: [] }, read: parseKeySet, name: "login keys" },
        ...{ code: "OIDC_KEYS_INVALID", remedy: "name a file of the issuer's keys, {keys: […]}" },
        ...ports,
      });
      this.#file = file;
      this.#keys = () => createLocalJWKSet(file.value);
    } else {
      const remote = createRemoteJWKSet(keys, { timeoutDuration: fetchMax_ms });
      this.#keys = () => remote;
    }
  }

  start(): void {
    this.#file?.start();
  }

  stop(): void {
    this.#file?.stop();
  }

  /** Whose login it is, and when that ends. */
  async callerOf(
    token: string,
  ): Promise<Outcome<Caller & { readonly until_ms: number }, LoginProblem>> {
    const { issuer, audience } = this.#settings;
    try {
      const { payload } = await jwtVerify(token, this.#keys(), {
        issuer,
        audience,
        algorithms,
        clockTolerance: skewMax_s,
        currentDate: new Date(this.#clock.wall_ms()),
        requiredClaims: ["exp", "sub"],
      });
      return this.#named(payload);
    } catch (thrown) {
      return refused(problemOf(thrown));
    }
  }

  #named(payload: JWTPayload): Outcome<Caller & { readonly until_ms: number }, LoginProblem> {
    const { roleClaim, fleetClaim, roles } = this.#settings;
    const { sub = "" } = payload;
    const claimed = [payload[roleClaim]].flat().filter((one) => typeof one === "string");
    const held = [...new Set(claimed.flatMap((one) => roles.get(one) ?? []))];
    const [role] = held;
    if (role === undefined || held.length > 1) {
      const detail = `claim ${roleClaim} names ${held.length === 0 ? "no role" : "several roles"}`;
      return refused({ code: "LOGIN_WITHOUT_ROLE", detail });
    }
    const fleet = fleetOfClaim(payload[fleetClaim]);
    if (fleet === undefined) {
      const detail = `claim ${fleetClaim} names no fleet, nor * for all`;
      return refused({ code: "LOGIN_WITHOUT_ROLE", detail });
    }
    const until_ms = (payload.exp ?? 0) * 1000;
    return accepted({ id: `oidc:${sub.slice(0, subjectMax)}`, role, ...fleet, until_ms });
  }
}

function problemOf(thrown: unknown): LoginProblem {
  if (thrown instanceof errors.JWTExpired) {
    return { code: "TOKEN_EXPIRED", detail: "the login has expired" };
  }
  const isAboutToken =
    thrown instanceof errors.JOSEError && !(thrown instanceof errors.JWKSTimeout);
  // What the issuer's keys cannot be fetched for is nobody's mistake here: another try may work.
  return isAboutToken && !/JSON Web Key Set HTTP response/.test(thrown.message)
    ? { code: "TOKEN_INVALID", detail: "no such login holds" }
    : { code: "LOGIN_UNCHECKED", detail: "the issuer's keys cannot be had; try again" };
}

/** A JSON Web Key Set (RFC 7517) of at most 100 keys, without any private one. */
export function parseKeySet(
  text: string,
): Outcome<JSONWebKeySet, { code: "OIDC_KEYS_INVALID"; detail: string }> {
  const invalid = (detail: string): Outcome<never, { code: "OIDC_KEYS_INVALID"; detail: string }> =>
    refused({ code: "OIDC_KEYS_INVALID", detail });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return invalid("it is no JSON");
  }
  const keys = (value as { keys?: unknown } | null)?.keys;
  if (!Array.isArray(keys) || keys.length > 100) return invalid("it has no list of keys");
  for (const [place, key] of keys.entries()) {
    if (typeof key !== "object" || key === null || typeof key.kty !== "string") {
      return invalid(`entry ${place} is no key`);
    }
    if ("d" in key || "k" in key) return invalid(`entry ${place} is a private key`);
  }
  return accepted({ keys });
}

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock, silentLogger } from "@voltfog/runtime";
import fc from "fast-check";
import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type LoginConfig, loginSettings } from "./login-settings.ts";
import { Logins, parseKeySet } from "./logins.ts";

const issuer = "https://login.example";
const clock = new ManualClock(1_700_000_000_000);
const now_s = 1_700_000_000;
const good = { sub: "ada", voltfog_role: "fleet-engineer", voltfog_fleet: "north" };

let folder: string;
let path: string;
let pair: Awaited<ReturnType<typeof generateKeyPair>>;
let key: JWK;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "logins-"));
  path = join(folder, "keys.json");
  pair = await generateKeyPair("ES256", { extractable: true });
  key = { ...(await exportJWK(pair.publicKey)), kid: "one", alg: "ES256" };
  writeFileSync(path, JSON.stringify({ keys: [key] }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const config = (changes: Partial<LoginConfig> = {}): LoginConfig => ({
  ...{ oidcIssuer: issuer, oidcAudience: "voltfog", oidcJwks: path },
  ...{ oidcRoleClaim: "voltfog_role", oidcFleetClaim: "voltfog_fleet", oidcRoles: [] },
  ...changes,
});

function loginsOf(changes: Partial<LoginConfig> = {}): Logins {
  const settings = loginSettings(config(changes));
  if (settings === undefined) throw new Error("no issuer");
  return new Logins(settings, { clock, logger: silentLogger });
}

function signed(claims: JWTPayload, changes: { iss?: string; aud?: string; exp?: number } = {}) {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: "ES256", kid: "one" })
    .setIssuer(changes.iss ?? issuer)
    .setAudience(changes.aud ?? "voltfog")
    .setExpirationTime(changes.exp ?? now_s + 300)
    .sign(pair.privateKey);
}

test("a login is its subject with role and fleet; every fleet only where the claim says so", async () => {
  const logins = loginsOf({ oidcRoles: ["Werkstatt=fleet-engineer"] });
  const caller = { id: "oidc:ada", role: "fleet-engineer", until_ms: (now_s + 300) * 1000 };
  const of = async (claims: JWTPayload) => logins.callerOf(await signed(claims));
  expect(await of(good)).toEqual({ ok: true, value: { ...caller, fleet: "north" } });
  expect(await of({ ...good, voltfog_fleet: "*" })).toEqual({ ok: true, value: caller });
  const group = { ...good, voltfog_role: ["everybody", "Werkstatt"] };
  expect(await of(group)).toEqual({ ok: true, value: { ...caller, fleet: "north" } });
});

test.each([
  ["no role", { voltfog_role: undefined }],
  ["a role that is none", { voltfog_role: "root" }],
  ["two roles", { voltfog_role: ["driver", "auditor"] }],
  ["no fleet", { voltfog_fleet: undefined }],
  ["a fleet that is none", { voltfog_fleet: "North!" }],
  ["a list of fleets", { voltfog_fleet: ["north"] }],
])("a login with %s is refused", async (_, changes) => {
  const token = await signed(JSON.parse(JSON.stringify({ ...good, ...changes })) as JWTPayload);
  expect(await loginsOf().callerOf(token)).toMatchObject({
    ok: false,
    problem: { code: "LOGIN_WITHOUT_ROLE" },
  });
});

test("another issuer, audience, key, algorithm or subject, or none, is no login", async () => {
  const logins = loginsOf();
  const other = await generateKeyPair("ES256");
  const header = { alg: "ES256", kid: "one" };
  const claims = { ...good, iss: issuer, aud: "voltfog", exp: now_s + 300 };
  const unsigned = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.`;
  // The public key as a shared secret: the old trick against verifiers that believe the header.
  const secret = new TextEncoder().encode(JSON.stringify(key));
  const tokens = [
    await signed(good, { iss: "https://other.example" }),
    await signed(good, { aud: "another" }),
    await signed({ voltfog_role: "auditor", voltfog_fleet: "*" }),
    await new SignJWT(claims).setProtectedHeader(header).sign(other.privateKey),
    await new SignJWT(claims).setProtectedHeader({ alg: "HS256", kid: "one" }).sign(secret),
    unsigned,
    "a.b.c",
    "",
  ];
  for (const token of tokens) {
    expect(await logins.callerOf(token), token).toMatchObject({
      ok: false,
      problem: { code: "TOKEN_INVALID" },
    });
  }
  const late = await signed(good, { exp: now_s - 61 });
  expect(await logins.callerOf(late)).toMatchObject({ problem: { code: "TOKEN_EXPIRED" } });
  expect((await logins.callerOf(await signed(good, { exp: now_s - 59 }))).ok).toBe(true);
});

test("keys come from the issuer's address too, and where that is down nobody is let in", async () => {
  const server: Server = createServer((_, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ keys: [key] }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const jwks = `http://127.0.0.1:${port}/keys`;
  expect((await loginsOf({ oidcJwks: jwks }).callerOf(await signed(good))).ok).toBe(true);
  await new Promise((resolve) => server.close(resolve));
  expect(await loginsOf({ oidcJwks: jwks }).callerOf(await signed(good))).toMatchObject({
    problem: { code: "LOGIN_UNCHECKED" },
  });
});

test.each([
  [{ oidcAudience: "" }],
  [{ oidcJwks: "" }],
  [{ oidcJwks: "http://login.example/keys" }],
  [{ oidcRoles: ["Werkstatt"] }],
  [{ oidcRoles: ["Werkstatt=root"] }],
])("the settings %j do not start", (changes) => {
  expect(() => loginSettings(config(changes))).toThrow(
    expect.objectContaining({ code: "CONFIG_INVALID" }),
  );
});

test("any text gets a verdict as a set of keys, and a private key is refused", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      const parsed = parseKeySet(text);
      if (parsed.ok) expect(parsed.value.keys).toEqual((JSON.parse(text) as { keys: [] }).keys);
    }),
  );
  const leaked = JSON.stringify({ keys: [{ ...key, d: "AAAA" }] });
  expect(parseKeySet(leaked)).toMatchObject({ problem: { code: "OIDC_KEYS_INVALID" } });
});

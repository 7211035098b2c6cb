import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { AuditEntry } from "../access/audit-entry.ts";
import { encodeTokenFile, type TokenRow } from "../access/token-file.ts";
import { startTwoFleets, type TwoFleets, tokenOf, tokenRow } from "../testing/two-fleets.ts";
import type { SessionView } from "./session-routes.ts";

const issuer = "https://login.example";
const rows: readonly TokenRow[] = [
  tokenRow("north", "fleet-engineer", "north"),
  tokenRow("all", "fleet-engineer"),
  tokenRow("driver", "driver"),
  tokenRow("authority", "authority"),
  tokenRow("leaving", "fleet-engineer"),
  { ...tokenRow("late", "driver"), expires_ms: 1 },
  { ...tokenRow("gone", "driver"), revoked_ms: 1 },
];

let folder: string;
let site: TwoFleets;
let pair: Awaited<ReturnType<typeof generateKeyPair>>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "sign-in-"));
  pair = await generateKeyPair("ES256", { extractable: true });
  const key = { ...(await exportJWK(pair.publicKey)), kid: "one", alg: "ES256" };
  writeFileSync(join(folder, "keys.json"), JSON.stringify({ keys: [key] }));
  const oidcJwks = join(folder, "keys.json");
  site = await startTwoFleets({
    tokens: rows,
    settings: { oidcIssuer: issuer, oidcAudience: "voltfog", oidcJwks },
  });
}, 60_000);
afterAll(async () => {
  await site?.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Asked {
  readonly method?: string;
  readonly address?: string;
  readonly cookie?: string | undefined;
  readonly origin?: string | null;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Answer {
  readonly status: number;
  readonly view: SessionView & { readonly code?: string };
  readonly text: string;
  readonly setCookie: string;
  readonly headers: Headers;
}

/** As a browser asks from a page of the site; an origin of null is none. */
async function ask(asked: Asked): Promise<Answer> {
  const { method = "GET", address = "/v1/session", cookie, origin = site.base, body } = asked;
  const response = await fetch(site.base + address, {
    method,
    headers: {
      ...(cookie === undefined ? {} : { cookie }),
      ...(origin === null || method === "GET" ? {} : { origin }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...asked.headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const view = JSON.parse(text || "{}") as Answer["view"];
  const setCookie = response.headers.get("set-cookie") ?? "";
  return { status: response.status, view, text, setCookie, headers: response.headers };
}

function signIn(token: string, asked: Asked = {}): Promise<Answer> {
  return ask({ method: "POST", body: { token }, ...asked });
}

/** The cookie of somebody who signed in with this token. */
async function cookieOf(name: string): Promise<string> {
  const { status, setCookie } = await signIn(tokenOf(name));
  expect(status, name).toBe(200);
  return setCookie.split(";")[0] ?? "";
}

async function audited(caller: string): Promise<readonly AuditEntry[]> {
  const headers = { authorization: `Bearer ${tokenOf("authority")}` };
  const { text } = await ask({ address: `/v1/audit?caller=${caller}&limit=500`, headers });
  return (JSON.parse(text) as AuditEntry[]).filter(({ route }) => route === "/v1/session");
}

test("a token becomes a session that is its holder everywhere, until it is signed out", async () => {
  const begun = await signIn(` ${tokenOf("all")}\n`);
  expect(begun.status).toBe(200);
  expect(begun.view).toMatchObject({ signedIn: true, ended: null, issuer });
  expect(begun.view.caller).toEqual({ id: "all", role: "fleet-engineer", fleet: null });
  expect(begun.setCookie).toMatch(
    /^voltfog_session_\d+=[0-9a-f]{64}; Path=\/v1; Max-Age=43200; HttpOnly; SameSite=Strict$/,
  );
  expect(begun.text).not.toContain("vf_");
  const cookie = begun.setCookie.split(";")[0];
  const found = await ask({ cookie });
  expect(found.view).toMatchObject({ signedIn: true, caller: { id: "all" } });
  expect(found.view.expires_ms).toBe(begun.view.expires_ms);
  expect((await ask({ cookie, address: "/v1/vehicles" })).status).toBe(200);
  const table = await ask({ cookie, address: "/v1/units" });
  expect(table.status).toBe(200);
  const out = await ask({ method: "DELETE", cookie });
  expect(out.view).toMatchObject({ signedIn: false, caller: null });
  expect(out.setCookie).toContain("Max-Age=0");
  const after = await ask({ cookie, address: "/v1/vehicles" });
  expect([after.status, after.view.code]).toEqual([401, "SESSION_ENDED"]);
  expect((await ask({ cookie })).view.ended).toMatchObject({ code: "SESSION_ENDED" });
  const noted = await audited("all");
  expect(noted.map(({ method, granted }) => [method, granted])).toEqual([
    ["DELETE", true],
    ["POST", true],
  ]);
});

test("what somebody may call is said, and nothing more can be called", async () => {
  const cookie = await cookieOf("driver");
  const { view } = await ask({ cookie });
  expect(view.may).toContain("/v1/blocks");
  expect(view.may).not.toContain("/v1/vehicles");
  expect(view.refused.find(({ route }) => route === "/v1/vehicles")).toEqual({
    route: "/v1/vehicles",
    roles: ["operator", "fleet-engineer", "manufacturer", "authority"],
    wholeSite: false,
  });
  expect((await ask({ cookie, address: "/v1/blocks" })).status).toBe(200);
  const refused = await ask({ cookie, address: "/v1/vehicles" });
  expect([refused.status, refused.view.code]).toEqual([403, "ROLE_REFUSED"]);
  expect(refused.text).toContain("fleet-engineer");
  const nobody = await ask({});
  expect(nobody.view).toMatchObject({ caller: null, signedIn: false, ended: null });
  expect(nobody.view.may).toContain("/v1/chargers");
  expect(nobody.view.may).not.toContain("/v1/blocks");
});

test("a session of one fleet is told nothing of another's", async () => {
  await vi.waitFor(async () => {
    const headers = { authorization: `Bearer ${tokenOf("all")}` };
    const { text } = await ask({ address: "/v1/vehicles", headers });
    expect(JSON.parse(text)).toHaveLength(2);
  }, 20_000);
  const cookie = await cookieOf("north");
  const { text } = await ask({ cookie, address: "/v1/vehicles" });
  expect(text).toContain("car-1");
  expect(text).not.toContain("car-2");
  for (const address of ["/v1/vehicles/car-2", `/v1/events/${site.events[1]}`]) {
    expect((await ask({ cookie, address })).status, address).toBe(404);
  }
  expect((await ask({ cookie, address: "/v1/units" })).view.code).toBe("ROLE_REFUSED");
  // Whoever sends a token as well is that, and not who the browser is signed in as.
  const headers = { authorization: `Bearer ${tokenOf("all")}` };
  expect((await ask({ cookie, address: "/v1/vehicles/car-2", headers })).status).toBe(200);
});

test.each([
  ["a page of another port", "http://127.0.0.1:9"],
  ["another site", "https://evil.example"],
  ["a page without an origin", "null"],
  ["what is no browser", null],
])("%s changes nothing in somebody's name", async (_, origin) => {
  const cookie = await cookieOf("all");
  const order = { vehicleId: "car-1", work: "inspection", reason: "looks odd" };
  const address = "/v1/maintenance/work-orders";
  const asked: readonly Asked[] = [
    { method: "POST", address, body: order, cookie, origin },
    { method: "POST", body: { token: tokenOf("driver") }, origin },
    { method: "DELETE", cookie, origin },
  ];
  for (const one of asked) {
    const { status, view, setCookie } = await ask(one);
    expect([status, view.code, setCookie], one.address).toEqual([403, "ORIGIN_REFUSED", ""]);
  }
  expect((await ask({ cookie })).view.signedIn).toBe(true);
  await ask({ method: "DELETE", cookie });
});

test("a token that is taken away ends its sessions and their live feeds, and is told from a mistyped one", async () => {
  const cookie = await cookieOf("leaving");
  expect((await ask({ cookie, address: "/v1/blocks" })).status).toBe(200);
  const feed = await fetch(`${site.base}/v1/live`, { headers: { cookie } });
  expect(feed.status).toBe(200);
  const revoked = rows.map((row) => (row.id === "leaving" ? { ...row, revoked_ms: 5 } : row));
  writeFileSync(join(site.folder, "tokens.json"), encodeTokenFile(revoked));
  await vi.waitFor(async () => {
    const refused = await ask({ cookie, address: "/v1/blocks" });
    expect([refused.status, refused.view.code]).toEqual([401, "TOKEN_REVOKED"]);
  }, 20_000);
  expect((await ask({ cookie })).view).toMatchObject({
    caller: null,
    ended: { code: "TOKEN_REVOKED" },
  });
  // The feed comes to its end by itself, and says why.
  expect(await feed.text()).toContain('"reason":"token-ended"');
}, 90_000);

test("a login signs in for as long as it holds", async () => {
  const until_s = Math.floor(Date.now() / 1000) + 600;
  const login = (claims: object, end_s: number): Promise<string> =>
    new SignJWT({ sub: "ada", ...claims })
      .setProtectedHeader({ alg: "ES256", kid: "one" })
      .setIssuer(issuer)
      .setAudience("voltfog")
      .setExpirationTime(end_s)
      .sign(pair.privateKey);
  const named = { voltfog_role: "auditor", voltfog_fleet: "*" };
  const { view, setCookie } = await signIn(await login(named, until_s));
  expect(view.caller).toEqual({ id: "oidc:ada", role: "auditor", fleet: null });
  expect(view.expires_ms).toBe(until_s * 1000);
  const cookie = setCookie.split(";")[0];
  expect((await ask({ cookie, address: "/v1/units" })).status).toBe(200);
  const roleless = await signIn(await login({}, until_s));
  expect([roleless.status, roleless.view.code]).toEqual([403, "LOGIN_WITHOUT_ROLE"]);
  expect((await audited("oidc:ada")).length).toBe(1);
});

test("over TLS the cookie stays there, also where a proxy ends it", async () => {
  const headers = { "sec-fetch-site": "same-origin" };
  const { setCookie } = await signIn(tokenOf("driver"), {
    origin: "https://site.example",
    headers,
  });
  expect(setCookie).toMatch(/; Secure$/);
});

test("a new sign-in takes the place of the browser's session", async () => {
  const cookie = await cookieOf("driver");
  const { setCookie } = await signIn(tokenOf("north"), { cookie });
  expect((await ask({ cookie })).view.signedIn).toBe(false);
  expect((await ask({ cookie: setCookie.split(";")[0] })).view.caller?.id).toBe("north");
});

test("no cookie, body or origin gets more than a refusal with a code", async () => {
  const hostile = fc.oneof(
    fc.constantFrom("", "0", "null", "__proto__", "vf_", `vf_${"0".repeat(64)}`, "a.b.c", "🔋"),
    fc.string({ unit: "grapheme", maxLength: 50 }),
    fc.string({ maxLength: 9000 }),
  );
  const body = fc.oneof(hostile, fc.jsonValue(), fc.record({ token: fc.anything() }));
  const headerText = fc.stringMatching(/^[!-~]{0,40}$/);
  const methods = fc.constantFrom("GET", "POST", "DELETE", "PUT");
  await fc.assert(
    fc.asyncProperty(methods, body, headerText, headerText, async (method, sent, one, two) => {
      const port = new URL(site.base).port;
      const { status, view } = await ask({
        method,
        cookie: `voltfog_session_${port}=${one}; ${two}`,
        ...(method === "POST" ? { body: sent ?? null } : {}),
        ...(one.length % 2 === 0 ? {} : { origin: two }),
      });
      expect(view.code, `${method} ${status}`).not.toBe("INTERNAL");
      if (status !== 200) expect(view.code).toMatch(/^[A-Z_]+$/);
      else expect(view.signedIn).toBe(false);
    }),
    { numRuns: 120 },
  );
}, 120_000);

/** Last: whoever floods from this machine's address waits, the tests of this file with them. */
test("what is wrong with a token is said, and whoever tries many waits", async () => {
  const codes: Readonly<Record<string, string>> = {
    [tokenOf("late")]: "TOKEN_EXPIRED",
    [tokenOf("gone")]: "TOKEN_REVOKED",
    [tokenOf("nobody")]: "TOKEN_INVALID",
    "what is this": "TOKEN_INVALID",
  };
  for (const [token, code] of Object.entries(codes)) {
    await vi.waitFor(
      async () => {
        const { status, view, setCookie } = await signIn(token);
        expect([status, view.code, setCookie]).toEqual([401, code, ""]);
      },
      { timeout: 30_000, interval: 500 },
    );
  }
  let last: Answer | undefined;
  for (let tried = 0; tried < 60 && last?.status !== 429; tried++) {
    last = await signIn(tokenOf("nobody"));
  }
  expect([last?.status, last?.view.code]).toEqual([429, "SIGN_IN_BUSY"]);
  expect(Number(last?.headers.get("retry-after"))).toBeGreaterThan(0);
  const noted = await audited("unknown");
  expect(noted.length).toBeGreaterThan(0);
  expect(noted.length, "repeats are counted").toBeLessThan(5);
  expect(noted.every(({ granted, role }) => !granted && role === "none")).toBe(true);
}, 90_000);

import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LogFields } from "@voltfog/runtime";
import { silentLogger } from "@voltfog/runtime";
import { systemClock } from "@voltfog/runtime/node";
import { fastify } from "fastify";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createGate } from "../access/gate.ts";
import { encodeTokenFile, type TokenRole, type TokenRow } from "../access/token-file.ts";
import { type Cloud, runCloud } from "../cloud.ts";
import { type CloudConfig, cloudConfig } from "../config.ts";
import { createSite } from "../testing/fake-chain.ts";
import { writeCloudIdentity } from "../testing/test-certificates.ts";
import { guardRoutes } from "./route-guard.ts";
import { accessOf } from "./route-roles.ts";

let folder: string;
let path: string;
let cloud: Cloud;
const warned: [string, LogFields | undefined][] = [];
const logger = {
  ...silentLogger,
  warn: (phrase: string, fields?: LogFields) => void warned.push([phrase, fields]),
};
const far_ms = 8_000_000_000_000;

/** Its text is the id's hash, so that tests can name it. */
function tokenOf(id: string): string {
  return `vf_${createHash("sha256").update(id).digest("hex")}`;
}

function rowOf(id: string, role: TokenRole, changes: Partial<TokenRow> = {}): TokenRow {
  const hash = createHash("sha256").update(tokenOf(id)).digest("hex");
  return { id, hash, role, expires_ms: far_ms, ...changes };
}

const rows = [
  rowOf("engineer", "fleet-engineer"),
  rowOf("driver", "driver"),
  rowOf("expired", "fleet-engineer", { expires_ms: 1 }),
  rowOf("of-one-fleet", "fleet-engineer", { fleet: "north" }),
];

async function configOf(changes: Record<string, unknown>): Promise<CloudConfig> {
  const file = {
    httpPort: 0,
    dataDir: join(folder, "cloud"),
    genesis: join(folder, "genesis.json"),
    webRoot: join(folder, "web"),
    tokens: path,
    ...(await writeCloudIdentity(folder)),
    ...changes,
  };
  const parsed = cloudConfig.parse({ file });
  if (!parsed.ok) throw new Error(parsed.problem.detail);
  return parsed.value;
}

async function ask(
  route: string,
  authorization?: string,
  method = "GET",
): Promise<[number, string | undefined]> {
  const response = await fetch(`http://127.0.0.1:${cloud.ports.http}${route}`, {
    method,
    headers: authorization === undefined ? {} : { authorization },
  });
  const body = (await response.json()) as { code?: string };
  return [response.status, body.code];
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "roles-"));
  path = join(folder, "tokens.json");
  writeFileSync(join(folder, "genesis.json"), createSite().genesis.bytes);
  writeFileSync(path, encodeTokenFile(rows));
  cloud = await runCloud(await configOf({}), { clock: systemClock, logger });
});
afterAll(async () => {
  await cloud.stop();
  rmSync(folder, { recursive: true, force: true });
});

test("a token's role decides, and every refusal has its code", async () => {
  const bearer = (id: string): string => `Bearer ${tokenOf(id)}`;
  expect(await ask("/v1/vehicles", bearer("engineer"))).toEqual([200, undefined]);
  expect(await ask("/v1/blocks", bearer("driver"))).toEqual([200, undefined]);
  expect(await ask("/v1/vehicles", bearer("driver"))).toEqual([403, "ROLE_REFUSED"]);
  expect(await ask("/v1/units", bearer("of-one-fleet"))).toEqual([403, "ROLE_REFUSED"]);
  expect(await ask("/v1/blocks", bearer("of-one-fleet"))).toEqual([200, undefined]);
  expect(await ask("/v1/vehicles", bearer("expired"))).toEqual([401, "TOKEN_EXPIRED"]);
  expect(await ask("/v1/vehicles", bearer("nobody"))).toEqual([401, "TOKEN_INVALID"]);
  expect(await ask("/v1/vehicles", "Basic abc")).toEqual([401, "TOKEN_INVALID"]);
  expect(await ask("/v1/vehicles")).toEqual([401, "TOKEN_MISSING"]);
  expect(warned).toContainEqual([
    "access refused",
    { code: "ROLE_REFUSED", token: "driver", role: "driver", method: "GET", route: "/v1/vehicles" },
  ]);
  expect(JSON.stringify(warned)).not.toContain(tokenOf("driver"));
});

test("health, description, genesis and chargers need no token; every other described route has one asked", async () => {
  expect((await fetch(`http://127.0.0.1:${cloud.ports.http}/health`)).status).toBe(200);
  expect((await ask("/v1/genesis"))[0]).toBe(200);
  const response = await fetch(`http://127.0.0.1:${cloud.ports.http}/openapi.json`);
  const { paths, components } = (await response.json()) as {
    paths: Record<string, object>;
    components: { securitySchemes: object };
  };
  expect(components.securitySchemes).toMatchObject({ token: { type: "http", scheme: "bearer" } });
  const closed = Object.keys(paths).filter((route) => {
    const access = accessOf(route.replaceAll(/\{(\w+)\}/g, ":$1"));
    return access !== undefined && access.roles !== "public";
  });
  expect(closed.length).toBe(Object.keys(paths).length - 15);
  for (const route of closed) {
    const path = route.replace("{height}", "1").replace("{sequence}", "1");
    for (const method of Object.keys(paths[route] ?? {})) {
      const refusal = await ask(path.replaceAll(/\{\w+\}/g, "x"), undefined, method.toUpperCase());
      expect(refusal, route).toEqual([401, "TOKEN_MISSING"]);
    }
  }
});

test("a route without a row cannot be registered", async () => {
  const app = fastify();
  const gate = await createGate(await configOf({ dataDir: join(folder, "other") }), {
    clock: systemClock,
    logger,
  });
  guardRoutes(app, gate);
  expect(() => app.get("/v1/forgotten", () => "x")).toThrow("/v1/forgotten has roles");
  await gate.close();
  await app.close();
});

test("a token that is taken out of the file is refused without a restart", async () => {
  const bearer = `Bearer ${tokenOf("engineer")}`;
  writeFileSync(path, encodeTokenFile(rows.slice(1)));
  await vi.waitFor(
    async () => expect(await ask("/v1/vehicles", bearer)).toEqual([401, "TOKEN_INVALID"]),
    { timeout: 5000 },
  );
});

test("where others can reach it, the cloud does not start with a role for anybody", async () => {
  const config = await configOf({ host: "0.0.0.0", anonymousRole: "fleet-engineer" });
  await expect(runCloud(config, { clock: systemClock, logger })).rejects.toMatchObject({
    code: "ANONYMOUS_EXPOSED",
  });
});

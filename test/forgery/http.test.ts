import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually, type RunningSite, startSite, voltfog } from "../system/running-site.ts";
import {
  contentTypes,
  hostileBodies,
  hostileHeaders,
  hostileJson,
  hostileSegments,
  hostileSockets,
  hostileTexts,
  otherMethods,
} from "./hostile-values.ts";
import { type Ask, answerTo, rawAnswer } from "./http-client.ts";
import {
  describedOperations,
  forgottenRoutes,
  listedOperations,
  type Operation,
  soundValue,
} from "./http-operations.ts";

/** Bodies up to this are read; more is refused while it comes. */
const bodyMax_bytes = 1_048_576;
/** Requests under way at one time. */
const atOnce = 16;

let site: RunningSite;
let operations: readonly Operation[];
let pids: string;
/** Of an authority, for what who shows no token may not ask. */
let authority: string;

beforeAll(async () => {
  site = await startSite("--units", "1", "--vehicles", "2", "--log-level", "warn");
  const description: unknown = await (await fetch(`${site.web}/openapi.json`)).json();
  operations = [...listedOperations(), ...describedOperations(description)];
  await eventually("a vehicle's frame in the cloud", async () => {
    const answer = await fetch(`${site.web}/v1/vehicles/vehicle-01`);
    return answer.ok ? true : undefined;
  });
  pids = processIds();
  const asked = ["--role", "authority", "--json", "--data", site.dataDir];
  const { stdout } = await voltfog("token", "create", ...asked);
  authority = `Bearer ${(JSON.parse(stdout) as { token: string }).token}`;
  await eventually("the token to be taken", async () => {
    const headers = { authorization: authority };
    return (await fetch(`${site.web}/v1/audit`, { headers })).ok ? true : undefined;
  });
});

afterAll(async () => {
  await site?.stop();
});

test("no route of any process is missing from the list, and every process is on it", () => {
  expect(forgottenRoutes()).toEqual([]);
  expect(operations.filter(({ role }) => role === "cloud").length).toBeGreaterThan(20);
  const roles = new Set(operations.map(({ role }) => role));
  expect([...roles].sort()).toEqual(["cloud", "controller", "edge", "rsu", "validator"]);
});

test("each operation answers a sound request, so that hostile ones reach its handler", async () => {
  const unanswered = await faultsOf(
    operations.map((operation) => sound(operation)),
    // Bytes that are no transaction, a log, result or event that is not there are refused too, and so is who
    // asks for a session from no page of the site.
    (status, code) =>
      status < 300 ||
      ([404, 409, 422].includes(status) && code !== "NOT_FOUND") ||
      code === "ORIGIN_REFUSED",
  );
  expect(unanswered).toEqual([]);
});

describe("every operation of every process answers below 500, or 503 with a code,", () => {
  test("for hostile values in its path", async () => {
    const asks = operations.flatMap((operation) =>
      parametersOf(operation).flatMap((name) =>
        [...hostileTexts.map(encodeURIComponent), ...hostileSegments].map((value) =>
          sound(operation, { path: { [name]: value } }),
        ),
      ),
    );
    expect(asks.length).toBeGreaterThan(500);
    expect(await faultsOf(asks)).toEqual([]);
  });

  test("for hostile values in its query, once and twice, and parameters that it does not have", async () => {
    const asks = operations.flatMap((operation) =>
      [...operation.query, "__proto__", "constructor", "a[b]"].flatMap((name) =>
        hostileTexts.map((text, i) => {
          const pair = `${encodeURIComponent(name)}=${encodeURIComponent(text)}`;
          return sound(operation, { query: i % 3 === 0 ? `${pair}&${pair}` : pair });
        }),
      ),
    );
    expect(asks.length).toBeGreaterThan(5000);
    expect(await faultsOf(asks)).toEqual([]);
  });

  test("for hostile fields in its body", async () => {
    const withJson = operations.filter(
      ({ body }) => body !== undefined && !(body instanceof Uint8Array),
    );
    const asks = withJson.flatMap((operation) =>
      variantsOf(operation.body).map((body) => ({
        ...sound(operation),
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      })),
    );
    expect(withJson.length).toBeGreaterThanOrEqual(3);
    expect(asks.length).toBeGreaterThan(200);
    expect(await faultsOf(asks)).toEqual([]);
  });

  test("for bodies that are not what their type says, by any method", async () => {
    const asks = operations.flatMap((operation) =>
      [...new Set([operation.method, "POST"])]
        .filter((method) => method !== "GET")
        .flatMap((method) =>
          hostileBodies.flatMap((body, i) =>
            contentTypes
              .filter((_, at) => operation.body !== undefined || at === i % contentTypes.length)
              .map((type) => ({
                ...sound(operation),
                method,
                headers: type === undefined ? {} : { "content-type": type },
                body,
              })),
          ),
        ),
    );
    expect(await faultsOf(asks)).toEqual([]);
  });

  test("for bodies beyond every limit", async () => {
    const asks = operations
      .filter(({ body }) => body !== undefined)
      .flatMap((operation) =>
        ["application/json", "application/octet-stream"].map((type) => ({
          ...sound(operation),
          headers: { "content-type": type },
          body: new Uint8Array(8 * bodyMax_bytes),
        })),
      );
    expect(asks.length).toBeGreaterThanOrEqual(8);
    // The connection may be cut under who sends on after the refusal; then only the cut is seen.
    expect(
      await faultsOf(asks, (status) => status === 0 || status === 413 || status === 415),
    ).toEqual([]);
  });

  test("for other methods and hostile headers", async () => {
    const asks = operations.flatMap((operation) => [
      ...otherMethods
        .filter((method) => method !== operation.method)
        .map((method) => ({ ...sound(operation), method })),
      ...hostileHeaders.map((headers) => ({
        ...sound(operation),
        headers: { ...sound(operation).headers, ...headers },
      })),
    ]);
    expect(await faultsOf(asks)).toEqual([]);
  });
});

test("bytes that are no request, or one with two meanings, get at most a refusal", async () => {
  const faults: string[] = [];
  const sides = new Map(operations.map(({ role, as }) => [`${role} ${as}`, { role, as }]));
  for (const [name, side] of sides) {
    for (const bytes of hostileSockets) {
      const answer = await rawAnswer(site, side, bytes);
      // 501 and 505 are the protocol's words for a method or version that nobody speaks.
      if (/^HTTP\/1\.1 5(?!0[15])/.test(answer)) faults.push(`${name}: ${bytes.slice(0, 40)}`);
    }
  }
  expect(sides.size).toBeGreaterThanOrEqual(9);
  expect(faults).toEqual([]);
});

test("after all of it every process lives, is the same one as before, and works", async () => {
  expect(processIds()).toBe(pids);
  for (const { role, ports } of site.processes) {
    const health = await fetch(`http://127.0.0.1:${ports["http"]}/health`);
    expect([role, health.status]).toEqual([role, 200]);
  }
  const before = await framesOf("vehicle-01");
  await eventually("new frames of the vehicle", async () =>
    (await framesOf("vehicle-01")) > before ? true : undefined,
  );
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});

/** What up.json says: the supervisor writes a new pid when it had to start a process again. */
function processIds(): string {
  const up = JSON.parse(readFileSync(join(site.dataDir, "up.json"), "utf8")) as {
    processes: readonly { id: string; pid: number }[];
  };
  return up.processes.map(({ id, pid }) => `${id} ${pid}`).join(", ");
}

async function framesOf(vehicle: string): Promise<number> {
  const answer = await fetch(`${site.web}/v1/vehicles/${vehicle}`);
  const { frames } = (await answer.json()) as { frames: Record<string, number> };
  return Object.values(frames).reduce((sum, n) => sum + n, 0);
}

function parametersOf({ path }: Operation): readonly string[] {
  return [...path.matchAll(/\{([^}]+)\}/g)].map(([, name = ""]) => name);
}

/** Parameters without which a route answers nothing. */
const neededQueries: Readonly<Record<string, string>> = {
  "/v1/proofs/frame": "vehicle=vehicle-01&sequence=1",
  "/v1/function-states": "vehicles=vehicle-01",
  "/v1/logs/checkpoints": "log=unit-1",
  "/v1/logs/growth": "log=unit-1",
  "/v1/logs/cosignatures": "log=unit-1",
  "/v1/find": "text=1",
  "/v1/market/accounts": "handle=a-test",
  "/v1/market/notifications": `key=${"00".repeat(32)}`,
  "/v1/market/trades/{id}/directions": "from=2.35,48.86",
  "/v1/market/charge-points": "operator=north",
  "/v1/market/wear": "vehicle=vehicle-01",
  "/v1/settlement/cdrs": "day=2026-01-01",
  "/v1/settlement/reports": "by=day",
};

/** A good request of the operation, with some of it replaced. */
function sound(
  operation: Operation,
  changes: { path?: Readonly<Record<string, string>>; query?: string } = {},
): Ask {
  const { role, as, method, body } = operation;
  const value = (name: string): string =>
    changes.path?.[name] ?? soundValue(operation, name, site.dataDir);
  const path = operation.path.replace(/\{([^}]+)\}/g, (_, name: string) => value(name));
  const needed = method === "GET" ? neededQueries[operation.path] : undefined;
  const query = changes.query ?? operation.needs ?? needed ?? "";
  const target = query === "" ? path : `${path}?${query}`;
  if (operation.path === "/v1/audit") {
    return { role, as, method, target, headers: { authorization: authority } };
  }
  if (body === undefined) return { role, as, method, target };
  return body instanceof Uint8Array
    ? { role, as, method, target, headers: { "content-type": "application/octet-stream" }, body }
    : {
        ...{ role, as, method, target, headers: { "content-type": "application/json" } },
        body: JSON.stringify(body),
      };
}

/** The same value with each place in it replaced by each hostile one, left out, or joined by another. */
function variantsOf(value: unknown): readonly unknown[] {
  const here = [...hostileJson];
  if (Array.isArray(value)) {
    const inner = variantsOf(value[0]).map((one) => [one]);
    return [...here, ...inner, Array.from({ length: 5000 }, () => value[0])];
  }
  if (typeof value !== "object" || value === null) return here;
  const fields = Object.entries(value);
  const inner = fields.flatMap(([key, field]) => [
    ...variantsOf(field).map((one) => ({ ...value, [key]: one })),
    Object.fromEntries(fields.filter(([other]) => other !== key)),
  ]);
  return [...here, ...inner, { ...value, further: 1 }];
}

type Allowed = (status: number, code: unknown) => boolean;

/** What was answered otherwise than allowed; each fault with its request. */
async function faultsOf(
  asks: readonly Ask[],
  allowed: Allowed = (status) => status > 0 && status < 500,
): Promise<readonly string[]> {
  const faults: string[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let ask = asks[next++]; ask !== undefined; ask = asks[next++]) {
      const fault = await faultOf(ask, allowed);
      if (fault !== undefined) faults.push(fault);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return faults;
}

async function faultOf(ask: Ask, allowed: Allowed): Promise<string | undefined> {
  const { role, method, target } = ask;
  const { status, text } = await answerTo(site, ask);
  const told = `${role}: ${method} ${target.slice(0, 120)} ${String(ask.body ?? "").slice(0, 60)}`;
  // The answer to HEAD has no body that a code could stand in.
  const hasCode = method === "HEAD" || typeof codeIn(text) === "string";
  if (status === 503 && hasCode) return undefined;
  if (!allowed(status, codeIn(text))) return `${told}: ${status} ${text.slice(0, 200)}`;
  if (/node_modules|\n {4}at /.test(text)) return `${told}: shows a stack: ${text.slice(0, 200)}`;
  return undefined;
}

function codeIn(text: string): unknown {
  try {
    const { code, missing } = JSON.parse(text) as { code?: unknown; missing?: unknown };
    return Array.isArray(missing) ? "NOT_READY" : code;
  } catch {
    return undefined;
  }
}

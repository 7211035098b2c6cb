import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { AuditEntry } from "../access/audit-entry.ts";
import { telemetry } from "../testing/test-vehicle.ts";
import { startTwoFleets, type TwoFleets, tokenOf, tokenRow } from "../testing/two-fleets.ts";
import { accessOf, guardedRoutes } from "./route-roles.ts";

/** A role that may read most of what is told of vehicles, and one for the rest. */
const readers = ["fleet-engineer", "auditor"] as const;
const rows = readers.flatMap((role) => [
  tokenRow(`north-${role}`, role, "north"),
  tokenRow(`south-${role}`, role, "south"),
]);

let site: TwoFleets;
let alerts: Names;
let orders: Names;

beforeAll(async () => {
  site = await startTwoFleets({
    tokens: [...rows, tokenRow("all", "fleet-engineer"), tokenRow("authority", "authority")],
  });
  await vi.waitFor(
    async () => {
      const cars = await ask("all", { method: "GET", address: "/v1/vehicles" });
      expect(cars.text.match(/"finality":"final"/g)).toHaveLength(2);
      const ranking = await ask("all", { method: "GET", address: "/v1/maintenance/ranking" });
      expect(ranking.text).toContain("car-1");
      expect(ranking.text).toContain("car-2");
      alerts = { north: await alertOf("car-1"), south: await alertOf("car-2"), nobody: "999" };
    },
    { timeout: 20_000, interval: 50 },
  );
  orders = { north: await orderOf("car-1"), south: await orderOf("car-2"), nobody: "999" };
}, 60_000);
afterAll(() => site?.close());

async function orderOf(vehicleId: string): Promise<string> {
  const body = { vehicleId, work: "inspection", reason: "looks odd" };
  const address = "/v1/maintenance/work-orders";
  const { text } = await ask("all", { method: "POST", address, body });
  return String((JSON.parse(text) as { id: number }).id);
}

async function alertOf(vehicleId: string): Promise<string> {
  const { text } = await ask("all", { method: "GET", address: `/v1/alerts?vehicle=${vehicleId}` });
  const [alert] = JSON.parse(text) as { id: number }[];
  if (alert === undefined) throw new Error(`${vehicleId} has no alert yet`);
  return String(alert.id);
}

interface Request {
  readonly method: string;
  readonly address: string;
  readonly body?: unknown;
}

async function ask(token: string, request: Request): Promise<{ status: number; text: string }> {
  const { method, address, body } = request;
  const response = await fetch(site.base + address, {
    method,
    headers: {
      authorization: `Bearer ${tokenOf(token)}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, text: await response.text() };
}

/** What a thing of one kind is called that is of north, of south, and of nobody. */
interface Names {
  readonly north: string;
  readonly south: string;
  readonly nobody: string;
}

/** By the part of the path before the parameter, so that a route with another kind of id fails below. */
function namesOf(path: string, parameter: string): Names {
  if (parameter === "sequence") return { north: "1", south: "1", nobody: "1" };
  const kind = path.split("/")[path.split("/").indexOf(`{${parameter}}`) - 1];
  const [north, south] = site.events;
  const known: Readonly<Record<string, Names>> = {
    vehicles: { north: "car-1", south: "car-2", nobody: "car-9" },
    alerts,
    "work-orders": orders,
    events: { north, south, nobody: "0f".repeat(32) },
    blocks: { north: "1", south: "1", nobody: "1" },
  };
  const names = known[kind ?? ""];
  if (names === undefined) throw new Error(`say here what ${path} calls things of a fleet`);
  return names;
}

interface Operation {
  /** The body that the description gives as an example. */
  readonly example: Readonly<Record<string, unknown>> | undefined;
  readonly method: string;
  readonly path: string;
  readonly route: string;
}

interface Described {
  readonly requestBody?: {
    readonly content: { readonly "application/json": { readonly example: Operation["example"] } };
  };
}

/** Every operation that the API describes, of a route that is not open to anybody. */
async function operations(): Promise<readonly Operation[]> {
  const { text } = await ask("all", { method: "GET", address: "/openapi.json" });
  const { paths } = JSON.parse(text) as { paths: Record<string, Record<string, Described>> };
  return Object.entries(paths).flatMap(([path, methods]) => {
    const route = path.replaceAll(/\{(\w+)\}/g, ":$1");
    const access = accessOf(route);
    if (access === undefined || access.roles === "public") return [];
    return Object.entries(methods).map(([method, { requestBody }]) => {
      const example = requestBody?.content["application/json"].example;
      return { method: method.toUpperCase(), path, route, example };
    });
  });
}

/** The token of a fleet that may call the route. */
function tokenFor(fleet: string, route: string): string {
  const roles = accessOf(route)?.roles ?? [];
  const reader = readers.find((role) => roles.includes(role));
  if (reader === undefined) throw new Error(`give a token of this test a role of ${route}`);
  return `${fleet}-${reader}`;
}

/** The requests of an operation that name one thing each: in the path, in the query or in the body. */
function requestsOf(operation: Operation, whose: keyof Names): readonly Request[] {
  const { method, path, route, example } = operation;
  const place = accessOf(route)?.vehicleIn ?? [];
  const address = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => namesOf(path, name)[whose]);
  const vehicle = { north: "car-1", south: "car-2", nobody: "car-9" }[whose];
  if (method === "GET" && place.includes("query.vehicle"))
    return [{ method, address: `${address}?vehicle=${vehicle}` }];
  const body = example === undefined ? {} : { body: example };
  if (place.includes("body.vehicleId")) {
    return [{ method, address, body: { ...example, vehicleId: vehicle } }];
  }
  return path.includes("{") ? [{ method, address, ...body }] : [];
}

/** What must not reach fleet north: names of south's things, wherever they stand. */
function southIn(text: string): readonly string[] {
  return ["car-2", site.events[1]].filter((secret) => text.includes(secret));
}

test("every route has a row, every row a route, and each is one of those that are tried here", async () => {
  const tried = new Set((await operations()).map(({ route }) => route));
  const closed = guardedRoutes().filter((route) => accessOf(route)?.roles !== "public");
  expect([...tried].sort()).toEqual([...closed].sort());
  expect(tried.size).toBeGreaterThanOrEqual(18);
});

test("whatever is named of another fleet is answered exactly as what does not exist, and recorded", async () => {
  let tried = 0;
  const accesses: (readonly [string, string, boolean])[] = [];
  for (const operation of await operations()) {
    if (accessOf(operation.route)?.fleet !== "own" || operation.route === "/v1/live") continue;
    const north = tokenFor("north", operation.route);
    const south = tokenFor("south", operation.route);
    const others = requestsOf(operation, "nobody");
    for (const [at, request] of requestsOf(operation, "south").entries()) {
      const label = `${request.method} ${request.address}`;
      const mine = await ask(south, request);
      expect(mine.status, `${label} of its own: ${mine.text}`).toBeLessThan(300);
      const hidden = await ask(north, request);
      const unknown = await ask(north, others[at] ?? request);
      expect(hidden.status, label).toBe(404);
      expect(blanked(hidden.text), label).toBe(blanked(unknown.text));
      expect(unknown.status, label).toBe(404);
      accesses.push([south, operation.route, true], [north, operation.route, false]);
      tried += 1;
    }
  }
  expect(tried).toBeGreaterThanOrEqual(9);
  const address = "/v1/audit?vehicle=car-2&limit=500";
  const { text } = await ask("authority", { method: "GET", address });
  const written = (JSON.parse(text) as AuditEntry[])
    .filter(({ vehicleId }) => vehicleId === "car-2")
    .map(({ caller, route, granted }) => [caller, route, granted]);
  for (const access of accesses) expect(written).toContainEqual(access);
});

/** An answer without the name that was asked for. */
function blanked(text: string): string {
  return text.replace("car-2", "X").replace("car-9", "X");
}

test("lists and figures tell a fleet of its own vehicles alone", async () => {
  let tried = 0;
  for (const { method, path, route } of await operations()) {
    if (method !== "GET" || path.includes("{") || route === "/v1/live") continue;
    const fleet = accessOf(route)?.fleet;
    const token = tokenFor("north", route);
    const needed: Readonly<Record<string, string>> = {
      "/v1/find": "?text=unit-1",
      "/v1/market/notifications": `?key=${"00".repeat(32)}`,
      "/v1/market/charge-points": "?operator=north",
      "/v1/market/wear": "?vehicle=car-1",
      "/v1/settlement/cdrs": "?day=2026-01-01",
      "/v1/settlement/reports": "?by=day",
    };
    const asked = path.startsWith("/v1/logs/") ? "?log=unit-1" : (needed[path] ?? "");
    const { status, text } = await ask(token, { method, address: path + asked });
    if (fleet === "refused") {
      expect([status, JSON.parse(text).code], path).toEqual([403, "ROLE_REFUSED"]);
    } else {
      expect(status, `${path}: ${text}`).toBe(200);
      expect(southIn(text), path).toEqual([]);
      tried += 1;
    }
  }
  expect(tried).toBeGreaterThanOrEqual(5);
  const summary = await ask("north-fleet-engineer", { method: "GET", address: "/v1/summary" });
  expect(JSON.parse(summary.text)).toMatchObject({ vehicles: 1, events: 1, samples: 10 });
  const all = await ask("all", { method: "GET", address: "/v1/summary" });
  expect(JSON.parse(all.text)).toMatchObject({ vehicles: 2, events: 2, samples: 20 });
});

test("the live feed tells a fleet of its own vehicles alone, as they are at that moment", async () => {
  const stop = new AbortController();
  const response = await fetch(`${site.base}/v1/live`, {
    headers: { authorization: `Bearer ${tokenOf("north-fleet-engineer")}` },
    signal: stop.signal,
  });
  const reader = response.body?.getReader();
  let text = "";
  const until = async (found: () => boolean): Promise<void> => {
    while (!found() && reader !== undefined) {
      text += new TextDecoder().decode((await reader.read()).value);
    }
  };
  const [north, south] = site.cars;
  const now_ms = Date.now();
  site.unit.accept(south.cut(telemetry(now_ms)));
  site.unit.accept(north.cut(telemetry(now_ms)));
  site.unit.record({ vehicleId: "car-2" });
  site.unit.record({ vehicleId: "car-1" });
  await until(() => text.includes('"type":"vehicle"') && text.includes('"type":"event"'));
  expect(text).toContain('"vehicles":1');
  expect(text).toContain("car-1");
  expect(southIn(text)).toEqual([]);
  stop.abort();
  const hidden = await ask("north-fleet-engineer", {
    method: "GET",
    address: "/v1/live?vehicle=car-2",
  });
  expect(hidden.status).toBe(404);
});

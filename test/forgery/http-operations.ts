import { readFileSync } from "node:fs";
import { join } from "node:path";
import { sourceFiles } from "../structure/source-files.ts";

/** One route of one process, with a request that it answers well. */
export interface Operation {
  readonly role: string;
  /** Whose certificate is shown on the backbone; undefined asks the plain side. */
  readonly as: string | undefined;
  readonly method: string;
  /** With parameters in braces. */
  readonly path: string;
  /** Names of its query's parameters. */
  readonly query: readonly string[];
  /** A query without which it answers nothing. */
  readonly needs?: string;
  /** Body of a good request; a JSON value, or bytes. */
  readonly body?: unknown;
}

const everywhere = ["/health", "/ready", "/metrics"];

const hour_ms = 3_600_000;

const commands = "/v1/vehicles/{id}/commands";
const chain: readonly Route[] = [
  get("/v1/status"),
  get("/v1/blocks", "from", "limit", "wait_ms"),
  get("/v1/blocks/{height}"),
  get("/v1/results/{index}/proof"),
  { ...get("/v1/results/{index}/path", "size"), needs: "size=1" },
  get("/v1/state/{name}/proof"),
  get("/v1/evidence", "results", "names"),
  get("/v1/logs/{logId}"),
  get("/v1/logs/{logId}/checkpoint"),
  get("/v1/cosigner"),
  get("/v1/nonces/{key}"),
  get("/v1/transactions/{hash}", "wait_ms"),
  get("/v1/changes"),
];

type Route = Omit<Operation, "role" | "as">;

/**
 * What the processes serve that give no description of themselves, the plain side first, then the
 * backbone by who asks. The cloud describes its own.
 */
const listed: Readonly<
  Record<string, readonly (readonly [string | undefined, readonly Route[]])[]>
> = {
  rsu: [
    [undefined, [get("/v1/status"), get("/checkpoint"), get("/tile/{*}")]],
    [
      "cloud",
      [
        get("/v1/logs"),
        get("/v1/entries", "log", "from", "limit", "wait_ms"),
        send("POST", "/v1/notices", {
          ...{ id: "a-test", vehicleId: "vehicle-01", state: "asserted", level: 1 },
          ...{ value: 1, limit: 1, unit: "", at_ms: 0, sentence: "a test" },
          frame: { stream: "telemetry", sequence: 1, commitment: "00".repeat(32) },
        }),
      ],
    ],
    [
      "operator",
      [
        get("/v1/status"),
        get("/v1/events", "from", "limit", "wait_ms"),
        get("/v1/proofs/frame", "vehicle", "stream", "sequence"),
        get("/v1/proofs/event/{id}"),
        get("/v1/chargers", "after", "wait_ms"),
        get(commands),
        send("POST", commands, { kind: "limit-charge-current", value: 100 }),
      ],
    ],
    [
      "controller",
      [
        get("/v1/heartbeat", "term", "controller"),
        send("PUT", "/v1/assignment", {
          version: 1,
          functions: [{ id: "thermal-alert", vehicles: ["vehicle-01"] }],
        }),
        get("/v1/function-states", "vehicles"),
        get("/v1/policies"),
        send("PUT", "/v1/policies", {
          ...{ term: 0, controllerId: "controller", version: 0 },
          ...{ limits: [], quarantine: [], deny: [] },
        }),
        send("POST", "/v1/policies/orders", {
          ...{ id: "v1-1700000000000", at_ms: 1_700_000_000_000, who: "operator" },
          ...{ action: "deny", subject: "192.0.2.0/24", why: "a test" },
        }),
      ],
    ],
  ],
  validator: [
    [undefined, [...chain, send("POST", "/v1/transactions", new Uint8Array(200))]],
    ["operator", chain],
  ],
  controller: [
    [
      undefined,
      [
        ...[get("/v1/topology"), get("/v1/placements"), get("/v1/policies")],
        get("/v1/placements/history", "limit"),
      ],
    ],
    [
      "operator",
      [
        ...[get("/v1/topology"), get("/v1/placements"), get("/v1/policies")],
        get("/v1/placements/history", "limit"),
        send("POST", "/v1/what-if", { down: ["unit-1"], vehicles: 3, slower: { "unit-1": 2 } }),
        send("POST", "/v1/policies/quarantine", { address: "192.0.2.1", why: "a test" }),
        remove("/v1/policies/quarantine/{id}", { why: "a test" }),
        send("PUT", "/v1/policies/limits/{id}", { rate_bytes: 1_000_000, why: "a test" }),
        remove("/v1/policies/limits/{id}", { why: "a test" }),
        send("PUT", "/v1/policies/deny", { address: "192.0.2.0/24", why: "a test" }),
        remove("/v1/policies/deny", { address: "192.0.2.0/24", why: "a test" }),
      ],
    ],
    [
      "fleet",
      [
        get("/v1/attachments/{vehicleId}"),
        send("POST", "/v1/latencies", {
          vehicleId: "vehicle-01",
          latencies: [{ unitId: "unit-1", latency_ms: 2 }],
        }),
      ],
    ],
  ],
  edge: [[undefined, [get("/v1/status"), get("/v1/vehicles/{vehicle}/twin")]]],
};

/** Sources whose routes the list must hold, by role. */
const sources: Readonly<Record<string, RegExp>> = {
  rsu: /^fog-rsu\/src\/(http|control)\//,
  validator: /^fog-rsu\/src\/validator\//,
  controller: /^sdn-controller\/src\//,
  edge: /^edge-agent\/src\//,
};

function get(path: string, ...query: string[]): Route {
  return { method: "GET", path, query };
}

function send(method: string, path: string, body: unknown): Route {
  return { method, path, query: [], body };
}

function remove(path: string, query: Readonly<Record<string, string>>): Route {
  const needs = new URLSearchParams(query).toString();
  return { method: "DELETE", path, query: Object.keys(query), needs };
}

/** Every operation of every process but the cloud. */
export function listedOperations(): readonly Operation[] {
  return Object.entries(listed).flatMap(([role, sides]) => [
    ...everywhere.map((path) => ({ role, as: undefined, ...get(path) })),
    ...sides.flatMap(([as, routes]) => routes.map((route) => ({ role, as, ...route }))),
  ]);
}

interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
}

interface Described {
  readonly requestBody?: {
    readonly content?: Readonly<Record<string, { readonly example?: unknown }>>;
  };
  readonly parameters?: readonly { readonly in: string; readonly name: string }[];
}

/** Every operation that the cloud's own description names. */
export function describedOperations(description: unknown): readonly Operation[] {
  const { paths } = description as Description;
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody }]) => ({
      role: "cloud",
      as: undefined,
      method: method.toUpperCase(),
      path,
      query: parameters.filter((one) => one.in === "query").map(({ name }) => name),
      ...exampleOf(requestBody),
    })),
  );
}

/** The body that the description gives as an example. */
function exampleOf(body: Described["requestBody"]): Pick<Operation, "body"> {
  if (body?.content?.["application/octet-stream"] !== undefined) {
    return { body: new Uint8Array(200) };
  }
  const example = body?.content?.["application/json"]?.example;
  return example === undefined ? {} : { body: example };
}

/** Routes in the sources that the list does not hold, so that a new one is not forgotten. */
export function forgottenRoutes(): readonly string[] {
  const registered = /\bapp\s*\.(get|post|put|patch|delete)\s*(?:<[\s\S]*?>)?\(\s*"([^"]+)"/g;
  return sourceFiles().flatMap(({ path: file, text }) => {
    const [role = ""] = Object.entries(sources).find(([, place]) => place.test(file)) ?? [];
    const known = (listed[role] ?? []).flatMap(([, routes]) =>
      routes.map(({ method, path }) => `${method} ${path}`),
    );
    if (role === "") return [];
    return [...text.matchAll(registered)]
      .map(([, method = "", path = ""]) => `${method.toUpperCase()} ${braced(path)}`)
      .filter((operation) => !known.includes(operation))
      .map((operation) => `${file}: ${operation}`);
  });
}

/** "/v1/vehicles/:id" as "/v1/vehicles/{id}". */
function braced(path: string): string {
  return path.replace(/:([A-Za-z]+)/g, "{$1}").replace("/*", "/{*}");
}

/** A value in the right form, and of something that exists where that is known beforehand. */
export function soundValue(operation: Operation, name: string, dataDir: string): string {
  const now_ms = Date.now();
  const known: Readonly<Record<string, string>> = {
    driver: "0123456789abcdef",
    ...{ controller: "controller", term: "1" },
    ...{ id: "vehicle-01", vehicle: "vehicle-01", vehicleId: "vehicle-01", vehicles: "vehicle-01" },
    ...{ sequence: "1", height: "1", index: "0", from: "1", before: "10", limit: "5" },
    ...{ stream: "telemetry", points: "10", wait_ms: "0", class: "thermal-alert", results: "0" },
    ...{ from_ms: `${now_ms - hour_ms}`, to_ms: `${now_ms}`, at_ms: `${now_ms}` },
    ...{ last_ms: "60000", "*": "0/000" },
    ...{ hash: "00".repeat(32), log: "unit-1", text: "unit-1", module: "events" },
    ...{ sender: "unit-1", refused: "false" },
    ...{ side: "sell", handle: "a-test", operator: "north", day: "2026-01-01", after: "0" },
    ...{ logId: "00".repeat(32), name: encodeURIComponent(`nonce/${"00".repeat(32)}`) },
  };
  if (name === "key") return unitKey(dataDir);
  if (name === "id" && operation.path.includes("market")) return "00".repeat(16);
  if (name === "sessionId") return "00".repeat(16);
  if (name === "by") return "day";
  if (name === "from" && operation.path.includes("directions")) return "2.35,48.86";
  if (name === "id" && operation.path.includes("charger")) return "FR*V75*E9001*01";
  if (name === "id" && operation.path.includes("event")) return "00".repeat(32);
  if (name === "id" && /alerts|work-orders/.test(operation.path)) return "1";
  return known[name] ?? "1";
}

function unitKey(dataDir: string): string {
  const genesis = JSON.parse(readFileSync(join(dataDir, "genesis.json"), "utf8")) as {
    units: readonly { key: string }[];
  };
  return genesis.units[0]?.key ?? "";
}

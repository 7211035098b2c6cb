import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger, toHex, utf8 } from "@voltfog/runtime";
import { systemClock } from "@voltfog/runtime/node";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { encodeTokenFile } from "./access/token-file.ts";
import type {
  BlockView,
  CellCourseView,
  EventView,
  FrameView,
  ResidualsView,
  UnitView,
  VehicleView,
} from "./api/responses.ts";
import { type Cloud, runCloud } from "./cloud.ts";
import { type CloudConfig, cloudConfig } from "./config.ts";
import type { StepView } from "./control/step-view.ts";
import { createSite, FakeChain, type TestSite } from "./testing/fake-chain.ts";
import { listen } from "./testing/fake-remote.ts";
import { type FakeUnit, ok } from "./testing/fake-unit.ts";
import { processIdentity, writeCloudIdentity } from "./testing/test-certificates.ts";
import { telemetry } from "./testing/test-vehicle.ts";
import { tokenOf, tokenRow } from "./testing/two-fleets.ts";

let folder: string;
let site: TestSite;
let unit: FakeUnit;
let chain: FakeChain;
let cloud: Cloud;
let base: string;
let eventId: string;
const closing: (() => Promise<void>)[] = [];

/** Who keeps the site asks as an authority; everything else is asked without a token. */
function headersFor(path: string): Record<string, string> {
  return path.startsWith("/v1/audit") ? { authorization: `Bearer ${tokenOf("authority")}` } : {};
}

async function get(path: string): Promise<{ status: number; headers: Headers; text: string }> {
  const response = await fetch(base + path, { headers: headersFor(path) });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

async function getJson<T>(path: string): Promise<T> {
  const { status, text } = await get(path);
  expect(status, `${path}: ${text}`).toBe(200);
  return JSON.parse(text) as T;
}

async function configOf(changes: Record<string, unknown>): Promise<CloudConfig> {
  const parsed = cloudConfig.parse({
    file: {
      httpPort: 0,
      dataDir: join(folder, "cloud"),
      genesis: join(folder, "genesis.json"),
      webRoot: join(folder, "web"),
      ...(await writeCloudIdentity(folder)),
      longPoll_ms: 100,
      anonymousRole: "fleet-engineer",
      tokens: join(folder, "tokens.json"),
      ...changes,
    },
  });
  if (!parsed.ok) throw new Error(parsed.problem.detail);
  return parsed.value;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "cloud-"));
  site = createSite();
  chain = new FakeChain(site);
  const [firstUnit] = site.units;
  const [firstCar] = site.vehicles;
  if (firstUnit === undefined || firstCar === undefined) throw new Error("the site is empty");
  unit = firstUnit;
  writeFileSync(join(folder, "genesis.json"), site.genesis.bytes);
  writeFileSync(join(folder, "tokens.json"), encodeTokenFile([tokenRow("authority", "authority")]));
  const devices = site.vehicles.map(({ id, signer }) => ({
    id,
    key: toHex(signer.publicKey),
    salt: "00".repeat(16),
  }));
  writeFileSync(join(folder, "enrolled.json"), JSON.stringify(devices));
  const start_ms = Date.now() - 60_000;
  for (let i = 0; i < 3; i++) unit.accept(firstCar.cut(telemetry(start_ms + 10_000 * i)));
  const event = unit.record({ vehicleId: "car-1" });
  eventId = event.id;
  chain.submitCheckpoint(unit, 2).submitEvent(unit, event).finalise();
  unit.bundles.set("/v1/proofs/frame?vehicle=car-1&stream=telemetry&sequence=1", ok(utf8("proof")));
  const addresses = await Promise.all([
    ...site.units.map(async (one) => listen(one, await processIdentity(one.id, "unit"))),
    listen(chain, await processIdentity("validator-1", "validator")),
  ]);
  closing.push(...addresses.map(({ close }) => close));
  const [one, two, validator] = addresses.map(({ url }) => url);
  cloud = await runCloud(
    await configOf({
      units: [`unit-1@${one}`, `unit-2@${two}`],
      validators: [`validator-1@${validator}`],
      vehicles: join(folder, "enrolled.json"),
      controllerUrl: "https://127.0.0.1:9",
      liveClientsMax: 3,
    }),
    { clock: systemClock, logger: silentLogger },
  );
  base = `http://127.0.0.1:${cloud.ports.http}`;
  await vi.waitFor(
    async () => {
      const [car] = await getJson<VehicleView[]>("/v1/vehicles");
      const units = await getJson<UnitView[]>("/v1/units");
      expect(car?.frames).toEqual({ logged: 3, final: 2 });
      expect(car?.alerts[0]?.finality).toBe("final");
      expect(units[0]?.reachable).toBe(true);
    },
    { timeout: 10_000, interval: 50 },
  );
});

afterAll(async () => {
  await cloud.stop();
  for (const close of closing) await close();
  rmSync(folder, { recursive: true, force: true });
});

describe("the cloud process", () => {
  test("the fleet shows the newest sample, where it is from, its alert and what is final", async () => {
    const [car] = await getJson<VehicleView[]>("/v1/vehicles");
    expect(car).toMatchObject({
      id: "car-1",
      origin: "replayed",
      source: "LG HG2 US06 25 degC",
      unitId: "unit-1",
      soc: 0.62,
      packVoltage_V: 355.2,
      packCurrent_A: -12.5,
      cellMin_mV: 3650,
      cellMinIndex: 17,
      cellMax_mV: 3720,
      cellMaxIndex: 40,
      temperatureMin_degC: 20,
      temperatureMax_degC: 22.3,
      temperatureMaxIndex: 23,
      samples: { logged: 30, final: 20 },
      gaps: 0,
      socEstimate: {
        value: 0.6,
        low: 0.58,
        high: 0.62,
        estimator: "coulomb-counter",
        version: "1",
      },
    });
    expect(car?.alerts[0]).toMatchObject({ eventId, class: "thermal-alert", level: 2 });
  });

  test("the parts of a vehicle's page answer from the same frames", async () => {
    const frames = await getJson<FrameView[]>("/v1/vehicles/car-1/frames?limit=2");
    expect(frames.map(({ sequence, finality }) => [sequence, finality])).toEqual([
      [3, "logged"],
      [2, "final"],
    ]);
    const history = await getJson<{ buckets: { samples: number }[] }>(
      "/v1/vehicles/car-1/history?last_ms=300000&points=300",
    );
    expect(history.buckets.reduce((sum, { samples }) => sum + samples, 0)).toBe(30);
    const cells = await getJson<{ cellVoltage_mV: number[]; temperature_degC: number[] }>(
      "/v1/vehicles/car-1/cells",
    );
    expect([cells.cellVoltage_mV.length, cells.cellVoltage_mV[17]]).toEqual([96, 3650]);
    expect(cells.temperature_degC.slice(0, 3)).toEqual([20, 20.1, 20.2]);
    const course = await getJson<CellCourseView>(
      "/v1/vehicles/car-1/cells/history?last_ms=300000&points=60",
    );
    const there = course.samples.filter((sample) => sample !== null);
    // Half a minute of samples, in parts of five seconds.
    expect(course.samples).toHaveLength(60);
    expect([6, 7]).toContain(there.length);
    expect(there.every(({ cellVoltage_mV }) => cellVoltage_mV[17] === 3650)).toBe(true);
    expect(there.at(-1)).toMatchObject({ sequence: 3 });
    const residuals = await getJson<ResidualsView>(
      "/v1/vehicles/car-1/residuals?last_ms=120000&points=24",
    );
    // The filters settle in the first twenty of thirty seconds; two cells stand apart from the others.
    expect(residuals).toMatchObject({ readings: 30, isShortened: false, cell: "LG HG2 scaled" });
    const parts = residuals.parts.filter((part) => part !== null);
    expect([2, 3]).toContain(parts.length);
    expect(parts.every(({ farthestCell }) => [17, 40].includes(farthestCell))).toBe(true);
    const refused = await get("/v1/vehicles/car-1/residuals?points=1");
    expect([refused.status, JSON.parse(refused.text).code]).toEqual([400, "INVALID_PARAMETER"]);
    const [event] = await getJson<EventView[]>("/v1/events?vehicle=car-1&class=thermal-alert");
    expect(event).toMatchObject({ id: eventId, finality: "final", finalHeight: 1 });
  });

  test("units and validators show what they say and what was verified here", async () => {
    const [first, second] = await getJson<UnitView[]>("/v1/units");
    expect(first).toMatchObject({
      id: "unit-1",
      organisation: "north",
      cursor: 3,
      logSize: 3,
      finalSize: 2,
      finalHeight: 1,
      lag: 0,
      intake: "following",
      incident: null,
      vehicles: ["car-1"],
      refusals: { SIGNATURE_INVALID: 3 },
    });
    expect(first?.functions).toEqual([
      { id: "thermal-alert", version: "1", vehicles: 1, health: "running" },
    ]);
    expect(second).toMatchObject({ cursor: 0, finalSize: 0 });
    const validators = await getJson<{ id: string; signedLately: number }[]>("/v1/validators");
    expect(validators.map(({ id, signedLately }) => [id, signedLately])).toEqual([
      ["validator-1", 1],
      ["validator-2", 1],
      ["validator-3", 1],
      ["validator-4", 0],
    ]);
  });

  test("a block tells what each of its transactions did", async () => {
    const [block] = await getJson<BlockView[]>("/v1/blocks");
    expect(block).toMatchObject({ height: 1, transactions: 2, checkpoints: 1, events: 1 });
    const detail = await getJson<{ results: { sentence: string; sender: string }[] }>(
      "/v1/blocks/1",
    );
    expect(detail.results.map(({ sentence }) => sentence)).toEqual([
      "The first 2 entries of unit-1's log became final.",
      "thermal-alert of level 2 was asserted.",
    ]);
    expect(detail.results[0]?.sender).toBe("unit-1");
  });

  test("the genesis file comes byte for byte", async () => {
    const response = await fetch(`${base}/v1/genesis`);
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(site.genesis.bytes);
  });

  test("a bundle comes from the unit that holds it, with the unit's own refusal where there is none", async () => {
    const bundle = await get("/v1/vehicles/car-1/frames/1/bundle?stream=telemetry");
    expect([bundle.status, bundle.text]).toEqual([200, "proof"]);
    expect(bundle.headers.get("content-type")).toBe("application/octet-stream");
    const notFinal = await get("/v1/vehicles/car-1/frames/3/bundle?stream=telemetry");
    expect([notFinal.status, JSON.parse(notFinal.text).code]).toEqual([404, "NOT_FINAL"]);
    const unknown = await get("/v1/vehicles/car-1/frames/9/bundle?stream=telemetry");
    expect([unknown.status, JSON.parse(unknown.text).code]).toEqual([404, "UNKNOWN_FRAME"]);
    const event = await get(`/v1/events/${eventId}/bundle`);
    expect([event.status, JSON.parse(event.text).code]).toEqual([404, "NOT_FINAL"]);
  });

  test("a controller that does not answer is a refusal with a code, not a failure", async () => {
    const { status, text } = await get("/v1/placements");
    expect([status, JSON.parse(text).code]).toEqual([503, "CONTROLLER_UNREACHABLE"]);
  });

  test("an event is followed step by step, by what is known here alone", async () => {
    const steps = await getJson<StepView[]>(`/v1/events/${eventId}/steps`);
    expect(steps.map(({ step, known }) => `${step} ${known}`)).toEqual([
      ...["collect true", "process false", "select false", "deploy true"],
      ...["record true", "verify true", "run true", "adapt false"],
    ]);
    expect(steps[1]?.sentence).toContain("is not stored here");
    expect(steps[5]).toMatchObject({ where: { height: 1 }, clock: "cloud" });
    expect(steps[5]?.where.transaction, "of the block's own results").toMatch(/^[0-9a-f]{64}$/);
    expect(steps[2]?.sentence).toContain("the controller does not answer");
  });

  test("the summary counts what the store holds", async () => {
    expect(await getJson("/v1/summary")).toMatchObject({
      chain: "test",
      vehicles: 1,
      openAlerts: 1,
      samples: 30,
      samplesFinal: 20,
      framesLogged: 3,
      framesFinal: 2,
      height: 1,
      units: 2,
      validators: 4,
      origins: [{ origin: "replayed", source: "LG HG2 US06 25 degC", vehicles: 1 }],
      incidents: [],
    });
  });

  test("a restart shows the same fleet before any neighbour answers", async () => {
    const before = await getJson<VehicleView[]>("/v1/vehicles");
    await cloud.stop();
    cloud = await runCloud(await configOf({ units: ["unit-1@https://127.0.0.1:9"] }), {
      clock: systemClock,
      logger: silentLogger,
    });
    base = `http://127.0.0.1:${cloud.ports.http}`;
    const [car] = await getJson<VehicleView[]>("/v1/vehicles");
    expect(car).toEqual({ ...before[0], socEstimate: null });
    const [restored] = await getJson<UnitView[]>("/v1/units");
    expect(restored).toMatchObject({ cursor: 3, finalSize: 2, reachable: false });
    const { status, text } = await get("/v1/vehicles/car-1/frames/1/bundle?stream=telemetry");
    expect([status, JSON.parse(text).code]).toEqual([503, "UNIT_UNREACHABLE"]);
  });
});

describe("the live feed over HTTP", () => {
  test("it begins with a summary and refuses one client too many", async () => {
    await cloud.stop();
    cloud = await runCloud(await configOf({ liveClientsMax: 1 }), {
      clock: systemClock,
      logger: silentLogger,
    });
    base = `http://127.0.0.1:${cloud.ports.http}`;
    const stop = new AbortController();
    const response = await fetch(`${base}/v1/live`, { signal: stop.signal });
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    const reader = response.body?.getReader();
    let text = "";
    while (!text.includes("\ndata: ") && reader !== undefined) {
      text += new TextDecoder().decode((await reader.read()).value);
    }
    expect(text).toContain('"type":"summary"');
    const second = await get("/v1/live");
    expect([second.status, JSON.parse(second.text).code]).toEqual([503, "LIVE_FULL"]);
    // Who asks only for the head is no listener: it would hold a place and never get an answer.
    expect((await fetch(`${base}/v1/live`, { method: "HEAD" })).status).toBe(404);
    stop.abort();
    await vi.waitFor(async () => {
      const again = new AbortController();
      const third = await fetch(`${base}/v1/live`, { signal: again.signal });
      again.abort();
      expect(third.status).toBe(200);
    });
  });

  test("the process stops with listeners connected", async () => {
    const port = cloud.ports.http;
    const socket = connect(port, "127.0.0.1");
    socket.write("GET /v1/live HTTP/1.1\r\nhost: x\r\n\r\n");
    await new Promise((resolve) => socket.once("data", resolve));
    const ended = new Promise((resolve) => socket.once("close", resolve));
    await cloud.stop();
    await ended;
    cloud = await runCloud(await configOf({}), { clock: systemClock, logger: silentLogger });
    base = `http://127.0.0.1:${cloud.ports.http}`;
  });
});

interface OpenApi {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
}

interface Operation {
  summary?: string;
  description?: string;
  parameters?: { name: string; in: string; required?: boolean; schema: object }[];
  responses: Record<string, { description: string; content?: Record<string, { schema: object }> }>;
}

function hostileValue(): fc.Arbitrary<string> {
  return fc.oneof(
    fc.constantFrom("", "0", "-1", "1e309", "9007199254740993", "NaN", "null", "true", "[]", "{}"),
    fc.constantFrom("' or 1=1 --", "'; drop table entries; --", "../../etc/passwd", "\u0000"),
    fc.constantFrom("__proto__", "constructor", "a".repeat(4000), "ÿ", "💥", "telemetry", "car-1"),
    fc.string({ unit: "grapheme" }),
    fc.double().map(String),
    fc.integer().map(String),
  );
}

/** The route with its parameters in path and query, in order. */
function addressOf(route: { path: string; names: string[] }, values: readonly string[]): string {
  let { path } = route;
  const query = new URLSearchParams();
  for (const [at, name] of route.names.entries()) {
    const value = values[at] ?? "";
    if (!path.includes(`{${name}}`)) query.append(name, value);
    else path = path.replace(`{${name}}`, encodeURIComponent(value) || "x");
  }
  return `${path}?${query}`;
}

const nothingThere = [
  // No unit of this site follows chargers, and it has no controller.
  /^\/v1\/(placements$|chargers|control)/,
  // No day has ended here.
  /\/health$/,
  // Nobody opened an account here, so none, its contracts, sessions or trades are found.
  /\/market\/(accounts|contracts\/|sessions\/|trades\/)/,
  /\/settlement\/receipts/,
];

describe("the description at /openapi.json", () => {
  test("every route is in it with a summary, a description and its answers", async () => {
    const description = await getJson<OpenApi>("/openapi.json");
    expect(description.openapi).toBe("3.1.0");
    expect(Object.keys(description.paths).sort()).toEqual([
      "/health",
      "/metrics",
      "/openapi.json",
      "/ready",
      "/v1/alerts",
      "/v1/alerts/{id}",
      "/v1/alerts/{id}/acknowledge",
      "/v1/audit",
      "/v1/blocks",
      "/v1/blocks/{height}",
      "/v1/chain",
      "/v1/changes",
      "/v1/chargers",
      "/v1/chargers/{id}",
      "/v1/control/history",
      "/v1/control/placements",
      "/v1/control/policies",
      "/v1/control/topology",
      "/v1/control/what-if",
      "/v1/destinations/{driver}",
      "/v1/epochs",
      "/v1/events",
      "/v1/events/{id}",
      "/v1/events/{id}/bundle",
      "/v1/events/{id}/steps",
      "/v1/find",
      "/v1/fleet/trends",
      "/v1/genesis",
      "/v1/incidents",
      "/v1/links",
      "/v1/live",
      "/v1/logs",
      "/v1/logs/checkpoints",
      "/v1/logs/cosignatures",
      "/v1/logs/growth",
      "/v1/maintenance/plan",
      "/v1/maintenance/ranking",
      "/v1/maintenance/runbook",
      "/v1/maintenance/work-orders",
      "/v1/maintenance/work-orders/{id}/outcome",
      "/v1/market/accounts",
      "/v1/market/accounts/{key}",
      "/v1/market/beans",
      "/v1/market/charge-points",
      "/v1/market/contracts",
      "/v1/market/contracts/{id}",
      "/v1/market/deposits",
      "/v1/market/disputes",
      "/v1/market/meeting-points",
      "/v1/market/notifications",
      "/v1/market/orders",
      "/v1/market/overview",
      "/v1/market/piles",
      "/v1/market/sessions",
      "/v1/market/sessions/{id}",
      "/v1/market/trades",
      "/v1/market/trades/{id}",
      "/v1/market/trades/{id}/directions",
      "/v1/market/transactions",
      "/v1/market/wear",
      "/v1/placements",
      "/v1/recommendations",
      "/v1/session",
      "/v1/settlement/advice",
      "/v1/settlement/cdrs",
      "/v1/settlement/counts",
      "/v1/settlement/days/{day}",
      "/v1/settlement/export",
      "/v1/settlement/meters",
      "/v1/settlement/receipts/{sessionId}",
      "/v1/settlement/reports",
      "/v1/summary",
      "/v1/transactions",
      "/v1/transactions/{hash}",
      "/v1/transactions/{hash}/proof",
      "/v1/units",
      "/v1/validators",
      "/v1/vehicles",
      "/v1/vehicles/{id}",
      "/v1/vehicles/{id}/cells",
      "/v1/vehicles/{id}/cells/history",
      "/v1/vehicles/{id}/frames",
      "/v1/vehicles/{id}/frames/{sequence}/bundle",
      "/v1/vehicles/{id}/health",
      "/v1/vehicles/{id}/history",
      "/v1/vehicles/{id}/report.pdf",
      "/v1/vehicles/{id}/residuals",
    ]);
    for (const [path, operations] of Object.entries(description.paths)) {
      for (const operation of Object.values(operations)) {
        expect(operation.summary, path).toBeTruthy();
        expect(operation.description, path).toBeTruthy();
        const { 200: answer, 202: taken, 204: nothing } = operation.responses;
        expect((answer ?? taken ?? nothing)?.description, path).toBeTruthy();
      }
    }
  });

  test("what the routes answer is exactly what it says", async () => {
    const description = await getJson<OpenApi>("/openapi.json");
    const ajv = new Ajv2020({ strict: false });
    const answered: string[] = [];
    const [transaction] = await getJson<{ hash: string }[]>("/v1/transactions");
    for (const [path, operations] of Object.entries(description.paths)) {
      const schema = operations["get"]?.responses["200"]?.content?.["application/json"]?.schema;
      if (schema === undefined || path === "/v1/genesis") continue;
      const address = path
        .replace("/events/{id}", `/events/${eventId}`)
        .replace("/alerts/{id}", "/alerts/1")
        .replace("{id}", "car-1")
        .replace("{height}", "1")
        .replace("{hash}", transaction?.hash ?? "")
        .replace(/\/logs\/\w+$/, "$&?log=unit-1")
        .replace("/find", "/find?text=unit-1")
        .replace("{day}", "2026-01-01")
        .replace("/cdrs", "/cdrs?day=2026-01-01")
        .replace("/reports", "/reports?by=day")
        .replace("/charge-points", "/charge-points?operator=north")
        .replace("/market/wear", "/market/wear?vehicle=car-1")
        .replace("/notifications", `/notifications?key=${"00".repeat(32)}`);
      if (nothingThere.some((pattern) => pattern.test(address))) continue;
      const validate = ajv.compile(schema);
      expect(
        validate(await getJson(address)),
        `${address}: ${ajv.errorsText(validate.errors)}`,
      ).toBe(true);
      answered.push(address);
    }
    expect(answered.length).toBeGreaterThanOrEqual(13);
  });

  test("no route answers hostile values with a failure of its own", async () => {
    const { paths } = await getJson<OpenApi>("/openapi.json");
    const routes = Object.entries(paths)
      .filter(([path]) => path.startsWith("/v1/") && path !== "/v1/live")
      .map(([path, { get: operation }]) => ({
        path,
        names: (operation?.parameters ?? []).map(({ name }) => name),
      }));
    expect(routes.length).toBeGreaterThanOrEqual(16);
    const request = fc.record({
      route: fc.constantFrom(...routes),
      values: fc.array(hostileValue(), { minLength: 6, maxLength: 6 }),
      extra: fc.constantFrom("", "&x=1", "&limit=1&limit=2", "&__proto__=1", "&limit[]=5"),
    });
    await fc.assert(
      fc.asyncProperty(request, async ({ route, values, extra }) => {
        const address = addressOf(route, values) + extra;
        const response = await fetch(base + address, { headers: headersFor(address) });
        const body = await response.text();
        const code = response.status === 200 ? "none" : (JSON.parse(body) as { code: string }).code;
        expect(code, `${address}: ${response.status} ${body}`).not.toBe("INTERNAL");
        expect([200, 400, 404, 414, 503], address).toContain(response.status);
      }),
      { numRuns: 600 },
    );
  }, 60_000);

  test.each([
    ["/v1/vehicles/car-1/history?points=1", 400, "INVALID_PARAMETER"],
    ["/v1/vehicles/car-1/history?points=2001", 400, "INVALID_PARAMETER"],
    ["/v1/vehicles/car-1/history?from_ms=5&to_ms=5", 400, "INVALID_PARAMETER"],
    ["/v1/vehicles/car-1/history?last_ms=5000&to_ms=5", 400, "INVALID_PARAMETER"],
    ["/v1/vehicles/car-1/history?bucket=5", 400, "INVALID_PARAMETER"],
    ["/v1/vehicles/CAR-1", 400, "INVALID_PARAMETER"],
    ["/v1/vehicles/car-9", 404, "UNKNOWN_VEHICLE"],
    ["/v1/vehicles/car-1/cells?at_ms=1", 404, "NO_SAMPLE"],
    ["/v1/vehicles/car-1/frames?stream=other", 400, "INVALID_PARAMETER"],
    ["/v1/vehicles/car-1/frames/0/bundle", 400, "INVALID_PARAMETER"],
    [`/v1/events/${"0".repeat(64)}`, 404, "UNKNOWN_EVENT"],
    ["/v1/events/xyz", 400, "INVALID_PARAMETER"],
    ["/v1/events?limit=501", 400, "INVALID_PARAMETER"],
    ["/v1/events?limit=Infinity", 400, "INVALID_PARAMETER"],
    ["/v1/events?class=unheard-of", 400, "INVALID_PARAMETER"],
    ["/v1/blocks/0", 400, "INVALID_PARAMETER"],
    ["/v1/blocks/99", 404, "UNKNOWN_BLOCK"],
    ["/v1/units?x=1", 400, "INVALID_PARAMETER"],
    ["/v1/nothing", 404, "NOT_FOUND"],
    ["/v2/vehicles", 404, "NOT_FOUND"],
  ])("%s answers %i %s", async (path, status, code) => {
    const answer = await get(path);
    expect([answer.status, JSON.parse(answer.text).code]).toEqual([status, code]);
  });
});

describe("the pages", () => {
  test("without a build there is a page that says what to do, and the process is not ready", async () => {
    const page = await get("/fleet");
    expect(page.status).toBe(503);
    expect(page.text).toContain("npm run build");
    const ready = await get("/ready");
    expect([ready.status, JSON.parse(ready.text).missing]).toEqual([503, ["web"]]);
  });

  test("a build that appears is served at once, with addresses of the application and kept assets", async () => {
    mkdirSync(join(folder, "web", "assets"), { recursive: true });
    writeFileSync(join(folder, "web", "index.html"), "<!doctype html><title>Voltfog</title>");
    writeFileSync(join(folder, "web", "assets", "app-abc.js"), "export {};");
    for (const path of ["/", "/fleet", "/vehicles/car-1?range=1h"]) {
      const page = await get(path);
      expect([page.status, page.text]).toEqual([200, "<!doctype html><title>Voltfog</title>"]);
      expect(page.headers.get("cache-control")).toBe("no-cache");
      expect(page.headers.get("content-security-policy")).toContain("default-src 'self'");
    }
    const asset = await get("/assets/app-abc.js");
    expect(asset.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    expect((await get("/assets/gone-def.js")).status).toBe(404);
    expect((await get("/ready")).status).toBe(200);
  });

  test.each([
    "/..%2f..%2fgenesis.json",
    "/%2e%2e/genesis.json",
    "/assets/../../genesis.json",
    "/.hidden",
  ])("%s gives nothing from outside the build", async (path) => {
    const { text } = await get(path);
    expect(text).not.toContain("blockInterval_ms");
  });
});

describe("wrong settings", () => {
  test.each([
    [{ units: ["unit-9@https://127.0.0.1:1"] }, "CONFIG_INVALID"],
    [{ units: ["unit-1"] }, "CONFIG_INVALID"],
    [{ units: ["unit-1@https://a", "unit-1@https://b"] }, "CONFIG_INVALID"],
    [{ genesis: "/nowhere/genesis.json" }, "GENESIS_UNREADABLE"],
    [{ vehicles: "/nowhere/enrolled.json" }, "VEHICLES_INVALID"],
  ])("%o stops the start with %s", async (changes, code) => {
    const config = await configOf({ dataDir: join(folder, "other"), ...changes });
    const start = runCloud(config, { clock: systemClock, logger: silentLogger });
    await expect(start).rejects.toMatchObject({ code });
  });

  test("a taken port is said and leaves the store free", async () => {
    const config = await configOf({ dataDir: join(folder, "other"), httpPort: cloud.ports.http });
    const ports = { clock: systemClock, logger: silentLogger };
    await expect(runCloud(config, ports)).rejects.toMatchObject({ code: "PORT_IN_USE" });
    const second = await runCloud({ ...config, httpPort: 0 }, ports);
    await second.stop();
  });
});

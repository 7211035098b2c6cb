import { ManualClock, toHex } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { HealthView } from "../maintenance/health-view.ts";
import { loadFleetHistory } from "../maintenance/load-history.ts";
import type { PlanView, RankingView } from "../maintenance/maintenance-desk.ts";
import type { WorkOrder } from "../maintenance/work-order-store.ts";
import { startTwoFleets, type TwoFleets, tokenOf, tokenRow } from "../testing/two-fleets.ts";

const history = { seed: 1, vehicles: 4, days: 430 };
let site: TwoFleets;

beforeAll(async () => {
  site = await startTwoFleets({
    tokens: [tokenRow("all", "fleet-engineer")],
    // So much that an inspection of the worst pays.
    settings: { failureCost_EUR: 1_000_000 },
    prepare: (dataDir) =>
      loadFleetHistory({
        ...{ dataDir, ...history, clock: new ManualClock(1e12) },
        ...{ onVehicle: () => {}, signal: new AbortController().signal },
      }),
  });
  await vi.waitFor(async () => expect((await get("/v1/vehicles/car-1/health")).status).toBe(200), {
    timeout: 20_000,
    interval: 50,
  });
}, 120_000);
afterAll(() => site?.close());

async function get(path: string, body?: object): Promise<Response> {
  const authorization = `Bearer ${tokenOf("all")}`;
  const sent = {
    method: "POST",
    headers: { authorization, "content-type": "application/json" },
    body: JSON.stringify(body),
  };
  return fetch(site.base + path, body === undefined ? { headers: { authorization } } : sent);
}

async function getJson<T>(path: string, body?: object): Promise<T> {
  const response = await get(path, body);
  const text = await response.text();
  expect(response.status, `${path}: ${text}`).toBe(200);
  return JSON.parse(text) as T;
}

test("what the routes answer is exactly what the description says", async () => {
  const { paths } = await getJson<{
    paths: Record<
      string,
      { get?: { responses: Record<string, { content: Record<string, { schema: object }> }> } }
    >;
  }>("/openapi.json");
  const ajv = new Ajv2020({ strict: false });
  for (const [path, address] of [
    ["/v1/vehicles/{id}/health", "/v1/vehicles/history-0001/health"],
    ["/v1/maintenance/ranking", "/v1/maintenance/ranking"],
    ["/v1/maintenance/plan", "/v1/maintenance/plan"],
    ["/v1/fleet/trends", "/v1/fleet/trends"],
  ] as const) {
    const answer = paths[path]?.get?.responses["200"]?.content["application/json"];
    const validate = ajv.compile(answer?.schema ?? { not: {} });
    expect(validate(await getJson(address)), `${address} ${ajv.errorsText(validate.errors)}`).toBe(
      true,
    );
  }
});

test("a vehicle's health has both versions, reasons that sum up, a forecast and a warranty", async () => {
  const health = await getJson<HealthView>("/v1/vehicles/history-0001/health");
  expect(health.origin).toBe("simulated");
  expect(new Set(health.days.map(({ finality }) => finality))).toEqual(new Set(["none"]));
  const versions = health.days.filter(({ day }) => day === "2024-03-01").map((one) => one.version);
  expect(versions).toEqual(["1", "2"]);
  expect(health.attributions.length).toBeGreaterThan(6);
  for (const { total, from: _f, to: _t, ...parts } of health.attributions) {
    const sum = Object.values(parts).reduce((all, part) => all + part, 0) - 0;
    expect(sum).toBeCloseTo(total, 9);
  }
  expect(health.attributions.some(({ estimator }) => estimator !== 0)).toBe(true);
  expect(health.forecast.length).toBeGreaterThan(10);
  expect(health.warranty?.status).toMatch(/^(kept|at-risk|broken|over)$/);
  const car = await getJson<HealthView>("/v1/vehicles/car-1/health");
  expect(car.days).toMatchObject([{ origin: "replayed", finality: "final", samples: 10 }]);
});

test("a range of days is a range of days, and none is 404", async () => {
  const path = "/v1/vehicles/history-0001/health?from=2024-06-01&to=2024-06-30";
  const { days } = await getJson<HealthView>(path);
  expect([days[0]?.day, days.at(-1)?.day, days.length]).toEqual(["2024-06-01", "2024-06-30", 60]);
  expect((await get("/v1/vehicles/car-9/health")).status).toBe(404);
  expect((await get("/v1/vehicles/car-1/health?from=yesterday")).status).toBe(400);
});

test("tables come as CSV and as Parquet, with the same rows", async () => {
  for (const path of [
    "/v1/vehicles/history-0001/health",
    "/v1/maintenance/ranking",
    "/v1/maintenance/plan",
    "/v1/fleet/trends",
  ]) {
    const csv = await get(`${path}?format=csv`);
    expect(csv.headers.get("content-type")).toContain("text/csv");
    expect(csv.headers.get("content-disposition")).toContain(".csv");
    const lines = (await csv.text()).trim().split("\r\n");
    expect(lines.length, path).toBeGreaterThan(1);
    const parquet = new Uint8Array(await (await get(`${path}?format=parquet`)).arrayBuffer());
    expect(Buffer.from(parquet.slice(0, 4)).toString(), path).toBe("PAR1");
  }
});

test("a report is a PDF whose hash is that of the figures it names, and a vehicle without figures has none", async () => {
  const response = await get("/v1/vehicles/history-0002/report.pdf");
  expect([response.status, response.headers.get("content-type")]).toEqual([200, "application/pdf"]);
  const file = Buffer.from(await response.arrayBuffer()).toString("latin1");
  expect(file.startsWith("%PDF-1.4")).toBe(true);
  expect(file).toContain("(Battery report: history-0002) Tj");
  const said = [...file.matchAll(/\(([^()]*)\) Tj/g)].map(([, text]) => text ?? "");
  const address = said.find((text) => text.includes("format=csv"))?.match(/\/v1\S+/)?.[0] ?? "";
  const csv = new Uint8Array(await (await get(address)).arrayBuffer());
  expect(said).toContain(toHex(nodeCrypto.sha256(csv)));
  expect((await get("/v1/vehicles/nobody/report.pdf")).status).toBe(404);
});

test("an order keeps what was expected; its outcome teaches the ranking, once", async () => {
  const before = await getJson<RankingView>("/v1/maintenance/ranking");
  expect(before.learned).toMatchObject({ factor: 1, precision: null });
  const costs = before.vehicles.map(({ expectedCost_EUR }) => expectedCost_EUR);
  expect(costs).toEqual([...costs].sort((a, b) => b - a));
  const [worst] = before.vehicles;
  const vehicleId = worst?.vehicleId ?? "";
  const order = await getJson<WorkOrder>("/v1/maintenance/work-orders", {
    ...{ vehicleId, work: "inspection", reason: "first of the ranking" },
  });
  expect(order.faultProbability).toBe(worst?.faultProbability.value);
  const { slots } = await getJson<PlanView>("/v1/maintenance/plan");
  expect(slots).toContainEqual(expect.objectContaining({ orderId: order.id, vehicleId }));
  const path = `/v1/maintenance/work-orders/${order.id}/outcome`;
  for (let i = 0; i < 2; i++) {
    expect(await getJson(path, { outcome: "false-alarm" })).toMatchObject({ state: "done" });
  }
  expect((await get(path, { outcome: "fixed" })).status).toBe(409);
  const after = await getJson<RankingView>("/v1/maintenance/ranking");
  expect(after.learned).toMatchObject({ fixed: 0, falseAlarms: 1, precision: { value: 0 } });
  expect(after.learned.factor).toBeCloseTo(4 / (4 + (order.faultProbability ?? 0)), 9);
  const same = after.vehicles.find((one) => one.vehicleId === vehicleId);
  expect(same?.faultProbability.value).toBeLessThan(worst?.faultProbability.value ?? 0);
});

test("work on a vehicle that nobody knows, and for an alert of another, is refused", async () => {
  const body = { vehicleId: "car-9", work: "repair", reason: "x" };
  expect((await get("/v1/maintenance/work-orders", body)).status).toBe(404);
  const other = { ...body, vehicleId: "car-1", alertId: 99_999 };
  expect((await get("/v1/maintenance/work-orders", other)).status).toBe(404);
  expect((await get("/v1/maintenance/work-orders", { ...body, work: "magic" })).status).toBe(400);
});

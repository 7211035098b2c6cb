import { beforeEach, expect, test } from "vitest";
import type { FeedRecord, FeedSnapshot } from "../feeds/charger-feed.ts";
import type { ModelCard } from "../model/model-card.ts";
import { emptyMemory } from "../model/network-frame.ts";
import type { StatusClass } from "../status/status-class.ts";
import { ChargerDesk } from "./charger-desk.ts";
import { ServedModel } from "./served-model.ts";

const hour_ms = 3_600_000;
const classes = ["available", "charging"] as const;
const ids = Array.from({ length: 600 }, (_, i) => `p${i}`);

let desk: ChargerDesk;
let closed: string[];
let asked: { rows: number; width: number }[];

beforeEach(() => {
  desk = new ChargerDesk({ zone_min: 0 });
  closed = [];
  asked = [];
});

function snapshot(hour: number, status: StatusClass): FeedSnapshot {
  const records = ids.map(
    (pointId): FeedRecord => ({
      ...{ pointId, siteId: "s", name: "Quai", latitude: 48.85, longitude: 2.35, status },
      ...{ types: ["type2"], power_kW: 7, price_EURperkWh: 0 },
    }),
  );
  return { at_ms: hour * hour_ms, records };
}

/** A model that always says the same; it knows all points but the last. */
function model(name: string, available: number): ServedModel {
  const traits = { power_kW: 7, outlet: 0, price_EURperkWh: 0 };
  const points = ids.slice(0, -1).map((id) => ({ id, ...traits, groups: [id, "b", "d"] as const }));
  const settings = { classes, halfLives: [1, 2], zone_min: 0, points };
  const { writer } = emptyMemory(settings);
  const card = {
    ...{ version: 1, kind: "lr", network: "n", seed: 1, data: [], ...settings },
    ...{ features: writer.names, trainedFrom_ms: 0, trainedTo_ms: 0 },
    history: { file: "", sha256: "" },
    horizons: [{ horizon_min: "next", persistence: [0, 0] }],
  } as unknown as ModelCard;
  const session = {
    run: async ({ values, rows }: { values: Float32Array; rows: number }) => {
      asked.push({ rows, width: values.length / rows });
      return Float32Array.from({ length: 2 * rows }, (_, i) => (i % 2 ? 1 - available : available));
    },
    close: async () => {
      closed.push(name);
    },
  };
  return new ServedModel({ card, snapshots: [], sessions: [session] });
}

const shares = async () => {
  const { sites, forecast, forecastNote } = await desk.report();
  const plugs = sites[0]?.plugs ?? [];
  return { first: plugs[0]?.shares, last: plugs.at(-1)?.shares, forecast, forecastNote };
};

test("without a model the blend forecasts, and the report says so", async () => {
  desk.observe(snapshot(1, "available"));
  expect(await shares()).toMatchObject({ forecast: "baseline", forecastNote: "" });
});

test("a model forecasts the points that it knows, the blend the others", async () => {
  desk.observe(snapshot(1, "available"));
  await desk.serve(model("one", 0.25));
  const told = await shares();
  expect(told).toMatchObject({ forecast: "model", first: { available: 0.25, charging: 0.75 } });
  expect(told.last?.available).toBeGreaterThan(0.9);
  expect(asked[0]?.rows).toBe(ids.length - 1);
});

test("a new model takes over between two snapshots, and the old one is closed", async () => {
  desk.observe(snapshot(1, "available"));
  await desk.serve(model("old", 0.25));
  await desk.serve(model("new", 0.5));
  expect(closed).toEqual(["old"]);
  expect((await shares()).first).toEqual({ available: 0.5, charging: 0.5 });
  await desk.close();
  expect(closed).toEqual(["old", "new"]);
});

test("a model that is refused changes nothing, and the report says why", async () => {
  desk.observe(snapshot(1, "available"));
  desk.refuse("the registered model is refused (MODEL_MISSING)");
  expect(await shares()).toMatchObject({
    forecast: "baseline",
    forecastNote: "the registered model is refused (MODEL_MISSING)",
  });
});

test("a model that drifts gives way to the blend until it is better again", async () => {
  for (let hour = 0; hour < 5; hour++) desk.observe(snapshot(hour, "available"));
  await desk.serve(model("one", 0.02));
  await desk.report();
  desk.observe(snapshot(5, "available"));
  const told = await shares();
  expect(told.forecast).toBe("baseline");
  expect(told.forecastNote).toContain("the model has drifted");
  expect(told.first?.available).toBeGreaterThan(0.5);
  for (let hour = 6; hour < 13; hour++) {
    await desk.report();
    desk.observe(snapshot(hour, "charging"));
  }
  expect(await shares()).toMatchObject({ forecast: "model", first: { available: 0.02 } });
});

import { describe, expect, it } from "vitest";
import type { FunctionStatus } from "../topology/function-status.ts";
import type { PackReading } from "../topology/pack-reading.ts";
import { type Bundle, BundleBook, type Condition } from "./bundle-book.ts";

const all = [
  ...["thermal-alert", "charge-guard", "state-estimation"],
  ...["charging-control", "temperature-regulation", "cell-balancing"],
];

function offered(id: string, changes: Partial<FunctionStatus> = {}): FunctionStatus {
  return {
    ...{ id, version: "1.0.0", versions: ["1.0.0"], latencyClass: "control" },
    ...{ cpuPerVehicle: 0.001, memoryPerVehicle_MB: 0.5, declares: [], held: [], standby: null },
    ...{ samplesShed: 0, backlog: 0 },
    ...changes,
  };
}

const rate = { name: "rate_Hz", default: 1, min: 0.1, max: 10, unit: "Hz" };

function book(functions: readonly FunctionStatus[] = all.map((id) => offered(id))): BundleBook {
  const made = new BundleBook({ functions: all, dwell_ms: 60_000 });
  made.learn(functions);
  return made;
}

function condition(pack: Partial<PackReading> | undefined, now_ms = 0, backlog = 0): Condition {
  const usual = { temperatureMax_degC: 25, spread_mV: 5, activity: "driving", alerts: 0 } as const;
  const vehicleId = "vehicle-01";
  return {
    vehicleId,
    pack: pack && { vehicleId, at_ms: now_ms, ...usual, ...pack },
    backlogOf: () => backlog,
    now_ms,
  };
}

const ids = ({ functions }: Bundle): readonly string[] => functions.map(({ id }) => id);

describe("BundleBook", () => {
  it("gives a vehicle all functions until something is known of its pack", () => {
    expect(ids(book().review(condition(undefined)))).toEqual(all);
  });

  it("says what the first reading says once there is one, and what an alarm changes", () => {
    const margin = { name: "margin_degC", default: 0, min: 0, max: 10, unit: "degC" };
    const bundles = book([offered("thermal-alert", { declares: [margin] })]);
    const because = (pack: Partial<PackReading> | undefined): string | undefined =>
      bundles.review(condition(pack)).functions[0]?.because;
    expect(because(undefined)).toBe("nothing is known of the pack yet");
    const usual = because({});
    expect(usual).not.toMatch(/nothing is known/);
    expect(because({ alerts: 1 })).toBe(
      `${usual}; margin_degC 3, because an alarm of the pack is open`,
    );
    because({});
    expect(because({ alerts: 2 })).toBe(
      `${usual}; margin_degC 3, because 2 alarms of the pack are open`,
    );
    // Without a reading for a while it stays what it was.
    expect(because(undefined)).toMatch(/^(?!nothing is known)/);
  });

  it("chooses by what the pack does, and says why", () => {
    const bundles = book();
    expect(ids(bundles.review(condition({})))).toEqual(all.slice(0, 3));
    const charging = bundles.review(condition({ activity: "charging" }));
    expect(ids(charging)).toEqual(all.slice(0, 5));
    expect(charging.functions[3]?.because).toBe("the pack is charging");
    const resting = book().review(condition({ activity: "resting", spread_mV: 12 }));
    expect(ids(resting)).toEqual([...all.slice(0, 3), "cell-balancing"]);
    expect(resting.functions[3]?.because).toBe("the pack rests, its cells 12 mV apart");
  });

  it("keeps a function for a while after its condition has ended, so that it does not come and go", () => {
    const bundles = book();
    bundles.review(condition({ activity: "charging" }, 0));
    const soon = bundles.review(condition({}, 59_000));
    expect(ids(soon)).toContain("charging-control");
    expect(ids(bundles.review(condition({}, 60_000)))).not.toContain("charging-control");
  });

  it("a pack is regulated while it is warm or cold, and until it clearly is not", () => {
    const bundles = book();
    const at = (temperatureMax_degC: number, now_ms: number): readonly string[] =>
      ids(bundles.review(condition({ temperatureMax_degC }, now_ms)));
    expect(at(29, 0)).not.toContain("temperature-regulation");
    expect(at(30, 1)).toContain("temperature-regulation");
    expect(at(28, 200_000)).toContain("temperature-regulation");
    expect(at(26, 200_001)).toContain("temperature-regulation");
    expect(at(26, 300_000)).not.toContain("temperature-regulation");
    expect(at(20, 300_001)).toContain("temperature-regulation");
    expect(at(22, 600_000)).toContain("temperature-regulation");
  });

  it("makes a thermal function faster for a warm pack, within what it declares", () => {
    const bundles = book([offered("temperature-regulation", { declares: [rate] })]);
    const regulation = (temperatureMax_degC: number, now_ms: number): unknown =>
      bundles
        .review(condition({ temperatureMax_degC, activity: "charging" }, now_ms))
        .functions.find(({ id }) => id === "temperature-regulation");
    expect(regulation(25, 0)).toMatchObject({ settings: {} });
    expect(regulation(36.2, 1)).toMatchObject({
      settings: { rate_Hz: 10 },
      because: "the pack is charging; rate_Hz 10, because the pack is warm, 36.2 degC",
    });
    expect(regulation(33, 2)).toMatchObject({ settings: { rate_Hz: 10 } });
    expect(regulation(31, 3)).toMatchObject({ settings: {} });
  });

  it("asks less often of a function that is behind, until it has caught up", () => {
    const bundles = book([offered("state-estimation", { declares: [{ ...rate, default: 10 }] })]);
    const settings = (backlog: number): unknown =>
      bundles
        .review(condition({}, 0, backlog))
        .functions.find((one) => one.id === "state-estimation")?.settings;
    expect([1000, 25_000, 5000, 1000].map(settings)).toEqual([
      {},
      { rate_Hz: 1 },
      { rate_Hz: 1 },
      {},
    ]);
  });

  it("leaves what no function declares as it is", () => {
    const warm = book().review(condition({ temperatureMax_degC: 40, alerts: 2 }));
    expect(warm.functions.every(({ settings }) => Object.keys(settings).length === 0)).toBe(true);
  });

  it("adds up what its functions cost, and has the limit of the strictest", () => {
    const bundles = book([
      offered("thermal-alert", { latencyClass: "alert" }),
      offered("state-estimation", { latencyClass: "bulk" }),
    ]);
    expect(bundles.review(condition({}))).toMatchObject({
      cpu: 0.002,
      memory_MB: 1,
      latencyMax_ms: 100,
    });
  });

  it("is the same while readings change nothing", () => {
    const bundles = book();
    const first = bundles.review(condition({ activity: "charging", temperatureMax_degC: 20 }));
    const later = condition({ activity: "charging", temperatureMax_degC: 21 }, 5000);
    expect(bundles.review(later)).toBe(first);
  });
});

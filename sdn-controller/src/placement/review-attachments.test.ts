import { SeededRandom } from "@voltfog/runtime";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Attachment, loadsOf } from "./attachment.ts";
import type { PlacementRules, UnitView } from "./decision-facts.ts";
import { FunctionPlan } from "./place-functions.ts";
import { reviewAttachments } from "./review-attachments.ts";

const rules: PlacementRules = {
  vehiclesPerUnitMax: 10,
  equalLatency_ms: 5,
  moveGain_ms: 20,
  moveGainRatio: 0.1,
  moveSamples: 3,
  moveCooldown_ms: 60_000,
  movesPerRoundMax: 10,
};

function unit(
  id: string,
  options: { alive?: boolean; unknown?: boolean; connected?: string[] } = {},
): UnitView {
  return {
    id,
    alive: options.alive ?? options.unknown !== true,
    unknown: options.unknown ?? false,
    connected: new Set(options.connected),
    holds: () => true,
  };
}

function attachment(vehicleId: string, unitId: string, since_ms = 0): Attachment {
  const facts = { vehicleId, unitId, latency_ms: 100, reason: "test", since_ms };
  return { ...facts, standbyUnitId: null, considered: [] };
}

function rounds(options: {
  count: number;
  attachments: readonly Attachment[];
  units: readonly UnitView[];
  latency_ms: (unitId: string, round: number) => number;
  from_ms?: number;
  changes?: Partial<PlacementRules>;
}): { attachments: readonly Attachment[]; moves: string[] } {
  let { attachments } = options;
  const moves: string[] = [];
  for (let round = 0; round < options.count; round++) {
    const review = reviewAttachments({
      attachments,
      units: options.units,
      latencyOf: ({ unitId }) => options.latency_ms(unitId, round),
      now_ms: (options.from_ms ?? 100_000) + 1000 * round,
      rules: { ...rules, ...options.changes },
    });
    attachments = review.attachments;
    moves.push(...review.moves.map(({ vehicleId }) => vehicleId));
  }
  return { attachments, moves };
}

describe("reviewAttachments", () => {
  const two = [unit("unit-1"), unit("unit-2")];

  it("moves a vehicle at once when its unit is dead", () => {
    const result = rounds({
      count: 1,
      attachments: [attachment("vehicle-01", "unit-1", 99_999)],
      units: [unit("unit-1", { alive: false }), unit("unit-2")],
      latency_ms: () => 1,
    });
    expect(result.attachments[0]).toMatchObject({ unitId: "unit-2", since_ms: 100_000 });
    expect(result.attachments[0]?.reason).toBe(
      "unit-1 is dead; lowest latency (1.0 ms, 0 other vehicles)",
    );
  });

  it("keeps every place and standby while units are unknown, however many rounds that takes", () => {
    const places = [1, 2, 3, 1, 2, 3, 1, 2, 3].map((n, i) => ({
      ...attachment(`vehicle-0${i}`, `unit-${n}`),
      standbyUnitId: `unit-${(n % 3) + 1}`,
    }));
    const units = [
      unit("unit-1"),
      unit("unit-2", { unknown: true }),
      unit("unit-3", { unknown: true }),
    ];
    const result = rounds({ count: 15, attachments: places, units, latency_ms: () => 1 });
    const whereOf = (all: readonly Attachment[]): unknown =>
      all.map(({ vehicleId, unitId, standbyUnitId }) => [vehicleId, unitId, standbyUnitId]);
    expect(whereOf(result.attachments)).toEqual(whereOf(places));
    expect(result.moves).toEqual([]);
  });

  it("a vehicle that went elsewhere while its unit is unknown is served there until it comes back", () => {
    const before = attachment("vehicle-01", "unit-2", 90_000);
    const away = unit("unit-1", { connected: ["vehicle-01"] });
    const facts = { attachments: [before], latency_ms: () => 1, count: 1 };
    const waits = rounds({ ...facts, units: [away, unit("unit-2", { unknown: true })] });
    expect(waits.attachments[0]).toMatchObject({ unitId: "unit-2", from: "unit-1" });
    const up = rounds({ ...facts, ...waits, count: 10, units: [away, unit("unit-2")] });
    expect(up.attachments[0]).toMatchObject({ unitId: "unit-2", from: "unit-1" });
    const back = unit("unit-2", { connected: ["vehicle-01"] });
    const come = rounds({ ...facts, ...up, units: [unit("unit-1"), back] });
    expect(come.attachments[0]).toMatchObject({ unitId: "unit-2" });
    expect(come.attachments[0]?.from).toBeUndefined();
    const dead = rounds({ ...facts, ...waits, units: [away, unit("unit-2", { alive: false })] });
    expect(dead.attachments[0]).toMatchObject({ unitId: "unit-1" });
  });

  it("leaves a vehicle where it is when nobody else can take it", () => {
    const before = attachment("vehicle-01", "unit-1");
    const units = [unit("unit-1", { alive: false })];
    const result = rounds({ count: 5, attachments: [before], units, latency_ms: () => 1 });
    expect(result).toEqual({ attachments: [before], moves: [] });
  });

  it("moves for a large gain only when it has held for three rounds in a row", () => {
    const attachments = [attachment("vehicle-01", "unit-1")];
    const latency_ms = (id: string): number => (id === "unit-1" ? 100 : 10);
    expect(rounds({ count: 2, attachments, units: two, latency_ms }).moves).toEqual([]);
    const decided = rounds({ count: 3, attachments, units: two, latency_ms });
    expect(decided.moves).toEqual([]);
    expect(decided.attachments[0]).toMatchObject({ unitId: "unit-1", next: { unitId: "unit-2" } });
    const moved = rounds({ count: 4, attachments, units: two, latency_ms });
    expect(moved.moves).toEqual(["vehicle-01"]);
    expect(moved.attachments[0]).toMatchObject({ unitId: "unit-2", from: "unit-1" });
    expect(moved.attachments[0]?.reason).toMatch(/^90.0 ms faster than unit-1 for 3 rounds; /);
    const broken = (id: string, round: number): number =>
      id === "unit-1" ? 100 : round % 3 === 2 ? 99 : 10;
    expect(rounds({ count: 30, attachments, units: two, latency_ms: broken }).moves).toEqual([]);
  });

  it("stays during the cool-down after a move, but not when the unit dies in it", () => {
    const attachments = [attachment("vehicle-01", "unit-1", 95_000)];
    const latency_ms = (id: string): number => (id === "unit-1" ? 100 : 10);
    expect(rounds({ count: 50, attachments, units: two, latency_ms }).moves).toEqual([]);
    expect(rounds({ count: 61, attachments, units: two, latency_ms }).moves).toHaveLength(1);
  });

  it("follows a vehicle that is connected elsewhere for three rounds", () => {
    const units = [unit("unit-1"), unit("unit-2", { connected: ["vehicle-01"] })];
    const attachments = [attachment("vehicle-01", "unit-1", 99_000)];
    expect(rounds({ count: 2, attachments, units, latency_ms: () => 1 }).moves).toEqual([]);
    const followed = rounds({ count: 3, attachments, units, latency_ms: () => 1 });
    expect(followed.attachments[0]).toMatchObject({
      unitId: "unit-2",
      reason: "found connected to unit-2 for 3 rounds, not to unit-1",
    });
  });

  it("waits until the new unit holds the state, and lets the old one serve until the vehicle has come", () => {
    const attachments = [attachment("vehicle-01", "unit-1")];
    const latency_ms = (id: string): number => (id === "unit-1" ? 100 : 10);
    let holds = false;
    const serving = unit("unit-1", { connected: ["vehicle-01"] });
    const units = [serving, { ...unit("unit-2"), holds: () => holds }];
    const prepared = rounds({ count: 7, attachments, units, latency_ms });
    expect(prepared.moves).toEqual([]);
    holds = true;
    const told = rounds({ count: 1, attachments: prepared.attachments, units, latency_ms });
    expect(told.attachments[0]).toMatchObject({ unitId: "unit-2", from: "unit-1" });
    const waits = rounds({ count: 5, attachments: told.attachments, units, latency_ms });
    expect(waits.attachments[0]).toMatchObject({ unitId: "unit-2", from: "unit-1" });
    const come = [unit("unit-1"), unit("unit-2", { connected: ["vehicle-01"] })];
    const done = rounds({ count: 1, attachments: waits.attachments, units: come, latency_ms });
    expect(done.attachments[0]?.from).toBeUndefined();
    expect(done.attachments[0]).toMatchObject({ unitId: "unit-2", standbyUnitId: "unit-1" });
  });

  it("gives up a move whose target dies, and takes back a vehicle whose new unit dies before it came", () => {
    const latency_ms = (id: string): number => (id === "unit-1" ? 100 : 10);
    const attachments = [attachment("vehicle-01", "unit-1")];
    const prepared = rounds({ count: 3, attachments, units: two, latency_ms }).attachments;
    const units = [unit("unit-1", { connected: ["vehicle-01"] }), unit("unit-2", { alive: false })];
    const dropped = rounds({ count: 1, attachments: prepared, units, latency_ms });
    expect(dropped.attachments[0]).toMatchObject({ unitId: "unit-1" });
    expect(dropped.attachments[0]?.next).toBeUndefined();
    const switching = rounds({ count: 4, attachments, units: two, latency_ms }).attachments;
    const back = rounds({ count: 1, attachments: switching, units, latency_ms });
    expect(back.attachments[0]).toMatchObject({ unitId: "unit-1" });
    expect(back.attachments[0]?.from).toBeUndefined();
  });

  it("a dead unit's vehicles go to the units that stand by for them, between two rounds too", () => {
    const before = { ...attachment("vehicle-01", "unit-1", 99_999), standbyUnitId: "unit-3" };
    const units = [unit("unit-1", { alive: false }), unit("unit-2"), unit("unit-3")];
    const { attachments, moves } = reviewAttachments({
      attachments: [before],
      units,
      latencyOf: ({ unitId }) => (unitId === "unit-3" ? 50 : 1),
      now_ms: 100_000,
      rules,
      isRound: false,
    });
    expect(attachments[0]).toMatchObject({ unitId: "unit-3", standbyUnitId: "unit-2" });
    expect(attachments[0]?.reason).toBe(
      "unit-1 is dead; unit-3 holds a copy of its functions' state",
    );
    expect(moves).toMatchObject([{ trigger: "dead", from: "unit-1", to: "unit-3" }]);
  });

  it("a vehicle that went to a third unit by itself is served there with the standby's copy", () => {
    const before = { ...attachment("vehicle-01", "unit-1", 99_000), standbyUnitId: "unit-2" };
    const third = { ...unit("unit-3", { connected: ["vehicle-01"] }), holds: () => false };
    const units = [unit("unit-1", { alive: false }), unit("unit-2"), third];
    const facts = { units, latency_ms: () => 1, count: 1 };
    const moved = rounds({ ...facts, attachments: [before] });
    expect(moved.attachments[0]).toMatchObject({
      ...{ unitId: "unit-3", standbyUnitId: "unit-2" },
      inherited: { holderId: "unit-2", deadId: "unit-1" },
      reason: "unit-1 is dead; unit-3 takes over, unit-2 holds a copy of its functions' state",
    });
    const bundle = { vehicleId: "vehicle-01", cpu: 0, memory_MB: 0, latencyMax_ms: null };
    const plan = (attachments: readonly Attachment[]): FunctionPlan =>
      new FunctionPlan({
        functions: [],
        attachments,
        bundleOf: () => ({ ...bundle, functions: [] }),
      });
    const during = plan(moved.attachments);
    expect(during.assignmentOf("unit-3").states).toEqual({ "vehicle-01": "unit-2" });
    expect(during.assignmentOf("unit-2").states).toEqual({ "vehicle-01": "unit-1" });
    const later = rounds({ ...facts, ...moved, from_ms: 105_000 });
    const after = plan(later.attachments);
    expect(after.assignmentOf("unit-3").states).toEqual({});
    expect(after.assignmentOf("unit-2").states).toEqual({ "vehicle-01": "unit-3" });
  });

  it("moves nobody while the units that are not dead yet are silent too, and does once they answer", () => {
    const before = { ...attachment("vehicle-01", "unit-1", 99_000), standbyUnitId: "unit-2" };
    const without = { ...attachment("vehicle-02", "unit-1", 99_000) };
    const attachments = [before, without];
    const dead = unit("unit-1", { alive: false });
    const silent = { ...unit("unit-2"), silent: true };
    const facts = { latency_ms: () => 1, count: 1 };
    const cut = rounds({ ...facts, attachments, units: [dead, silent] });
    expect(cut).toMatchObject({
      attachments: [{ unitId: "unit-1" }, { unitId: "unit-1" }],
      moves: [],
    });
    const heard = rounds({ ...facts, attachments: cut.attachments, units: [dead, unit("unit-2")] });
    expect(heard.attachments).toMatchObject([{ unitId: "unit-2" }, { unitId: "unit-2" }]);
  });

  it("keeps a standby in another zone where there is one with room", () => {
    const units = ["a", "a", "b"].map((zone, i) => ({ ...unit(`unit-${i + 1}`), zone }));
    const latency_ms = (id: string): number => (id === "unit-3" ? 90 : 1);
    const placed = rounds({
      count: 1,
      attachments: [attachment("v", "unit-1")],
      units,
      latency_ms,
    });
    expect(placed.attachments[0]).toMatchObject({ standbyUnitId: "unit-3" });
  });

  it("has no more vehicles under way to faster units than the budget allows", () => {
    const many = Array.from({ length: 9 }, (_, i) => attachment(`vehicle-${i}`, "unit-1"));
    const latency_ms = (id: string): number => (id === "unit-1" ? 100 : 10);
    const { attachments } = rounds({
      ...{ count: 3, attachments: many, units: two, latency_ms },
      changes: { movesPerRoundMax: 2 },
    });
    expect(attachments.filter(({ next }) => next !== undefined)).toHaveLength(2);
  });

  it("spends the budget on who gains most, and starts no move before its target has room", () => {
    const gains: Record<string, number> = { "vehicle-0": 40, "vehicle-1": 90, "vehicle-2": 60 };
    const facts = {
      units: [unit("unit-1"), unit("unit-2")],
      latencyOf: ({ vehicleId, unitId }: { vehicleId: string; unitId: string }): number =>
        unitId === "unit-1" ? 100 : 100 - (gains[vehicleId] ?? 0),
      rules: { ...rules, moveSamples: 1, movesPerRoundMax: 1 },
      now_ms: 100_000,
    };
    const three = Object.keys(gains).map((id) => attachment(id, "unit-1"));
    const leaving = (attachments: readonly Attachment[]): string[] =>
      attachments.filter(({ next }) => next !== undefined).map(({ vehicleId }) => vehicleId);
    const review = reviewAttachments({ ...facts, attachments: three });
    expect(leaving(review.attachments)).toEqual(["vehicle-1"]);
    const swap = {
      ...facts,
      attachments: [attachment("vehicle-1", "unit-1"), attachment("other", "unit-2")],
      latencyOf: ({ vehicleId, unitId }: { vehicleId: string; unitId: string }): number =>
        (vehicleId === "other") === (unitId === "unit-2") ? 90 : 10,
      rules: { ...facts.rules, vehiclesPerUnitMax: 1, movesPerRoundMax: 9 },
    };
    expect(leaving(reviewAttachments(swap).attachments)).toEqual([]);
  });

  it("makes no move in an hour of noise of ten per cent", () => {
    const random = new SeededRandom(7);
    const attachments = Array.from({ length: 8 }, (_, i) =>
      attachment(`vehicle-0${i}`, i % 2 === 0 ? "unit-1" : "unit-2"),
    );
    const latency_ms = (): number => 100 * (0.9 + 0.2 * random.uniform());
    expect(rounds({ count: 3600, attachments, units: two, latency_ms }).moves).toEqual([]);
  });

  it("never puts more vehicles on a unit than it takes, and spreads a dead unit's evenly", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 40 }),
        fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
        (homes, alive) => {
          const attachments = homes
            .filter((home, i) => homes.slice(0, i).filter((other) => other === home).length < 10)
            .map((home, i) => attachment(`vehicle-${i}`, `unit-${home}`));
          const units = alive.map((isAlive, i) => unit(`unit-${i}`, { alive: isAlive }));
          const after = rounds({ count: 1, attachments, units, latency_ms: () => 1 }).attachments;
          const loads = loadsOf(after);
          for (const load of loads.values())
            expect(load).toBeLessThanOrEqual(rules.vehiclesPerUnitMax);
          const room = units
            .filter((one) => one.alive)
            .some((one) => (loads.get(one.id) ?? 0) < rules.vehiclesPerUnitMax);
          const stranded = after.filter((one) => !alive[Number(one.unitId.slice(5))]);
          if (room) expect(stranded).toEqual([]);
          const kept = after.filter((one, i) => one.unitId === attachments[i]?.unitId);
          const homesAlive = attachments.filter((one) => alive[Number(one.unitId.slice(5))]);
          expect(kept.length).toBeGreaterThanOrEqual(homesAlive.length);
        },
      ),
    );
  });
});

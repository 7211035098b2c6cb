import { SeededRandom } from "@voltfog/runtime";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PlacementRules, UnitView } from "./choose-unit.ts";
import { type Attachment, loadsOf, reviewAttachments } from "./review-attachments.ts";

const rules: PlacementRules = {
  vehiclesPerUnitMax: 10,
  equalLatency_ms: 5,
  moveGain_ms: 20,
  moveGainRatio: 0.1,
  moveSamples: 3,
  moveCooldown_ms: 60_000,
};

function unit(id: string, options: { alive?: boolean; connected?: string[] } = {}): UnitView {
  return { id, alive: options.alive ?? true, connected: new Set(options.connected) };
}

function attachment(vehicleId: string, unitId: string, since_ms = 0): Attachment {
  return { vehicleId, unitId, latency_ms: 100, reason: "test", since_ms, considered: [] };
}

function rounds(options: {
  count: number;
  attachments: readonly Attachment[];
  units: readonly UnitView[];
  latency_ms: (unitId: string, round: number) => number;
  from_ms?: number;
}): { attachments: readonly Attachment[]; moves: string[] } {
  let { attachments } = options;
  const moves: string[] = [];
  for (let round = 0; round < options.count; round++) {
    const review = reviewAttachments({
      attachments,
      units: options.units,
      latencyOf: ({ unitId }) => options.latency_ms(unitId, round),
      now_ms: (options.from_ms ?? 100_000) + 1000 * round,
      rules,
    });
    attachments = review.attachments;
    moves.push(...review.moved);
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
    expect(result.attachments[0]?.reason).toMatch(/^unit-1 is dead; lowest latency/);
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
    const moved = rounds({ count: 3, attachments, units: two, latency_ms });
    expect(moved.moves).toEqual(["vehicle-01"]);
    expect(moved.attachments[0]?.reason).toMatch(/^90.0 ms faster than unit-1 for 3 rounds; /);
    const broken = (id: string, round: number): number =>
      id === "unit-1" ? 100 : round % 3 === 2 ? 99 : 10;
    expect(rounds({ count: 30, attachments, units: two, latency_ms: broken }).moves).toEqual([]);
  });

  it("stays during the cool-down after a move, but not when the unit dies in it", () => {
    const attachments = [attachment("vehicle-01", "unit-1", 95_000)];
    const latency_ms = (id: string): number => (id === "unit-1" ? 100 : 10);
    expect(rounds({ count: 50, attachments, units: two, latency_ms }).moves).toEqual([]);
    expect(rounds({ count: 60, attachments, units: two, latency_ms }).moves).toHaveLength(1);
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

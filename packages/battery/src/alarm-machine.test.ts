import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AlarmMachine, type AlarmRules } from "./alarm-machine.ts";
import type { LevelLimits } from "./safe-operating-area.ts";

const limits: LevelLimits = [55, 60, 65];
const rules: AlarmRules = {
  side: "above",
  assertEvents: 3,
  assert_ms: 1500,
  hysteresis: 5,
  hold_ms: 3000,
};

/** Feeds values a second apart and tells every change as "second: state level". */
function run(machine: AlarmMachine, values: readonly number[], from_s = 0): string[] {
  return values.flatMap((value, i) => {
    const at_ms = 1000 * (from_s + i);
    const change = machine.update({ value, limits, cell: 3, at_ms });
    return change === undefined ? [] : [`${from_s + i}: ${change.state} ${change.level}`];
  });
}

describe("an alarm", () => {
  it("is asserted by the readings in a row that its rule asks for, not before", () => {
    expect(run(new AlarmMachine({ ...rules, assert_ms: 1e9 }), [50, 56, 56, 56, 56])).toEqual([
      "3: asserted 1",
    ]);
  });

  it("is asserted once readings in a row span its time, if that is earlier", () => {
    expect(run(new AlarmMachine({ ...rules, assertEvents: 99 }), [56, 56, 56])).toEqual([
      "2: asserted 1",
    ]);
  });

  it("is not asserted by single readings, however many there are with good ones between", () => {
    const values = Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? 70 : 50));
    expect(run(new AlarmMachine(rules), values)).toEqual([]);
  });

  it("counts the limit itself as passed", () => {
    expect(run(new AlarmMachine(rules), [55, 55, 55])).toEqual(["2: asserted 1"]);
  });

  it("goes straight to the highest level that is believed, and up from a lower one", () => {
    expect(run(new AlarmMachine(rules), [62, 62, 62])).toEqual(["2: asserted 2"]);
    expect(run(new AlarmMachine(rules), [56, 56, 62, 62, 62])).toEqual([
      "2: asserted 1",
      "4: asserted 2",
    ]);
  });

  it("is cleared only past its hysteresis and after its hold, level by level", () => {
    const machine = new AlarmMachine(rules);
    const values = [62, 62, 62, 56, 56, 56, 54, 54, 54, 54, 54, 49, 49, 49, 49, 49];
    expect(run(machine, values)).toEqual(["2: asserted 2", "9: cleared 2", "14: cleared 1"]);
    expect(machine.level).toBe(0);
  });

  it("begins its hold anew when a reading falls back", () => {
    expect(run(new AlarmMachine(rules), [56, 56, 56, 49, 49, 51, 49, 49, 49, 49])).toEqual([
      "2: asserted 1",
      "9: cleared 1",
    ]);
  });

  it("tells which level remains, with the cell, the value and the limit it is about", () => {
    const machine = new AlarmMachine(rules);
    run(machine, [56, 56, 62, 62]);
    expect(machine.update({ value: 62.5, limits, cell: 7, at_ms: 4000 })).toEqual({
      state: "asserted",
      level: 2,
      cell: 7,
      value: 62.5,
      limit: 60,
      remaining: 2,
    });
    run(machine, [54, 54, 54], 5);
    expect(machine.update({ value: 54, limits, cell: 7, at_ms: 8000 })).toMatchObject({
      state: "cleared",
      level: 2,
      remaining: 1,
    });
  });

  it("stays at the fatal level until it is reset", () => {
    const machine = new AlarmMachine(rules);
    expect(run(machine, [66, 66, 66, ...Array<number>(50).fill(20)])).toEqual(["2: asserted 3"]);
    expect(machine.level).toBe(3);
    machine.reset();
    expect(machine.level).toBe(0);
    expect(run(machine, [20, 20])).toEqual([]);
  });

  it("below its limits works the same way", () => {
    const machine = new AlarmMachine({ ...rules, side: "below", hysteresis: 0.04 });
    const feed = (value: number, at_ms: number) =>
      machine.update({ value, limits: [3.2, 3.1, 3], cell: 0, at_ms })?.state;
    expect([3.19, 3.19, 3.19].map((value, i) => feed(value, 1000 * i))).toEqual([
      undefined,
      undefined,
      "asserted",
    ]);
    expect([3.22, 3.22, 3.22, 3.22].map((value, i) => feed(value, 3000 + 1000 * i))).toEqual(
      Array(4).fill(undefined),
    );
    expect([3.25, 3.25, 3.25, 3.25].map((value, i) => feed(value, 7000 + 1000 * i)).at(-1)).toBe(
      "cleared",
    );
  });

  it("neither asserts nor clears on a value that is no number", () => {
    const machine = new AlarmMachine(rules);
    expect(run(machine, Array<number>(9).fill(Number.NaN))).toEqual([]);
    run(machine, [56, 56, 56]);
    expect(run(machine, Array<number>(9).fill(Number.NaN), 3)).toEqual([]);
    expect(machine.level).toBe(1);
  });

  it("waits anew when time ran back or nothing was heard for long", () => {
    const silent = new AlarmMachine(rules);
    run(silent, [56, 56]);
    expect(run(silent, [56, 56, 56], 60)).toEqual(["62: asserted 1"]);
    run(silent, [49], 63);
    expect(run(silent, [49, 49, 49, 49], 600)).toEqual(["603: cleared 1"]);
    const turned = new AlarmMachine(rules);
    run(turned, [56, 56], 100);
    expect(run(turned, [56, 56, 56], 0)).toEqual(["2: asserted 1"]);
  });

  it("never throws, and every change starts from the level before and ends at the level after", () => {
    const number = fc.oneof(fc.double(), fc.double({ min: 0, max: 80, noNaN: true }));
    fc.assert(
      fc.property(fc.array(fc.tuple(number, number)), (inputs) => {
        const machine = new AlarmMachine(rules);
        for (const [value, at_ms] of inputs) {
          const before = machine.level;
          const change = machine.update({ value, limits, cell: 0, at_ms });
          const step = `${before} to ${machine.level}`;
          const { level = 0, remaining = before, state } = change ?? {};
          const told =
            state === "cleared" ? `${level} to ${remaining}` : `${before} to ${remaining}`;
          expect(told).toBe(step);
        }
      }),
    );
  });

  it("is never fatal while every value is below the fatal limit", () => {
    const value = fc.double({ max: 64.999 });
    fc.assert(
      fc.property(fc.array(fc.tuple(value, fc.nat())), (inputs) => {
        const machine = new AlarmMachine(rules);
        for (const [one, at_ms] of inputs) machine.update({ value: one, limits, cell: 0, at_ms });
        expect(machine.level).toBeLessThan(3);
      }),
    );
  });
});

import { expect, test } from "vitest";
import { UseMeter, type VehicleUse } from "./vehicle-use.ts";

/** The use at the end of stretches of constant current, one sample a second. */
function useAfter(
  stretches: readonly (readonly [current_A: number, seconds: number])[],
): VehicleUse {
  const meter = new UseMeter();
  let now_ms = 0;
  for (const [packCurrent_A, seconds] of stretches) {
    for (let second = 0; second < seconds; second++) {
      now_ms += 1000;
      meter.update({ boot: 1, monotonic_ms: now_ms, packCurrent_A });
    }
  }
  return meter.use;
}

test("the first reading decides by the sign of its current", () => {
  expect(useAfter([[50, 1]])).toBe("charging");
  expect(useAfter([[-50, 1]])).toBe("driving");
  expect(useAfter([[0.5, 1]])).toBe("resting");
});

test("recuperation is a part of a drive, and a minute of charge is a charge", () => {
  expect(
    useAfter([
      [-50, 60],
      [40, 30],
    ]),
  ).toBe("driving");
  expect(
    useAfter([
      [-50, 60],
      [40, 62],
    ]),
  ).toBe("charging");
});

test("a vehicle at a light drives, and after two minutes it rests", () => {
  expect(
    useAfter([
      [-50, 60],
      [0, 100],
    ]),
  ).toBe("driving");
  expect(
    useAfter([
      [-50, 60],
      [0, 121],
    ]),
  ).toBe("resting");
});

test("a rest that the agent slept through counts from its new start", () => {
  const meter = new UseMeter();
  meter.update({ boot: 1, monotonic_ms: 9_000_000, packCurrent_A: -50 });
  meter.update({ boot: 2, monotonic_ms: 10, packCurrent_A: 0 });
  expect(meter.use).toBe("resting");
});

import { describe, expect, it } from "vitest";
import {
  ackLatencies_ms,
  ackRate_Hz,
  arrivalRate_bytes,
  busyWindow,
  latencySummary,
  wholeTime_ms,
} from "./window.ts";

const times = (sent: number[], acked: number[]) => ({
  sent_ms: Float64Array.from(sent),
  acked_ms: Float64Array.from(acked),
});

/** One frame after the other, 10 ms each; the second starts 5 ms later and ends 5 ms later. */
const vehicles = [
  times([0, 10, 20, 30], [10, 20, 30, 40]),
  times([5, 15, 25, 35], [15, 25, 35, 45]),
];

describe("the window that counts", () => {
  it("begins when the last vehicle is warm and ends when the first has nothing left to send", () => {
    expect(busyWindow(vehicles, 0.25)).toEqual({ from_ms: 25, to_ms: 30 });
    expect(busyWindow(vehicles, 0)).toEqual({ from_ms: 15, to_ms: 30 });
  });

  it("does not exist where one was done before another was warm", () => {
    const apart = [times([0, 1], [1, 2]), times([50, 51], [51, 52])];
    expect(() => busyWindow(apart, 0.5)).toThrow(/broken promise/);
  });

  it("counts what was acknowledged within it", () => {
    const window = { from_ms: 15, to_ms: 35 };
    // 20, 30 of one; 25, 35 of the other.
    expect(ackRate_Hz(vehicles, window)).toBe(4 / 0.02);
  });

  it("has the waiting of what was sent within it, however late the answer came", () => {
    const slow = [times([0, 10, 20], [10, 200, 201])];
    expect(ackLatencies_ms(slow, { from_ms: 5, to_ms: 15 })).toEqual([190]);
    expect(latencySummary([1, 2, 3])).toEqual({ p50_ms: 2, p99_ms: 2.98, max_ms: 3 });
  });
});

it("the whole time goes from the first frame to the last acknowledgement", () => {
  expect(wholeTime_ms(vehicles)).toBe(45);
});

describe("what a subscriber received", () => {
  const arrivals = {
    at_ms: Float64Array.of(10, 20, 40),
    payload_bytes: Float64Array.of(100, 300, 500),
  };

  it("is taken on the line between two notes", () => {
    // 100 at 10 ms, 400 at 30 ms.
    expect(arrivalRate_bytes(arrivals, { from_ms: 10, to_ms: 30 })).toBe(300 / 0.02);
  });

  it("is nothing before the first and no more after the last", () => {
    expect(arrivalRate_bytes(arrivals, { from_ms: 0, to_ms: 1000 })).toBe(500);
  });
});

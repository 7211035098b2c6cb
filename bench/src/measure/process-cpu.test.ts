import { describe, expect, it } from "vitest";
import { cpuTimes, parseStat } from "./process-cpu.ts";

const after = "R 1 2 3 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 11 0 8000 0 0";

describe("the processor time of a process", () => {
  it("is user and system time, whatever the process calls itself", () => {
    expect(parseStat(`42 (node) ${after}`)).toBe(3000);
    expect(parseStat(`42 (a) R 9 (b) ${after}`)).toBe(3000);
  });

  it("is unknown for a process that is not there", () => {
    expect(cpuTimes(2 ** 30)).toBeUndefined();
  });

  it("of the main thread is a part of the whole, where /proc tells it at all", () => {
    const times = cpuTimes(process.pid);
    if (process.platform !== "linux") return expect(times).toBeUndefined();
    expect(times?.process_ms).toBeGreaterThan(0);
    expect(times?.mainThread_ms).toBeLessThanOrEqual(times?.process_ms ?? 0);
  });
});

import { ManualClock, silentLogger } from "@voltfog/runtime";
import { describe, expect, it } from "vitest";
import { MovingMedian } from "./moving-median.ts";
import { UnitMonitor } from "./unit-monitor.ts";
import { readUnitStatus } from "./unit-status.ts";

function monitored(answers: readonly (number | "none")[]): { monitor: UnitMonitor } {
  const clock = new ManualClock(5000);
  const left = [...answers];
  const client = {
    async status() {
      const answer = left.shift() ?? "none";
      if (answer === "none") throw new Error("no answer");
      clock.advance(answer);
      return { id: "unit-1", connectedVehicles: ["vehicle-01"] };
    },
    async assign() {},
    close() {},
  };
  const logger = silentLogger;
  return { monitor: new UnitMonitor({ id: "unit-1", client, missesMax: 3, clock, logger }) };
}

async function ask(monitor: UnitMonitor, times: number): Promise<void> {
  for (let i = 0; i < times; i++) await monitor.ask();
}

describe("UnitMonitor", () => {
  it("is dead before the first answer and alive after it, with the median round trip", async () => {
    const { monitor } = monitored([2, 4, 500]);
    expect(monitor.health()).toMatchObject({ alive: false, latency_ms: null, lastSeen_ms: null });
    await ask(monitor, 3);
    expect(monitor.health()).toMatchObject({ alive: true, latency_ms: 4, lastSeen_ms: 5506 });
    expect([...monitor.view().connected]).toEqual(["vehicle-01"]);
  });

  it("dies with the third miss in a row, not before", async () => {
    const { monitor } = monitored([1, "none", "none", 1, "none", "none", "none"]);
    await ask(monitor, 6);
    expect(monitor.view().alive).toBe(true);
    await ask(monitor, 1);
    expect(monitor.view()).toMatchObject({ alive: false, connected: new Set() });
  });

  it("counts a new life after any silence, so that the assignment is pushed again", async () => {
    const { monitor } = monitored([1, 1, "none", 1]);
    await ask(monitor, 2);
    const before = monitor.incarnation;
    await ask(monitor, 2);
    expect(monitor.incarnation).toBe(before + 1);
  });
});

describe("MovingMedian", () => {
  it("forgets values that left its window", () => {
    const median = new MovingMedian({ window: 3 });
    for (const value of [100, 100, 1, 2, 3]) median.add(value);
    expect(median.value).toBe(2);
  });
});

describe("readUnitStatus", () => {
  it("takes the fields it needs and nothing that is not a status", () => {
    expect(readUnitStatus({ id: "unit-1", connectedVehicles: ["vehicle-01"], log: {} })).toEqual({
      id: "unit-1",
      connectedVehicles: ["vehicle-01"],
    });
    for (const answer of [null, [], "x", { id: "unit-1" }, { id: 1, connectedVehicles: [] }]) {
      expect(readUnitStatus(answer)).toBeUndefined();
    }
    expect(readUnitStatus({ id: "unit-1", connectedVehicles: ["A b"] })).toBeUndefined();
  });
});

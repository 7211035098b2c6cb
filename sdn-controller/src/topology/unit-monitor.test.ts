import { ManualClock, silentLogger } from "@voltfog/runtime";
import { describe, expect, it } from "vitest";
import { MovingMedian } from "./moving-median.ts";
import { TrustedCapacity } from "./trusted-capacity.ts";
import type { UnitHeartbeat } from "./unit-heartbeat.ts";
import { UnitMonitor } from "./unit-monitor.ts";
import { readUnitStatus, type UnitStatus } from "./unit-status.ts";
import { Uplinks } from "./uplinks.ts";

type Answer = Partial<UnitHeartbeat> & { after_ms?: number };

const pulse: UnitHeartbeat = {
  id: "unit-1",
  incarnation: "aa",
  term: 1,
  leader: { id: "controller", silent_ms: 0 },
  connectedVersion: 1,
  stateVersion: 1,
};

/** "none": nobody listens; "late": no answer within the limit. */
function monitored(
  answers: readonly (Answer | "none" | "late")[],
  unknownGrace_ms = 0,
): {
  monitor: UnitMonitor;
  clock: ManualClock;
} {
  const clock = new ManualClock(5000);
  const left = [...answers];
  const client = {
    url: "https://unit-1",
    async heartbeat() {
      const answer = left.shift() ?? "none";
      if (answer === "late") clock.advance(1500);
      if (answer === "none" || answer === "late") throw new Error("no answer");
      const { after_ms = 1, ...said } = answer;
      clock.advance(after_ms);
      return { ...pulse, ...said };
    },
    async status() {
      const vehicles = { id: "unit-1", connectedVehicles: ["vehicle-01"] };
      return readUnitStatus(vehicles) as UnitStatus;
    },
    async assign() {},
    close() {},
  };
  const ports = { clock, logger: silentLogger };
  const uplinks = new Uplinks({ id: "unit-1", clients: [client], ...ports });
  const capacity = new TrustedCapacity({ id: "unit-1", most: null, logger: silentLogger });
  const rules = { missesMax: 3, heldUp_ms: 2000, unknownGrace_ms, capacity, zone: null };
  const options = { id: "unit-1", uplinks, ...rules, ...ports };
  return { monitor: new UnitMonitor(options), clock };
}

async function beat(monitor: UnitMonitor, times: number): Promise<void> {
  for (let i = 0; i < times; i++) await monitor.beat(undefined);
}

describe("UnitMonitor", () => {
  it("is dead before the first answer and alive after it, with the median round trip", async () => {
    const { monitor } = monitored([{ after_ms: 2 }, { after_ms: 4 }, { after_ms: 500 }]);
    expect(monitor.health()).toMatchObject({ alive: false, latency_ms: null, lastSeen_ms: null });
    await beat(monitor, 3);
    expect(monitor.health()).toMatchObject({ alive: true, latency_ms: 4, lastSeen_ms: 5506 });
    expect(monitor.isObserved).toBe(false);
    await monitor.refresh();
    expect(monitor.isObserved).toBe(true);
    expect([...monitor.view().connected]).toEqual(["vehicle-01"]);
  });

  it("dies with the third miss in a row, not before", async () => {
    const { monitor } = monitored([{}, "none", "none", {}, "none", "none", "none"]);
    await beat(monitor, 4);
    expect(monitor.view()).toMatchObject({ alive: true, silent: false });
    await beat(monitor, 2);
    expect(monitor.view()).toMatchObject({ alive: true, silent: true });
    await beat(monitor, 1);
    expect(monitor.view()).toMatchObject({ alive: false, connected: new Set() });
  });

  it("is unknown, not dead, until its first answer or the end of the grace", async () => {
    const { monitor, clock } = monitored(
      ["none", "none", "none", {}, "none", "none", "none"],
      15_000,
    );
    await beat(monitor, 3);
    clock.advance(14_999);
    expect(monitor.isObserved).toBe(true);
    expect(monitor.view()).toMatchObject({ alive: false, unknown: true });
    await beat(monitor, 1);
    expect(monitor.view()).toMatchObject({ alive: true, unknown: false });
    const silent = monitored([], 15_000);
    silent.clock.advance(15_000);
    expect(silent.monitor.view()).toMatchObject({ alive: false, unknown: false });
  });

  it("is dead at once when it dies within the grace after it was heard", async () => {
    const { monitor } = monitored([{}, "none", "none", "none"], 15_000);
    await beat(monitor, 4);
    expect(monitor.view()).toMatchObject({ alive: false, unknown: false });
  });

  it("may stand still while it starts, and not for longer", async () => {
    const { monitor, clock } = monitored([{}, "late", "late", "late", "late", "late"], 15_000);
    await beat(monitor, 5);
    expect(monitor.view()).toMatchObject({ alive: true, silent: true });
    clock.advance(15_000);
    await beat(monitor, 1);
    expect(monitor.view()).toMatchObject({ alive: false, unknown: false });
    const old = monitored([{}, {}, "late", "late", "late"], 15_000);
    await beat(old.monitor, 1);
    old.clock.advance(15_000);
    await beat(old.monitor, 4);
    expect(old.monitor.view()).toMatchObject({ alive: false });
    const another = monitored([{}, { incarnation: "bb" }, "late", "late", "late"], 15_000);
    await beat(another.monitor, 1);
    another.clock.advance(15_000);
    await beat(another.monitor, 4);
    expect(another.monitor.view()).toMatchObject({ alive: true });
  });

  it("is unknown again when it turns out that the controller heard nobody", async () => {
    const { monitor, clock } = monitored([{}, "none", "none", "none"], 15_000);
    await beat(monitor, 1);
    monitor.excuse();
    expect(monitor.view()).toMatchObject({ alive: true, unknown: false });
    await beat(monitor, 3);
    clock.advance(60_000);
    expect(monitor.view()).toMatchObject({ alive: false, unknown: false });
    monitor.excuse();
    expect(monitor.view()).toMatchObject({ alive: false, unknown: true });
    clock.advance(15_000);
    expect(monitor.view()).toMatchObject({ alive: false, unknown: false });
  });

  it("does not take its own standstill for the unit's", async () => {
    const { monitor, clock } = monitored([{}]);
    await beat(monitor, 1);
    const lost = [1, 2, 3].map(() => monitor.beat(undefined));
    clock.advance(10_000);
    await Promise.all(lost);
    expect(monitor.view().alive).toBe(true);
  });

  it("has news when others are connected, when the state changed, and when it is another process", async () => {
    const { monitor } = monitored([
      {},
      {},
      { connectedVersion: 2 },
      { connectedVersion: 2, stateVersion: 2 },
      { connectedVersion: 2, stateVersion: 2, incarnation: "bb" },
    ]);
    for (const expected of [true, false, true, true, true]) {
      await beat(monitor, 1);
      expect(monitor.hasNews).toBe(expected);
      await monitor.refresh();
      expect(monitor.hasNews).toBe(false);
    }
    expect(monitor.incarnation).toBe("bb");
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
    const vehicles = { id: "unit-1", connectedVehicles: ["vehicle-01"] };
    const unsaid = { capacity: null, zone: null, peers: [], functions: [], packs: [] };
    const nothing = { ...vehicles, ...unsaid, assignmentVersion: 0 };
    expect(readUnitStatus({ ...vehicles, log: {} })).toEqual(nothing);
    const untrue = {
      capacity: { cpu: -1, memory_MB: Number.NaN },
      peers: [{ unitId: "unit-2", latency_ms: -3, at_ms: 1 }],
      packs: [{ vehicleId: "vehicle-01", at_ms: 1, spread_mV: "7", activity: "flying" }],
    };
    expect(readUnitStatus({ ...vehicles, ...untrue })).toEqual(nothing);
    for (const answer of [null, [], "x", { id: "unit-1" }, { id: 1, connectedVehicles: [] }]) {
      expect(readUnitStatus(answer)).toBeUndefined();
    }
    expect(readUnitStatus({ id: "unit-1", connectedVehicles: ["A b"] })).toBeUndefined();
  });
});

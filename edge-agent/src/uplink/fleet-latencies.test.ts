import { ManualClock, type UnitId, type VehicleId } from "@voltfog/runtime";
import { expect, test } from "vitest";
import type { VehicleLatencies } from "./controller-client.ts";
import { FleetLatencies, type ReportingVehicle } from "./fleet-latencies.ts";

const unit = (n: number): UnitId => `unit-${n}` as UnitId;

function fleet(options: {
  ways_ms: Record<string, number>;
  places?: Record<string, string>;
  /** After each probe. */
  onProbe?: () => void;
}): {
  latencies: FleetLatencies;
  reported: VehicleLatencies[];
  reconsidered: string[];
} {
  const reported: VehicleLatencies[] = [];
  const reconsidered: string[] = [];
  const vehicle = (n: number): ReportingVehicle => ({
    vehicleId: `vehicle-${n}` as VehicleId,
    unitId: unit(n),
    roundTrip_ms: n === 1 ? 9 : undefined,
    reconsider: () => reconsidered.push(`vehicle-${n}`),
  });
  const latencies = new FleetLatencies({
    units: [1, 2].map((n) => ({ unitId: unit(n), host: "127.0.0.1", port: n })),
    vehicles: [vehicle(1), vehicle(2)],
    async probe({ unitId }) {
      const way_ms = options.ways_ms[unitId];
      options.onProbe?.();
      return way_ms;
    },
    controller: {
      attachment: async () => undefined,
      async reportLatencies(reports) {
        reported.push(...reports);
        return new Map(Object.entries(options.places ?? {}));
      },
      close() {},
    },
    clock: new ManualClock(0),
  });
  return { latencies, reported, reconsidered };
}

test("every vehicle reports the way to every unit, and the round trip of its own connection", async () => {
  const { latencies, reported } = fleet({ ways_ms: { "unit-1": 3, "unit-2": 4 } });
  await latencies.start();
  expect(reported).toEqual([
    {
      vehicleId: "vehicle-1",
      latencies: [
        { unitId: "unit-1", latency_ms: 3, mqtt_ms: 9 },
        { unitId: "unit-2", latency_ms: 4 },
      ],
    },
    {
      vehicleId: "vehicle-2",
      latencies: [
        { unitId: "unit-1", latency_ms: 3 },
        { unitId: "unit-2", latency_ms: 4 },
      ],
    },
  ]);
  latencies.stop();
});

test("the first handshakes of a process do not count", async () => {
  const ways_ms: Record<string, number> = { "unit-1": 30, "unit-2": 4 };
  const { latencies, reported } = fleet({
    ways_ms,
    onProbe: () => Object.assign(ways_ms, { "unit-1": 3 }),
  });
  await latencies.start();
  expect(reported[1]?.latencies).toEqual([
    { unitId: "unit-1", latency_ms: 3 },
    { unitId: "unit-2", latency_ms: 4 },
  ]);
  latencies.stop();
});

test("a vehicle whose unit does not answer, or which the controller has elsewhere, asks at once", async () => {
  const silent = fleet({ ways_ms: { "unit-1": 3 } });
  await silent.latencies.start();
  expect(silent.reconsidered).toEqual(["vehicle-2"]);
  const ways_ms = { "unit-1": 3, "unit-2": 4 };
  const moved = fleet({ ways_ms, places: { "vehicle-1": "unit-2", "vehicle-2": "unit-2" } });
  await moved.latencies.start();
  expect(moved.reconsidered).toEqual(["vehicle-1"]);
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { reading } from "../testing/test-vehicle.ts";
import { forEachSample, packBatch, type TelemetryArrival } from "./sample-batch.ts";

const sample = fc
  .record({
    wall_ms: fc.nat(),
    packCurrent_A: fc.double({ noNaN: true }),
    cellVoltage_mV: fc.uint16Array({ maxLength: 5 }),
    temperature_degC: fc.float32Array({ maxLength: 3, noNaN: true }),
  })
  .map((changes) => reading(changes));

const arrivals = fc.array(
  fc.record({
    vehicleId: fc.constantFrom("vehicle-01", "vehicle-02"),
    samples: fc.array(sample, { maxLength: 4 }),
  }),
  { maxLength: 5 },
);

const arrivalOf = (
  one: Pick<TelemetryArrival, "vehicleId" | "samples">,
  logIndex: number,
): TelemetryArrival => {
  const commitment = "00".repeat(32);
  return {
    ...one,
    boot: 1,
    frame: { logIndex, stream: "telemetry", sequence: 1, commitment, origin: "simulated" },
  };
};

test("a function sees every sample of the vehicles that it serves as it was sent, in order", () => {
  fc.assert(
    fc.property(arrivals, (list) => {
      const sent = list.map(arrivalOf);
      const seen: object[] = [];
      forEachSample(packBatch(sent), {
        passes: () => true,
        serves: (vehicleId) => vehicleId === "vehicle-01",
        visit: (one, frame) => seen.push({ ...one, logIndex: frame.logIndex }),
      });
      expect(seen).toEqual(
        sent
          .filter(({ vehicleId }) => vehicleId === "vehicle-01")
          .flatMap(({ vehicleId, samples, frame }) =>
            samples.map((one) => ({ ...one, vehicleId, boot: 1, logIndex: frame.logIndex })),
          ),
      );
    }),
  );
});

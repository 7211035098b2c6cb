import type { UnitId, VehicleId } from "@voltfog/runtime";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deadLetterTopic, downTopic, parseTopic, upTopic } from "./topics.ts";

const vehicle = "vehicle-01" as VehicleId;
const unit = "unit-1" as UnitId;

describe("topics", () => {
  it("say who speaks to whom about what, and are read back", () => {
    expect(upTopic(vehicle, "urgent")).toBe("voltfog/v1/vehicle-01/urgent");
    expect(downTopic(vehicle, "receipt")).toBe("voltfog/v1/vehicle-01/receipt");
    expect(deadLetterTopic(unit)).toBe("voltfog/v1/units/unit-1/dead-letter");
    for (const kind of ["hello", "telemetry", "urgent", "command-ack"] as const) {
      expect(parseTopic(upTopic(vehicle, kind))).toEqual({
        direction: "up",
        vehicleId: vehicle,
        kind,
      });
    }
    for (const kind of ["receipt", "refusal", "command"] as const) {
      const parsed = parseTopic(downTopic(vehicle, kind));
      expect(parsed).toEqual({ direction: "down", vehicleId: vehicle, kind });
    }
    expect(parseTopic(deadLetterTopic(unit))).toEqual({
      direction: "operators",
      unitId: unit,
      kind: "dead-letter",
    });
  });

  it("with wildcards, other names or other parts mean nothing", () => {
    for (const topic of [
      "voltfog/v1/+/telemetry",
      "voltfog/v1/#",
      "voltfog/v1/vehicle-01/telemetry/x",
      "voltfog/v1/vehicle-01",
      "voltfog/v2/vehicle-01/telemetry",
      "voltfog/v1/Vehicle/telemetry",
      "voltfog/v1/units/unit-1/other",
      "/voltfog/v1/vehicle-01/telemetry",
      "$SYS/broker",
    ]) {
      expect(parseTopic(topic)).toBeUndefined();
    }
  });

  it("of any text are read without a throw", () => {
    fc.assert(fc.property(fc.string(), (topic) => parseTopic(topic) === undefined));
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeFaultFile } from "./fault-file.ts";

const bounds = { vehicles: 3, days: 5, cells: 96, sensors: 24 };
const short = { vehicle: 1, kind: "internal-short", onset_h: 50, cell: 17, resistance_Ohm: 10 };

function codeOf(content: unknown): string {
  const text = typeof content === "string" ? content : JSON.stringify(content);
  const decoded = decodeFaultFile(text, bounds);
  return decoded.ok ? "OK" : decoded.problem.code;
}

const file = (...faults: unknown[]): unknown => ({ version: 1, faults });

describe("a fault file", () => {
  it("gives each fault with its vehicle and onset, and defaults where a number may be left out", () => {
    const decoded = decodeFaultFile(
      JSON.stringify(file(short, { vehicle: 3, kind: "cooling-loss", onset_h: 1 })),
      bounds,
    );
    expect(decoded).toEqual({
      ok: true,
      value: [
        {
          vehicle: 1,
          fault: { kind: "internal-short", onset_s: 180_000, cell: 17, resistance_Ohm: 10 },
        },
        { vehicle: 3, fault: { kind: "cooling-loss", onset_s: 3600, remaining: 0.1 } },
      ],
    });
  });

  it.each<[string, unknown]>([
    ["FAULTS_NOT_JSON", "{"],
    ["FAULTS_MALFORMED", []],
    ["FAULTS_MALFORMED", { version: 1, faults: {} }],
    ["FAULTS_MALFORMED", file(7)],
    ["FAULTS_VERSION_UNKNOWN", { version: 2, faults: [] }],
    ["FAULTS_TOO_MANY", file(...Array.from({ length: 10_001 }, () => short))],
    ["FAULT_KIND_UNKNOWN", file({ ...short, kind: "gremlin" })],
    ["FAULT_KIND_UNKNOWN", file({ ...short, kind: "toString" })],
    ["FAULT_FIELD_UNKNOWN", file({ ...short, resistence_Ohm: 1 })],
    ["FAULT_FIELD_UNKNOWN", { version: 1, faults: [], seed: 1 }],
    ["FAULT_FIELD_INVALID", file({ ...short, resistance_Ohm: 0 })],
    [
      "FAULT_FIELD_INVALID",
      file({ vehicle: 1, kind: "sensor-stuck", onset_h: 1, sensor: "smell", place: 0 }),
    ],
    ["FAULT_PLACE_UNKNOWN", file({ ...short, cell: 96 })],
    ["FAULT_PLACE_UNKNOWN", file({ ...short, vehicle: 4 })],
    [
      "FAULT_PLACE_UNKNOWN",
      file({ vehicle: 1, kind: "sensor-open", onset_h: 1, sensor: "temperature", place: 24 }),
    ],
    ["FAULT_ONSET_OUTSIDE", file({ ...short, onset_h: 120 })],
    ["FAULT_ONSET_OUTSIDE", file({ ...short, onset_h: -1 })],
  ])("is refused with %s", (code, content) => {
    expect(codeOf(content)).toBe(code);
  });

  it("never throws, whatever it holds", () => {
    const entry = fc.record(
      {
        vehicle: fc.oneof(fc.integer({ min: 0, max: 4 }), fc.anything()),
        kind: fc.constantFrom("internal-short", "sensor-drift", "clock-skew", "weak-cell"),
        onset_h: fc.oneof(fc.double({ min: -1, max: 130 }), fc.anything()),
        cell: fc.oneof(fc.integer({ min: -1, max: 100 }), fc.anything()),
      },
      { requiredKeys: [] },
    );
    const content = fc.oneof(
      fc.anything(),
      fc.record({ version: fc.constant(1), faults: fc.array(fc.oneof(entry, fc.anything())) }),
    );
    fc.assert(
      fc.property(content, (value) => {
        const decoded = decodeFaultFile(JSON.stringify(value) ?? "", bounds);
        expect(typeof decoded.ok).toBe("boolean");
      }),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(typeof decodeFaultFile(text, bounds).ok).toBe("boolean");
      }),
    );
  });
});

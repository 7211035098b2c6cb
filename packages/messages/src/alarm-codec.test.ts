import { CodedError } from "@voltfog/runtime";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { alarmClasses, decodeAlarm, encodeAlarm } from "./alarm-codec.ts";
import { dataOrigins } from "./battery-sample.ts";
import type { AlarmPayload } from "./payload.ts";
import { canonicalFaults } from "./testing/canonical-faults.ts";

const alarm: AlarmPayload = {
  type: "alarm",
  origin: "replayed",
  alarm: "temperature-rise",
  level: 2,
  cell: 17,
  value: 1.25,
  limit: 1,
  wall_ms: 1_790_000_000_000,
};

const thousandth = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }).map((value) => value / 1000);

describe("an alarm's payload", () => {
  it("has one encoding only", () => {
    expect(
      canonicalFaults({ bytes: encodeAlarm(alarm), decode: decodeAlarm, encode: encodeAlarm }),
    ).toEqual([]);
  });

  it("comes back as it was, for every class, level and origin", () => {
    const any = fc.record<AlarmPayload>({
      type: fc.constant("alarm"),
      origin: fc.constantFrom(...dataOrigins),
      alarm: fc.constantFrom(...alarmClasses),
      level: fc.constantFrom(1, 2, 3),
      cell: fc.integer({ min: 0, max: 65_535 }),
      value: thousandth,
      limit: thousandth,
      wall_ms: fc.maxSafeNat(),
    });
    fc.assert(
      fc.property(any, (payload) => {
        expect(decodeAlarm(encodeAlarm(payload))).toEqual({ ok: true, value: payload });
      }),
    );
  });

  it("carries values in thousandths, rounded", () => {
    const decoded = decodeAlarm(encodeAlarm({ ...alarm, value: 4.25049, limit: -0.0001 }));
    expect(decoded).toMatchObject({ ok: true, value: { value: 4.25, limit: 0 } });
  });

  it("stops an encoder that is given what it cannot carry", () => {
    const wrong: Partial<AlarmPayload>[] = [
      { value: Number.NaN },
      { limit: 3e6 },
      { cell: -1 },
      { cell: 65_536 },
      { level: 4 as 3 },
      { wall_ms: -1 },
      { alarm: "no-such-class" as "over-current" },
    ];
    for (const field of wrong) {
      expect(() => encodeAlarm({ ...alarm, ...field })).toThrow(CodedError);
    }
  });

  it("gets a verdict for any bytes, and none is taken that encoding would not give", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const decoded = decodeAlarm(bytes);
        if (decoded.ok) expect(encodeAlarm(decoded.value)).toEqual(bytes);
      }),
      { numRuns: 1000 },
    );
  });
});

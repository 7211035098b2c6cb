import fc from "fast-check";
import { expect, test } from "vitest";
import { type MaintenanceNotice, parseMaintenanceNotice } from "./maintenance-notice.ts";

const notice: MaintenanceNotice = {
  id: "0123abcd-x",
  vehicleId: "car-1",
  state: "asserted",
  level: 3,
  value: 61.5,
  limit: 60,
  unit: "degC",
  at_ms: 1_700_000_000_000,
  frame: { stream: "telemetry", sequence: 7, commitment: "ab".repeat(32) },
  sentence: "New alert: too hot",
};

test("a notice is taken as it was written", () => {
  expect(parseMaintenanceNotice(JSON.parse(JSON.stringify(notice)))).toEqual({
    ok: true,
    value: notice,
  });
});

test.each([
  [{ id: "" }],
  [{ id: "Has Spaces" }],
  [{ id: "a".repeat(49) }],
  [{ vehicleId: "../x" }],
  [{ state: "over" }],
  [{ level: 0 }],
  [{ level: "3" }],
  [{ value: null }],
  [{ unit: "a".repeat(17) }],
  [{ at_ms: -1 }],
  [{ at_ms: 1.5 }],
  [{ frame: { ...notice.frame, sequence: 0 } }],
  [{ frame: { ...notice.frame, commitment: "ab" } }],
  [{ frame: { ...notice.frame, more: 1 } }],
  [{ sentence: "" }],
  [{ sentence: "a".repeat(1001) }],
  [{ more: 1 }],
])("what is not clear is refused: %j", (changes) => {
  expect(parseMaintenanceNotice({ ...notice, ...changes })).toMatchObject({
    ok: false,
    problem: { code: "MALFORMED" },
  });
});

test("any JSON, and a notice with any field replaced or left out, gets a verdict", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(parseMaintenanceNotice(value).ok).toBe(false);
    }),
  );
  const field = fc.constantFrom(...Object.keys(notice));
  fc.assert(
    fc.property(field, fc.jsonValue(), (name, value) => {
      const parsed = parseMaintenanceNotice({ ...notice, [name]: value });
      if (parsed.ok) expect(parsed.value).toEqual({ ...notice, [name]: value });
      const { [name as keyof MaintenanceNotice]: _, ...rest } = notice;
      expect(parseMaintenanceNotice(rest).ok).toBe(false);
    }),
  );
});

import { utf8 } from "@voltfog/runtime";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeAuditEntry, encodeAuditEntry } from "./audit-entry.ts";

const text = fc.string({ maxLength: 200 });
const entry = fc.record({
  at_ms: fc.maxSafeNat(),
  caller: text,
  role: text,
  fleet: fc.option(text),
  method: text,
  route: text,
  vehicleId: text,
  granted: fc.boolean(),
  times: fc.integer({ min: 1 }),
});

test("an entry reads back as it was written", () => {
  fc.assert(
    fc.property(entry, (written) => {
      expect(decodeAuditEntry(encodeAuditEntry(written))).toEqual({ ok: true, value: written });
    }),
  );
});

test("any bytes, any JSON and any changed field get a verdict", () => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), fc.json().map(utf8)), (bytes) => {
      expect(decodeAuditEntry(bytes).ok).toBe(false);
    }),
  );
  const field = fc.constantFrom("version", "at_ms", "fleet", "route", "granted", "times");
  fc.assert(
    fc.property(entry, field, (written, name) => {
      const changed = { version: 1, ...written, [name]: ["x"] };
      expect(decodeAuditEntry(utf8(JSON.stringify(changed))).ok).toBe(false);
    }),
  );
});

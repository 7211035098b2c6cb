import { gapCauses, streams } from "@voltfog/messages";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  decodeJournalRecord,
  decodeStoredFrame,
  encodeJournalRecord,
  encodeStoredFrame,
  type JournalKind,
  type JournalRecord,
  journalRecord_bytes,
} from "./journal-record.ts";

const kinds: readonly JournalKind[] = ["telemetry", "alarm", "gap", "skipped", "boot", "lost"];
const whole = fc.maxSafeNat();
const small = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const record: fc.Arbitrary<JournalRecord> = fc.record({
  kind: fc.constantFrom(...kinds),
  stream: fc.constantFrom(...streams),
  cause: fc.constantFrom(...gapCauses),
  boot: small,
  sequence: whole,
  firstSequence: whole,
  samples: small,
  lastSample: whole,
  from_ms: whole,
  to_ms: whole,
  commitment: bytes32,
});

test("every record comes back as it was, in a fixed size", () => {
  fc.assert(
    fc.property(record, (given) => {
      const bytes = encodeJournalRecord(given);
      expect(bytes).toHaveLength(journalRecord_bytes);
      expect(decodeJournalRecord(bytes)).toEqual({ ok: true, value: given });
    }),
  );
});

test("a stored frame carries its record and its bytes unchanged", () => {
  fc.assert(
    fc.property(record, fc.uint8Array(), (given, frame) => {
      const stored = { record: given, frame };
      expect(decodeStoredFrame(encodeStoredFrame(stored))).toEqual({ ok: true, value: stored });
    }),
  );
});

test("any other bytes are refused or differ, and never throw", () => {
  fc.assert(
    fc.property(
      record,
      fc.nat(journalRecord_bytes - 1),
      fc.integer({ min: 1, max: 255 }),
      (...x) => {
        const [given, at, flip] = x;
        const bytes = encodeJournalRecord(given);
        bytes[at] = (bytes[at] ?? 0) ^ flip;
        const decoded = decodeJournalRecord(bytes);
        if (decoded.ok) expect(decoded.value).not.toEqual(given);
      },
    ),
  );
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => typeof decodeStoredFrame(bytes).ok === "boolean"),
  );
});

test("a record with a byte too many or too few is refused", () => {
  fc.assert(
    fc.property(record, (given) => {
      const bytes = encodeJournalRecord(given);
      expect(decodeJournalRecord(bytes.subarray(1)).ok).toBe(false);
      expect(decodeJournalRecord(Uint8Array.of(...bytes, 0)).ok).toBe(false);
    }),
  );
});

import { toHex } from "@voltfog/runtime";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeEntry, encodeEntry, entryFault, type LogEntry } from "./entry.ts";

const u16 = fc.nat(0xffff);
const u53 = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const base = {
  stream: fc.constantFrom("telemetry" as const, "urgent" as const),
  unlinked: fc.boolean(),
  keyId: fc.uint8Array({ minLength: 16, maxLength: 16 }),
  sequence: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  commitment: fc.uint8Array({ minLength: 32, maxLength: 32 }),
};
const anyEntry: fc.Arbitrary<LogEntry> = fc.oneof(
  fc.record({ kind: fc.constant("frame" as const), ...base, sampleCount: u16 }),
  fc.record({
    kind: fc.constant("refused" as const),
    ...base,
    code: fc.integer({ min: 1, max: 0xffff }),
    sampleCount: u16,
  }),
  fc.record({
    kind: fc.constant("gap" as const),
    ...base,
    cause: u16,
    firstMissing: u53,
    lastMissing: u53,
    samplesMissing: fc.nat({ max: 0xffffffff }),
    knownSince_ms: u53,
  }),
);

describe("entries", () => {
  it("come back from their bytes: 64, or 92 for a gap", () => {
    fc.assert(
      fc.property(anyEntry, (entry) => {
        const bytes = encodeEntry(entry);
        expect(bytes).toHaveLength(entry.kind === "gap" ? 92 : 64);
        expect(decodeEntry(bytes)).toEqual({ ok: true, value: entry });
      }),
    );
  });

  it("have the frozen form of the specification", () => {
    const commitment = new Uint8Array(32).fill(0xcc);
    const keyId = new Uint8Array(16).fill(0xaa);
    const chain = { keyId, commitment, sequence: 0x0102030405 };
    const hex = (entry: LogEntry): string => toHex(encodeEntry(entry));
    const rest = `${"aa".repeat(16)}0000000102030405${"cc".repeat(32)}`;
    expect(
      hex({ kind: "frame", stream: "urgent", unlinked: true, sampleCount: 64, ...chain }),
    ).toBe(`0101010100000040${rest}`);
    expect(
      hex({
        kind: "refused",
        stream: "telemetry",
        unlinked: false,
        code: 9,
        sampleCount: 3,
        ...chain,
      }),
    ).toBe(`0102000000090003${rest}`);
    const gap = {
      cause: 2,
      firstMissing: 7,
      lastMissing: 9,
      samplesMissing: 192,
      knownSince_ms: 1,
    };
    expect(hex({ kind: "gap", stream: "telemetry", unlinked: false, ...gap, ...chain })).toBe(
      `0103000000020000${rest}00000000000000070000000000000009000000c00000000000000001`,
    );
  });

  it("decode without a throw, and only from their one canonical form", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
        const decoded = decodeEntry(bytes);
        if (decoded.ok) expect(encodeEntry(decoded.value)).toEqual(bytes);
      }),
    );
    fc.assert(
      fc.property(anyEntry, fc.nat(), fc.integer({ min: 1, max: 255 }), (entry, place, change) => {
        const bytes = encodeEntry(entry);
        const at = place % bytes.length;
        bytes[at] = (bytes[at] ?? 0) ^ change;
        const decoded = decodeEntry(bytes);
        if (decoded.ok) {
          expect(decoded.value).not.toEqual(entry);
          expect(encodeEntry(decoded.value)).toEqual(bytes);
        }
      }),
    );
  });

  it("are refused with a byte too few or too many", () => {
    fc.assert(
      fc.property(anyEntry, (entry) => {
        const bytes = encodeEntry(entry);
        expect(decodeEntry(bytes.subarray(1)).ok).toBe(false);
        expect(decodeEntry(bytes.subarray(0, -1)).ok).toBe(false);
        expect(decodeEntry(Uint8Array.of(...bytes, 0)).ok).toBe(false);
      }),
    );
  });

  it("say which field cannot be written", () => {
    const good: LogEntry = {
      kind: "refused",
      stream: "telemetry",
      unlinked: false,
      keyId: new Uint8Array(16),
      sequence: 1,
      commitment: new Uint8Array(32),
      code: 1,
      sampleCount: 0,
    };
    expect(entryFault(good)).toBeUndefined();
    const bad: Partial<LogEntry>[] = [
      { keyId: new Uint8Array(15) },
      { commitment: new Uint8Array(33) },
      { sequence: 0 },
      { sequence: 1.5 },
      { sequence: 2 ** 53 },
      { code: 0 },
      { code: 65_536 },
      { sampleCount: -1 },
      { sampleCount: Number.NaN },
    ];
    for (const change of bad) {
      expect(entryFault({ ...good, ...change } as LogEntry)).toEqual(expect.any(String));
    }
  });
});

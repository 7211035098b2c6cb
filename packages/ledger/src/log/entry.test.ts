import { toHex } from "@voltfog/runtime";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DeviceEntry, decodeEntry, encodeEntry, entryFault, type LogEntry } from "./entry.ts";

const u16 = fc.nat(0xffff);
const u53 = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
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
  fc.record({
    kind: fc.constant("log-opened" as const),
    predecessor: fc.record({ logId: hash, size: u53, root: hash }),
  }),
);
const lengths_bytes = { frame: 64, refused: 64, gap: 92, "log-opened": 80 } as const;

describe("entries", () => {
  it("come back from their bytes: 64, 92 for a gap, 80 for an opening", () => {
    fc.assert(
      fc.property(anyEntry, (entry) => {
        const bytes = encodeEntry(entry);
        expect(bytes).toHaveLength(lengths_bytes[entry.kind]);
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
    const end = { logId: commitment, size: 0x0a0b, root: new Uint8Array(32).fill(0xdd) };
    expect(hex({ kind: "log-opened", predecessor: end })).toBe(
      `0104000000000000${"cc".repeat(32)}0000000000000a0b${"dd".repeat(32)}`,
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
    const bad: Partial<DeviceEntry>[] = [
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
    const end = { logId: new Uint8Array(32), size: 0, root: new Uint8Array(32) };
    expect(entryFault({ kind: "log-opened", predecessor: end })).toBeUndefined();
    for (const change of [
      { logId: new Uint8Array(16) },
      { root: new Uint8Array(33) },
      { size: -1 },
    ]) {
      const predecessor = { ...end, ...change };
      expect(entryFault({ kind: "log-opened", predecessor })).toEqual(expect.any(String));
    }
  });
});

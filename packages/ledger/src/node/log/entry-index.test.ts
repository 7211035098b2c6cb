import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeEntry, type LogEntry } from "../../log/entry.ts";
import { EntryIndex } from "./entry-index.ts";

function add(
  index: EntryIndex,
  at: number,
  change: Partial<LogEntry> & { sequence: number },
): void {
  const entry = {
    kind: "frame",
    stream: "telemetry",
    unlinked: false,
    keyId: new Uint8Array(16),
    commitment: new Uint8Array(32).fill(at),
    sampleCount: 1,
    code: 9,
    ...change,
  } as LogEntry;
  const bytes = encodeEntry(entry);
  index.add({ bytes, view: new DataView(bytes.buffer), at: 0, index: at });
}

const key = (sequence: number) =>
  ({ keyId: new Uint8Array(16), stream: "telemetry", sequence }) as const;

describe("EntryIndex", () => {
  it("finds what a plain map finds, for any order of sequences and keys", () => {
    const step = fc.record({ sequence: fc.integer({ min: 1, max: 40 }), vehicle: fc.nat(2) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const index = new EntryIndex();
        const plain = new Map<string, number>();
        for (const [at, { sequence, vehicle }] of steps.entries()) {
          const keyId = new Uint8Array(16);
          keyId[15] = vehicle; // The same first bytes: the short key alone does not tell them apart.
          add(index, at, { sequence, keyId });
          const name = `${vehicle} ${sequence}`;
          if (!plain.has(name)) plain.set(name, at);
        }
        for (let vehicle = 0; vehicle < 3; vehicle++) {
          const keyId = new Uint8Array(16);
          keyId[15] = vehicle;
          for (let sequence = 0; sequence <= 41; sequence++) {
            const found = index.find({ keyId, stream: "telemetry", sequence });
            expect(found).toBe(plain.get(`${vehicle} ${sequence}`));
          }
        }
      }),
    );
  });

  it("never lets a refused entry stand before an accepted one", () => {
    const index = new EntryIndex();
    add(index, 0, { sequence: 1 });
    add(index, 1, { sequence: 1, kind: "refused", unlinked: true });
    add(index, 2, { sequence: 2, kind: "refused", unlinked: true });
    expect([1, 2].map((sequence) => index.find(key(sequence)))).toEqual([0, 2]);
    add(index, 3, { sequence: 2 });
    add(index, 4, { sequence: 2, kind: "refused", unlinked: true });
    expect(index.find(key(2))).toBe(3);
  });

  it("goes on from a refused entry that was linked, and from no other refused one", () => {
    const index = new EntryIndex();
    add(index, 1, { sequence: 1 });
    add(index, 2, { sequence: 2, kind: "refused" });
    expect(index.lastOf(new Uint8Array(16), "telemetry")).toEqual({
      sequence: 2,
      commitment: new Uint8Array(32).fill(2),
    });
    add(index, 3, { sequence: 900, kind: "refused", unlinked: true });
    add(index, 4, { sequence: 1, kind: "refused" });
    expect(index.lastOf(new Uint8Array(16), "telemetry")?.sequence).toBe(2);
    add(index, 5, { sequence: 7, unlinked: true });
    expect(index.lastOf(new Uint8Array(16), "telemetry")?.sequence).toBe(7);
  });

  it("keeps streams of one key apart", () => {
    const index = new EntryIndex();
    add(index, 0, { sequence: 5, stream: "urgent" });
    expect(index.find(key(5))).toBeUndefined();
    expect(index.find({ ...key(5), stream: "urgent" })).toBe(0);
    expect(index.lastOf(new Uint8Array(16), "telemetry")).toBeUndefined();
  });
});

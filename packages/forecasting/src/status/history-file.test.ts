import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeSnapshots, encodeSnapshots } from "./history-file.ts";
import type { NetworkSnapshot } from "./network-history.ts";
import { noStatus, statusClasses } from "./status-class.ts";

const status = fc.constantFrom(...statusClasses.keys(), noStatus);

const history = fc
  .tuple(fc.integer({ min: 0, max: 5 }), fc.uniqueArray(fc.nat(1_000_000_000), { maxLength: 6 }))
  .chain(([points, times]) =>
    fc.tuple(
      ...times
        .sort((a, b) => a - b)
        .map((at_ms) =>
          fc.record(
            {
              at_ms: fc.constant(at_ms),
              statuses: fc
                .array(status, { minLength: points, maxLength: points })
                .map((values) => Uint8Array.from(values)),
              updated_ms: fc
                .array(fc.oneof(fc.constant(Number.NaN), fc.integer({ min: 1, max: 4e9 })), {
                  minLength: points,
                  maxLength: points,
                })
                .map((values) => Float64Array.from(values, (value_s) => value_s * 1000)),
            },
            { requiredKeys: ["at_ms", "statuses"] },
          ),
        ),
    ),
  ) as fc.Arbitrary<readonly NetworkSnapshot[]>;

describe("a file of snapshots", () => {
  it("gives back what was written", () => {
    fc.assert(
      fc.property(history, (snapshots) => {
        const read = decodeSnapshots(encodeSnapshots(snapshots));
        expect(read).toEqual({ ok: true, value: snapshots });
      }),
    );
  });

  it("is refused when it is cut, has bytes left over, or is anything else", () => {
    fc.assert(
      fc.property(history, fc.nat(), (snapshots, cut) => {
        const bytes = encodeSnapshots(snapshots);
        expect(decodeSnapshots(bytes.slice(0, cut % bytes.length)).ok).toBe(false);
        expect(decodeSnapshots(Uint8Array.from([...bytes, 0])).ok).toBe(false);
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const read = decodeSnapshots(bytes);
        if (read.ok) expect(encodeSnapshots(read.value)).toEqual(bytes);
      }),
    );
  });

  it("is refused when it names points and no snapshot, or a status that is no class", () => {
    const bytes = encodeSnapshots([{ at_ms: 1, statuses: Uint8Array.of(0, statusClasses.length) }]);
    expect(decodeSnapshots(bytes)).toMatchObject({
      problem: { detail: expect.stringContaining("no class") },
    });
    const empty = Uint8Array.of(1, 0, 0, 0, 0x7b, 0, 0, 0, 0);
    expect(decodeSnapshots(empty)).toMatchObject({
      problem: { detail: expect.stringContaining("without a snapshot") },
    });
  });

  it("is refused when time runs back", () => {
    const later = { at_ms: 2, statuses: new Uint8Array(1) };
    const bytes = encodeSnapshots([later, { ...later, at_ms: 1 }]);
    expect(decodeSnapshots(bytes)).toMatchObject({ ok: false, problem: { code: "MALFORMED" } });
  });
});

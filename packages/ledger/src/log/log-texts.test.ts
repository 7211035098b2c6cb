import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseSegmentName, segmentName } from "../node/log/journal-format.ts";
import { newSigner } from "../node/log/testing/sample-log.ts";
import { parseUnitLogName, unitLogName } from "./checkpoint.ts";
import { encodeVerifierKey, openNote, parseVerifierKey, signNote } from "./signed-note.ts";

const signer = newSigner();
const key = { name: "log", publicKey: signer.publicKey };
const identifier = fc.stringMatching(/^[a-z][a-z0-9-]{0,31}$/);
const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string(),
  fc.stringMatching(/^[a-z0-9/+.]*$/),
);

describe("texts of the log", () => {
  it("a note opens to the text that was signed, and to no other", () => {
    const line = fc.stringMatching(/^[ -~]{1,40}$/);
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 4 }), fc.nat(), (lines, place) => {
        const signed = `${lines.join("\n")}\n`;
        const note = signNote({ text: signed, name: key.name, signer, crypto });
        expect(openNote({ note, key, crypto })).toEqual({ ok: true, value: { text: signed } });
        const at = place % note.length;
        const changed = `${note.slice(0, at)}${note[at] === "x" ? "y" : "x"}${note.slice(at + 1)}`;
        expect(openNote({ note: changed, key, crypto }).ok).toBe(false);
        expect(openNote({ note: note.slice(0, at), key, crypto }).ok).toBe(false);
        expect(openNote({ note: `${note}\n`, key, crypto }).ok).toBe(false);
      }),
      { numRuns: 50 },
    );
  });

  it("no text opens as a note, or reads as a verifier key, by chance, and none throws", () => {
    fc.assert(
      fc.property(text, (given) => {
        for (const note of [given, `${given}\n`, `${given}\n\n— log ${given}\n`]) {
          expect(openNote({ note, key, crypto }).ok).toBe(false);
        }
        for (const one of [given, `log+00000000+${given}`]) {
          expect(parseVerifierKey(one, crypto).ok).toBe(false);
        }
      }),
    );
  });

  it("a verifier key reads back, and with any character changed it does not", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z/.-]{1,30}$/), fc.nat(), (name, place) => {
        const written = encodeVerifierKey({ ...key, name }, crypto);
        expect(parseVerifierKey(written, crypto)).toEqual({ ok: true, value: { ...key, name } });
        const at = place % written.length;
        const other = written[at] === "A" ? "B" : "A";
        const changed = `${written.slice(0, at)}${other}${written.slice(at + 1)}`;
        expect(parseVerifierKey(changed, crypto).ok).toBe(false);
        expect(parseVerifierKey(`${written}A`, crypto).ok).toBe(false);
      }),
    );
  });

  it("a log's name reads back, and only what is one name of a log is read", () => {
    fc.assert(
      fc.property(identifier, fc.integer({ min: 1, max: 999_999_999 }), (unitId, number) => {
        const log = { unitId, number };
        expect(parseUnitLogName(unitLogName(log))).toEqual(log);
        expect(parseUnitLogName(`${unitLogName(log)}/`)).toBeUndefined();
      }),
    );
    fc.assert(
      fc.property(text, (given) => {
        const log = parseUnitLogName(given);
        if (log !== undefined) expect(unitLogName(log)).toBe(given);
      }),
    );
    for (const wrong of ["", "unit-1/1", "unit-1/0", "unit-1/02", "unit-1/2/3", "/2", "Unit-1"]) {
      expect(parseUnitLogName(wrong)).toBeUndefined();
    }
  });

  it("a segment's file name reads back, and only what is one is read", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (firstIndex) => {
        expect(parseSegmentName(segmentName(firstIndex))).toBe(firstIndex);
      }),
    );
    fc.assert(
      fc.property(text, fc.stringMatching(/^[0-9]{15,17}$/), (given, digits) => {
        for (const name of [given, `${digits}.seg`, `${given}.seg`]) {
          const firstIndex = parseSegmentName(name);
          if (firstIndex !== undefined) expect(segmentName(firstIndex)).toBe(name);
        }
      }),
    );
  });
});

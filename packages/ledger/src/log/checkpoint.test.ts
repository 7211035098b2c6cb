import { toHex } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { newSigner } from "../node/log/testing/sample-log.ts";
import {
  checkpointFormFault,
  logId,
  logOrigin,
  openCheckpoint,
  parseLogOrigin,
  signCheckpoint,
} from "./checkpoint.ts";
import { encodeVerifierKey, signNote } from "./signed-note.ts";

const signer = newSigner();
const { publicKey } = signer;
const origin = logOrigin({ chain: "test", unitId: "unit-1" });
const anyHead = fc.record({
  size: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
  root: fc.uint8Array({ minLength: 32, maxLength: 32 }),
});

function signedText(text: string): string {
  return signNote({ text, name: origin, signer, crypto });
}

describe("checkpoints", () => {
  it("come back from their note", () => {
    fc.assert(
      fc.property(anyHead, (head) => {
        const note = signCheckpoint({ origin, ...head, signer, crypto });
        const opened = openCheckpoint({ note, origin, publicKey, crypto });
        expect(opened).toEqual({ ok: true, value: { origin, ...head } });
        const key = { name: origin, publicKey };
        expect(checkpointFormFault({ note, head, key, crypto })).toBeUndefined();
      }),
      { numRuns: 30 },
    );
  });

  it("are origin, size and base64 root, a line each", () => {
    const root = new Uint8Array(32).fill(255);
    const note = signCheckpoint({ origin, size: 17, root, signer, crypto });
    expect(note.split("\n").slice(0, 4)).toEqual([
      "voltfog/test/log/unit-1",
      "17",
      "//////////////////////////////////////////8=",
      "",
    ]);
    expect(note.split("\n")[4]).toMatch(/^— voltfog\/test\/log\/unit-1 [A-Za-z0-9+/]{91}=$/);
  });

  it("never throw on text that is no checkpoint", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (note) => {
        expect(openCheckpoint({ note, origin, publicKey, crypto }).ok).toBe(false);
      }),
    );
  });

  it("are refused when signed but malformed", () => {
    const root = "//////////////////////////////////////////8=";
    const bad = [
      `${origin}\n`,
      `${origin}\n1\n`,
      `${origin}\n01\n${root}\n`,
      `${origin}\n-1\n${root}\n`,
      `${origin}\n9007199254740992\n${root}\n`,
      `${origin}\n99999999999999999999\n${root}\n`,
      `${origin}\n1\n//////////////////////////////////////////9=\n`,
      `${origin}\n1\n////\n`,
      `${origin}\n1\n${root}\n\nx\n`,
    ];
    for (const text of bad) {
      const opened = openCheckpoint({ note: signedText(text), origin, publicKey, crypto });
      expect(opened).toMatchObject({ problem: { code: "CHECKPOINT_MALFORMED" } });
    }
    const other = openCheckpoint({
      note: signedText(`x\n1\n${root}\n`),
      origin,
      publicKey,
      crypto,
    });
    expect(other).toMatchObject({ problem: { code: "ORIGIN_MISMATCH" } });
  });

  it("may carry extension lines, but then are not in the log's own form", () => {
    const head = { size: 1, root: new Uint8Array(32) };
    const text = `${origin}\n1\n${"A".repeat(43)}=\n`;
    const note = signedText(`${text}more\n`);
    expect(openCheckpoint({ note, origin, publicKey, crypto }).ok).toBe(true);
    const key = { name: origin, publicKey };
    expect(checkpointFormFault({ note, head, key, crypto })).toEqual(expect.any(String));
    const cosigned = signedText(text) + signedText(text).slice(text.length + 1);
    expect(checkpointFormFault({ note: cosigned, head, key, crypto })).toEqual(expect.any(String));
  });

  it("name a unit's log by its number within the chain, in one way", () => {
    const numbered = (number: number): string =>
      logOrigin({ chain: "test", unitId: "unit-1", number });
    expect([numbered(1), numbered(2), numbered(10)]).toEqual([
      "voltfog/test/log/unit-1",
      "voltfog/test/log/unit-1/2",
      "voltfog/test/log/unit-1/10",
    ]);
    for (const number of [1, 2, 10]) {
      expect(parseLogOrigin(numbered(number), "test")).toEqual({ unitId: "unit-1", number });
    }
    const others = [
      "unit-1/1",
      "unit-1/0",
      "unit-1/02",
      "unit-1/2/3",
      "unit-1/",
      "",
      "Unit",
      "a/x",
    ];
    for (const name of others) {
      expect(parseLogOrigin(`voltfog/test/log/${name}`, "test"), name).toBeUndefined();
    }
    expect(parseLogOrigin(numbered(2), "other")).toBeUndefined();
  });

  it("name their log by an id that starts with the note's key hash", () => {
    const id = toHex(logId({ origin, publicKey, crypto }));
    expect(id).toHaveLength(64);
    expect(encodeVerifierKey({ name: origin, publicKey }, crypto)).toContain(`+${id.slice(0, 8)}+`);
  });
});

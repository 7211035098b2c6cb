import { readdirSync, readFileSync } from "node:fs";
import { fromHex, toHex } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import { describe, expect, it } from "vitest";
import { decodePayload, openFrame, verifyFrame } from "../frame.ts";
import { publishedSigner as signer } from "./published-signer.ts";
import { sealVector, type Vector, vectorPayload } from "./vector.ts";

const folder = new URL("../../fixtures/", import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith(".json"));

describe("the frozen vectors of version 1", () => {
  it("are all there", () => {
    expect(names).toHaveLength(5);
  });

  it.each(names)("hold in both directions: %s", (name) => {
    const vector = JSON.parse(readFileSync(new URL(name, folder), "utf8")) as Vector;
    expect(toHex(sealVector({ ...vector, signer }))).toBe(vector.frame);
    const opened = openFrame(fromHex(vector.frame) ?? new Uint8Array());
    if (!opened.ok) expect.fail(opened.problem.detail);
    expect(verifyFrame({ frame: opened.value, publicKey: signer.publicKey, crypto })).toBe(true);
    expect(decodePayload(opened.value)).toEqual({ ok: true, value: vectorPayload(vector.payload) });
  });
});

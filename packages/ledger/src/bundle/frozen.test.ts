import { readFileSync } from "node:fs";
import { fromHex, toHex, utf8 } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import { describe, expect, it } from "vitest";
import { Chain } from "../chain/chain.ts";
import { parseGenesis } from "../genesis/genesis.ts";
import { testFrames } from "../testing/test-frame.ts";
import { decodeBundle, encodeBundle } from "./bundle.ts";
import { verifyBundle } from "./verify-bundle.ts";

interface Frozen {
  readonly genesis: string;
  readonly chainId: string;
  readonly blocks: readonly { readonly block: string; readonly certificate: string }[];
  readonly head: Readonly<Record<string, unknown>>;
  readonly frameBundle: string;
  readonly eventBundle: string;
}

const path = new URL("../../fixtures/chain-1.json", import.meta.url);
const frozen = JSON.parse(readFileSync(path, "utf8")) as Frozen;
const genesisBytes = utf8(frozen.genesis);
const crypto = nodeCrypto;

function bytesOf(hex: string): Uint8Array {
  return fromHex(hex) ?? new Uint8Array();
}

describe("what was written with format version 1", () => {
  it("leads to the same roots for ever", () => {
    const genesis = parseGenesis(genesisBytes, crypto);
    if (!genesis.ok) throw new Error(genesis.problem.detail);
    expect(toHex(genesis.value.chainId)).toBe(frozen.chainId);
    const chain = Chain.fromGenesis({ genesis: genesis.value, crypto });
    for (const { block, certificate } of frozen.blocks) {
      const final = { block: bytesOf(block), certificate: bytesOf(certificate) };
      expect(chain.follow(final).ok).toBe(true);
    }
    const { header, hash } = chain.head;
    expect({
      height: header.height,
      hash: toHex(hash),
      resultsSize: header.resultsSize,
      resultsRoot: toHex(header.resultsRoot),
      stateRoot: toHex(header.stateRoot),
    }).toEqual(frozen.head);
  });

  it.each(["frameBundle", "eventBundle"] as const)("verifies: %s", (name) => {
    const bytes = bytesOf(frozen[name]);
    const verdict = verifyBundle({ bytes, genesisBytes, crypto, frames: testFrames });
    expect(verdict.ok && verdict.value.frame.sequence).toBe(5);
    const decoded = decodeBundle(bytes);
    expect(decoded.ok && toHex(encodeBundle(decoded.value))).toBe(frozen[name]);
  });
});

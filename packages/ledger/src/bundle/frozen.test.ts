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
  /** The first two have one, of an event the first only. */
  readonly frameBundle?: string;
  readonly eventBundle?: string;
}

function readFrozen(name: string): Frozen {
  const path = new URL(`../../fixtures/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(path, "utf8")) as Frozen;
}

const first = readFrozen("chain-1");
/** Validators were admitted, accused and removed. */
const second = readFrozen("chain-2");
/** Money went in and out, and a union rewarded proposers. */
const third = readFrozen("chain-3");
const crypto = nodeCrypto;

function bytesOf(hex: string): Uint8Array {
  return fromHex(hex) ?? new Uint8Array();
}

describe("what was written once", () => {
  it.each([first, second, third])("leads to the same roots for ever", (frozen) => {
    const genesis = parseGenesis(utf8(frozen.genesis), crypto);
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
      epoch: header.epoch,
      hash: toHex(hash),
      resultsSize: header.resultsSize,
      resultsRoot: toHex(header.resultsRoot),
      stateRoot: toHex(header.stateRoot),
    }).toEqual({ epoch: 0, ...frozen.head });
  });

  it.each([
    ["a frame", first, first.frameBundle],
    ["an event", first, first.eventBundle],
    ["a frame after two set changes", second, second.frameBundle],
  ] as const)("verifies: %s", (_what, { genesis }, bundle = "") => {
    const bytes = bytesOf(bundle);
    const genesisBytes = utf8(genesis);
    const verdict = verifyBundle({ bytes, genesisBytes, crypto, frames: testFrames });
    expect(verdict.ok && verdict.value.frame.sequence).toBe(5);
    const decoded = decodeBundle(bytes);
    expect(decoded.ok && toHex(encodeBundle(decoded.value))).toBe(bundle);
  });
});

import { nodeCrypto } from "@voltfog/runtime/node";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { nonceName } from "../state/names.ts";
import { codecFault } from "../testing/codec-laws.ts";
import { createConsortium, finalise } from "../testing/consortium.ts";
import { at, eventTx } from "../testing/transactions.ts";
import { Chain } from "./chain.ts";
import { decodeChainEvidence, encodeChainEvidence, verifyChainEvidence } from "./chain-evidence.ts";

// Thousands of signatures and hashes: seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const crypto = nodeCrypto;
const consortium = createConsortium({ crypto });
const { genesis } = consortium;
const unit = at(consortium.units, 0);
const chain = Chain.fromGenesis({ genesis, crypto });

describe("chain evidence", () => {
  it("is not there while only the genesis block is", () => {
    expect(chain.evidence({ results: [], names: [] })).toBeUndefined();
    for (let nonce = 1; nonce <= 3; nonce++) {
      const eventId = crypto.sha256(Uint8Array.of(nonce));
      const transactions = [eventTx({ consortium, sender: unit, nonce, event: { eventId } })];
      finalise({ consortium, chain, transactions });
    }
  });

  it("shows results and names to whoever has the genesis file, and any changed byte fails", () => {
    const names = [nonceName(unit.signer.publicKey), "nobody"];
    const evidence = chain.evidence({ results: [0, 2], names });
    if (evidence === undefined) throw new Error("there is evidence");
    const verdict = verifyChainEvidence({ evidence, genesis, crypto });
    expect(verdict.ok && verdict.value.signers.map(({ id }) => id)).toEqual([
      "validator-1",
      "validator-2",
      "validator-3",
    ]);
    const bytes = encodeChainEvidence(evidence);
    for (let i = 0; i < bytes.length; i++) {
      const changed = bytes.slice();
      changed[i] = (changed[i] ?? 0) ^ (1 << (i % 8));
      const decoded = decodeChainEvidence(changed);
      if (!decoded.ok) continue;
      expect(verifyChainEvidence({ evidence: decoded.value, genesis, crypto }).ok).toBe(false);
    }
  });

  it("has one encoding, with and without results and names", () => {
    for (const wanted of [
      { results: [], names: [] },
      { results: [1], names: [] },
      { results: [0], names: ["a"] },
    ]) {
      const evidence = chain.evidence(wanted);
      if (evidence === undefined) throw new Error("there is evidence");
      const bytes = encodeChainEvidence(evidence);
      const fault = codecFault({ bytes, encode: encodeChainEvidence, decode: decodeChainEvidence });
      expect(fault).toBeUndefined();
    }
  });

  it("of another genesis file is refused", () => {
    const evidence = chain.evidence({ results: [0], names: [] });
    const other = createConsortium({ crypto, validators: 5 }).genesis;
    const verdict = evidence && verifyChainEvidence({ evidence, genesis: other, crypto });
    expect(verdict?.ok === false && verdict.problem.code).toBe("EVIDENCE_OTHER_CHAIN");
  });

  it("never throws on arbitrary bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        expect(decodeChainEvidence(bytes).ok).toBe(false);
      }),
    );
  });
});

import { equalBytes, type Signer } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import { beforeEach, describe, expect, it } from "vitest";
import { encodeCertificate } from "../chain/certificate.ts";
import { Chain } from "../chain/chain.ts";
import {
  decodeChainEvidence,
  encodeChainEvidence,
  verifyChainEvidence,
} from "../chain/chain-evidence.ts";
import {
  type Consortium,
  certify,
  createConsortium,
  finalise,
  type Member,
  signerOf,
} from "../testing/consortium.ts";
import { at, successionTx } from "../testing/transactions.ts";
import { signSuccession } from "./key-succession.ts";

const consortium = createConsortium({ crypto });
const { genesis, units, validators, vehicles } = consortium;
const { chainId } = genesis;
const old = at(validators, 1);
const renewed: Member = { ...old, signer: signerOf("renewed", crypto) };
/** The consortium once validator-2 has its new key. */
const after = withKey(consortium, renewed);

let chain: Chain;
let nonce = 0;

beforeEach(() => {
  chain = Chain.fromGenesis({ genesis, crypto });
  nonce = 0;
});

function withKey(before: Consortium, member: Member): Consortium {
  return {
    ...before,
    validators: before.validators.map((one) => (one.id === member.id ? member : one)),
  };
}

function succession(from: Signer, to: Signer, sender: Member = old): Uint8Array {
  const said = signSuccession({ chainId, from, to });
  return successionTx({ consortium, sender, nonce: ++nonce, succession: said });
}

function codeOf(transaction: Uint8Array, by: Consortium = consortium): string | undefined {
  return finalise({ consortium: by, chain, transactions: [transaction] }).checked.results[0]?.code;
}

describe("a new vote key", () => {
  it("stands in the old one's place from the next height on", () => {
    const before = chain.head.header.nextValidatorsHash;
    expect(codeOf(succession(old.signer, renewed.signer))).toBe("OK");
    expect(equalBytes(chain.head.header.nextValidatorsHash, before)).toBe(false);
    expect([chain.head.header.epoch, chain.epoch]).toEqual([0, 1]);
    expect(chain.validators.map(({ id }) => id)).toEqual(validators.map(({ id }) => id));
    expect(chain.validators[1]?.voteKey).toEqual(renewed.signer.publicKey);
    finalise({ consortium: after, chain });
    expect(chain.head.header.epoch).toBe(1);
  });

  it("is the only one of its place that counts: no certificate with the old key's vote holds", () => {
    const follower = Chain.fromGenesis({ genesis, crypto });
    const transactions = [succession(old.signer, renewed.signer)];
    const named = finalise({ consortium, chain, transactions });
    expect(follower.follow(named.bytes).ok).toBe(true);
    const { bytes, checked } = finalise({ consortium: after, chain });
    const { header } = checked.block;
    const stale = encodeCertificate(certify({ consortium, header, signers: [0, 1, 2] }));
    const verdict = follower.follow({ block: bytes.block, certificate: stale });
    expect(verdict.ok ? "OK" : verdict.problem.code).toBe("CERTIFICATE_SIGNATURE_INVALID");
    expect(follower.follow(bytes).ok).toBe(true);
  });

  it("is named by the old key and holds itself: nobody else can give it, nor take part in it unasked", () => {
    const stranger = signerOf("stranger", crypto);
    const forged = signSuccession({ chainId, from: at(validators, 2).signer, to: stranger });
    const tell = (said: ReturnType<typeof signSuccession>): string | undefined =>
      codeOf(successionTx({ consortium, sender: old, nonce: ++nonce, succession: said }));
    expect(tell({ ...forged, oldKey: old.signer.publicKey })).toBe("SIGNATURE_INVALID");
    const unheld = signSuccession({ chainId, from: old.signer, to: stranger });
    expect(tell({ ...unheld, newKey: renewed.signer.publicKey })).toBe("SIGNATURE_INVALID");
    const other = signSuccession({ chainId: new Uint8Array(32), from: old.signer, to: stranger });
    expect(tell(other)).toBe("SIGNATURE_INVALID");
    expect(codeOf(succession(stranger, renewed.signer))).toBe("VALIDATOR_UNKNOWN");
    expect(chain.epoch).toBe(0);
  });

  it("retires the old one for good, which then sends nothing either", () => {
    const latest = signerOf("latest", crypto);
    expect(codeOf(succession(old.signer, renewed.signer))).toBe("OK");
    const again = succession(old.signer, latest, at(validators, 0));
    expect(codeOf(again, after)).toBe("VALIDATOR_UNKNOWN");
    const own = chain.admit(succession(old.signer, latest));
    expect(own.ok ? "OK" : own.problem.code).toBe("TX_SENDER_UNKNOWN");
    expect(codeOf(succession(renewed.signer, old.signer, renewed), after)).toBe("KEY_TAKEN");
    expect(codeOf(succession(renewed.signer, latest, renewed), after)).toBe("OK");
    expect(chain.validatorOf(old.signer.publicKey)?.id).toBe(old.id);
  });

  it("has no other role, and comes by a validator or a unit of its organisation", () => {
    for (const { signer } of [at(units, 0), at(vehicles, 0), at(validators, 2)]) {
      expect(codeOf(succession(old.signer, signer))).toBe("KEY_TAKEN");
    }
    expect(codeOf(succession(old.signer, renewed.signer, at(units, 0)))).toBe("NOT_AUTHORISED");
    expect(codeOf(succession(old.signer, renewed.signer, at(units, 1)))).toBe("OK");
  });
});

describe("what trusts only the genesis file", () => {
  function grown(): void {
    expect(codeOf(succession(old.signer, renewed.signer))).toBe("OK");
    finalise({ consortium: after, chain });
  }

  it("believes evidence of a later epoch by the successions in it, and by nothing less", () => {
    grown();
    const evidence = chain.evidence({ results: [0], names: [] });
    if (evidence === undefined) throw new Error("the head is final");
    const bytes = encodeChainEvidence(evidence);
    expect(bytes[0]).toBe(2);
    const decoded = decodeChainEvidence(bytes);
    if (!decoded.ok) throw new Error(decoded.problem.detail);
    expect(verifyChainEvidence({ evidence: decoded.value, genesis, crypto }).ok).toBe(true);
    const without = { ...evidence, steps: [] };
    expect(verifyChainEvidence({ evidence: without, genesis, crypto }).ok).toBe(false);
    const thief = signerOf("thief", crypto);
    const said = signSuccession({ chainId, from: thief, to: renewed.signer });
    const stolen = { ...said, oldKey: old.signer.publicKey };
    const forged = { ...evidence, steps: [{ kind: "succession" as const, ...stolen }] };
    expect(verifyChainEvidence({ evidence: forged, genesis, crypto }).ok).toBe(false);
  });

  it("goes on from a snapshot of a later epoch", () => {
    grown();
    const restored = Chain.fromSnapshot({ genesis, crypto, bytes: chain.snapshot() });
    if (!restored.ok) throw new Error(restored.problem.detail);
    const next = finalise({ consortium: after, chain });
    expect(restored.value.follow(next.bytes).ok).toBe(true);
  });

  it("goes on from a snapshot between the block that names the key and its first vote", () => {
    expect(codeOf(succession(old.signer, renewed.signer))).toBe("OK");
    const restored = Chain.fromSnapshot({ genesis, crypto, bytes: chain.snapshot() });
    if (!restored.ok) throw new Error(restored.problem.detail);
    expect(restored.value.epoch).toBe(1);
    const next = finalise({ consortium: after, chain });
    expect(restored.value.follow(next.bytes).ok).toBe(true);
  });
});

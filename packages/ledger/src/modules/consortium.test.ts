import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import { beforeEach, describe, expect, it } from "vitest";
import { Chain } from "../chain/chain.ts";
import {
  decodeChainEvidence,
  encodeChainEvidence,
  verifyChainEvidence,
} from "../chain/chain-evidence.ts";
import { createConsortium, signerOf } from "../testing/consortium.ts";
import { VotingSite } from "../testing/members.ts";
import { at, successionTx } from "../testing/transactions.ts";
import { encodeProposal } from "./consortium.ts";
import { signSuccession } from "./key-succession.ts";

const consortium = createConsortium({ crypto });
const { genesis } = consortium;
const four = ["validator-1", "validator-2", "validator-3", "validator-4"];

let site: VotingSite;
let chain: Chain;

beforeEach(() => {
  chain = Chain.fromGenesis({ genesis, crypto });
  site = new VotingSite({ consortium, chain });
});

const ids = (): string[] => chain.validators.map(({ id }) => id);

describe("an admission", () => {
  it("takes every validator's vote, is named by the next header and votes from the one after", () => {
    const change = site.admission("newcomer");
    const opened = site.propose("validator-1", change);
    expect([opened.code, opened.decided]).toEqual(["OK", false]);
    expect(site.approve("validator-2", opened.changeId).decided).toBe(false);
    expect(site.approve("validator-3", opened.changeId).decided).toBe(false);
    expect(site.approve("validator-3", opened.changeId).code).toBe("ALREADY_APPROVED");
    const before = chain.head.header.nextValidatorsHash;
    expect(site.approve("validator-4", opened.changeId).decided).toBe(true);
    const decidedHeight = chain.height;
    expect(chain.head.header.nextValidatorsHash).toEqual(before);
    expect([ids(), chain.epoch]).toEqual([four, 0]);
    site.settle();
    expect(chain.head.header.nextValidatorsHash).not.toEqual(before);
    expect([ids(), chain.epoch]).toEqual([[...four, "newcomer"], 1]);
    site.settle();
    expect([chain.height, chain.head.header.epoch]).toEqual([decidedHeight + 2, 1]);
    expect(chain.head.certificate?.validators).toBe(5);
    expect(chain.validators[4]).toMatchObject({ endpoint: "127.0.0.1:30303", weight: 1 });
  });

  it("is proven to whoever trusts only the genesis file", () => {
    site.carry(site.admission("newcomer"));
    site.settle();
    site.settle();
    const evidence = chain.evidence({ results: [0], names: [] });
    if (evidence === undefined) throw new Error("the head is final");
    const bytes = encodeChainEvidence(evidence);
    expect(bytes[0]).toBe(3);
    const decoded = decodeChainEvidence(bytes);
    if (!decoded.ok) throw new Error(decoded.problem.detail);
    const verdict = verifyChainEvidence({ evidence: decoded.value, genesis, crypto });
    expect(verdict.ok && verdict.value.signers.length).toBe(4);
    const without = { ...evidence, steps: [] };
    expect(verifyChainEvidence({ evidence: without, genesis, crypto }).ok).toBe(false);
  });
});

describe("a removal", () => {
  it("is voted by the others and shuts its validator out from two heights later", () => {
    expect(site.carry({ kind: "remove-validator", id: "validator-2" }).decided).toBe(true);
    site.settle();
    site.settle();
    expect(ids()).toEqual(["validator-1", "validator-3", "validator-4"]);
    const tx = site.tx({
      sender: site.member("validator-2"),
      action: "approve",
      payload: new Uint8Array(32),
    });
    const verdict = chain.admit(tx);
    expect(verdict.ok ? "OK" : verdict.problem.code).toBe("TX_SENDER_UNKNOWN");
    expect(chain.validatorOf(site.member("validator-2").signer.publicKey)?.id).toBe("validator-2");
  });
});

describe("an admission is refused", () => {
  it("where the id, a key or the organisation does not fit, or nobody holds the key", () => {
    const refusal = (over: Parameters<VotingSite["admission"]>[1], id = "newcomer"): string =>
      site.propose("validator-1", site.admission(id, over)).code;
    const taken = site.member("validator-2").signer.publicKey;
    expect(refusal({ organisation: "nowhere" })).toBe("ORGANISATION_UNKNOWN");
    expect(refusal({ cosignerKey: taken })).toBe("KEY_TAKEN");
    expect(refusal({ cosignerKey: at(consortium.units, 0).signer.publicKey })).toBe("KEY_TAKEN");
    expect(site.propose("validator-1", site.admission("seat", { keys: "unit-1" })).code).toBe(
      "KEY_TAKEN",
    );
    const stranger = { ...site.admission("newcomer"), possession: new Uint8Array(64) };
    expect(site.propose("validator-1", stranger).code).toBe("PROOF_OF_POSSESSION_INVALID");
    const moved = { ...site.admission("newcomer"), endpoint: "10.0.0.9:30303" };
    expect(site.propose("validator-1", moved).code).toBe("PROOF_OF_POSSESSION_INVALID");
    expect(refusal({ keys: "other" }, "validator-3")).toBe("ID_TAKEN");
    expect([chain.epoch, chain.consortium.changes()]).toEqual([0, []]);
  });

  it("where another admission took its id or key before it was decided", () => {
    const first = site.propose("validator-1", site.admission("newcomer"));
    const second = site.propose("validator-2", site.admission("rival", { keys: "newcomer" }));
    for (const id of ["validator-2", "validator-3", "validator-4"]) {
      site.approve(id, first.changeId);
    }
    expect(site.approve("validator-1", second.changeId).code).toBe("KEY_TAKEN");
    expect(site.approve("validator-1", first.changeId).code).toBe("CHANGE_DECIDED");
  });

  it("by who may not vote on it, twice over, or too late", () => {
    const payload = encodeProposal(site.admission("newcomer"));
    const sender = at(consortium.units, 0);
    const byUnit = site.tx({ sender, action: "propose", payload });
    expect(site.vote(byUnit).code).toBe("NOT_AUTHORISED");
    expect(site.approve("validator-1", new Uint8Array(32)).code).toBe("CHANGE_UNKNOWN");
  });
});

describe("set changes", () => {
  it("come one at a time: another waits until the first one decides blocks", () => {
    const one = site.propose("validator-1", site.admission("one"));
    const two = site.propose("validator-1", site.admission("two"));
    for (const id of ["validator-2", "validator-3"]) {
      site.approve(id, one.changeId);
      site.approve(id, two.changeId);
    }
    expect(site.approve("validator-4", one.changeId).decided).toBe(true);
    expect(site.approve("validator-4", two.changeId).code).toBe("CHANGE_PENDING");
    expect(site.approve("validator-4", two.changeId)).toMatchObject({ code: "OK", decided: false });
    expect(site.approve("one", two.changeId).decided).toBe(true);
    site.settle();
    expect([ids(), chain.epoch]).toEqual([[...four, "one", "two"], 2]);
  });

  it("leave a vote key's successor out of the block that names a set, and take it in any other", () => {
    site.carry({ kind: "remove-validator", id: "validator-2" });
    const { chainId } = genesis;
    const from = site.member("validator-3").signer;
    const to = signerOf("renewed", crypto);
    const succession = signSuccession({ chainId, from, to });
    const sender = site.member("validator-3");
    const tx = successionTx({ consortium, sender, nonce: 901, succession });
    const early = chain.admit(tx);
    expect(early.ok ? "OK" : early.problem.code).toBe("TX_NOT_NOW");
    expect(site.settle(tx).checked.results).toEqual([]);
    expect(site.settle(tx).checked.results[0]?.code).toBe("OK");
    site.hold("validator-3", to);
    site.settle();
    expect(chain.epoch).toBe(2);
    expect(chain.electorate.steps.map(({ kind }) => kind)).toEqual(["set-change", "succession"]);
  });

  it("never take the last validator, nor, without its own vote, the second last", () => {
    for (const id of ["validator-1", "validator-2"]) {
      expect(site.carry({ kind: "remove-validator", id }).decided).toBe(true);
      site.settle();
      site.settle();
    }
    const opened = site.propose("validator-3", { kind: "remove-validator", id: "validator-4" });
    expect(opened.decided).toBe(false);
    expect(site.approve("validator-4", opened.changeId).decided).toBe(true);
    site.settle();
    const last = site.propose("validator-3", { kind: "remove-validator", id: "validator-3" });
    expect(last.code).toBe("SET_TOO_SMALL");
  });
});

describe("a validator that left", () => {
  it("comes back under its id with new keys only, and only for its organisation", () => {
    site.carry({ kind: "remove-validator", id: "validator-2" });
    const early = site.admission("validator-2", { organisation: "south", keys: "second" });
    expect(site.propose("validator-1", early).code).toBe("ID_TAKEN");
    site.settle();
    const again = (over: Parameters<VotingSite["admission"]>[1]) =>
      site.carry(site.admission("validator-2", over));
    expect(again({ organisation: "south", keys: "validator-2" }).code).toBe("KEY_TAKEN");
    expect(again({ organisation: "north", keys: "second" }).code).toBe("ID_TAKEN");
    expect(again({ organisation: "south", keys: "second" }).decided).toBe(true);
    site.settle();
    site.settle();
    expect(ids()).toEqual(["validator-1", "validator-3", "validator-4", "validator-2"]);
    const old = at(consortium.validators, 1).signer.publicKey;
    expect(chain.validatorOf(old)?.voteKey).toEqual(site.member("validator-2").signer.publicKey);
    expect(chain.epoch).toBe(2);
  });
});

describe("a snapshot", () => {
  it("of any height around a set change goes on as the chain does", () => {
    site.carry(site.admission("newcomer"));
    for (let block = 0; block < 4; block++) {
      const restored = Chain.fromSnapshot({ genesis, crypto, bytes: chain.snapshot() });
      if (!restored.ok) throw new Error(restored.problem.detail);
      const { bytes } = site.settle();
      const followed = restored.value.follow(bytes);
      expect(followed.ok ? "OK" : followed.problem).toBe("OK");
      expect(restored.value.head.hash).toEqual(chain.head.hash);
      expect(restored.value.epoch).toBe(chain.epoch);
    }
  });
});

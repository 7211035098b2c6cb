import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import { beforeEach, describe, expect, it } from "vitest";
import { Chain } from "../chain/chain.ts";
import { StateTree } from "../state/state-tree.ts";
import { createConsortium, signerOf } from "../testing/consortium.ts";
import { VotingSite } from "../testing/members.ts";
import { at, deviceTx, eventTx } from "../testing/transactions.ts";
import { encodeProposal } from "./consortium.ts";
import { changeLife } from "./consortium-records.ts";
import { approve, propose, waitingChangesOf } from "./consortium-votes.ts";
import { moduleNumber, type TransactionContext } from "./module.ts";

const consortium = createConsortium({ crypto });
const { genesis, units } = consortium;

let site: VotingSite;
let chain: Chain;

beforeEach(() => {
  chain = Chain.fromGenesis({ genesis, crypto });
  site = new VotingSite({ consortium, chain });
});

/** A validator of north asks to enrol a vehicle of an organisation. */
function enrol(organisation: string, name: string): Uint8Array {
  const enrolment = {
    kind: "vehicle" as const,
    key: signerOf(name, crypto).publicKey,
    organisation,
    idCommitment: crypto.sha256(signerOf(name, crypto).publicKey),
    validFrom_ms: 0,
    validTo_ms: Number.MAX_SAFE_INTEGER,
  };
  const sender = site.member("validator-1");
  return deviceTx({ consortium, sender, nonce: site.nextNonce(), action: "enrol", enrolment });
}

const codeOf = (transaction: Uint8Array): string | undefined =>
  site.settle(transaction).checked.results[0]?.code;

describe("the share of votes that a change needs", () => {
  it("is all of them until the consortium votes on another for its kind", () => {
    const rule = { kind: "rule", rule: "admit-validator", numerator: 2, denominator: 3 } as const;
    const opened = site.propose("validator-1", rule);
    expect(site.approve("validator-2", opened.changeId).decided).toBe(false);
    expect(site.approve("validator-3", opened.changeId).decided).toBe(false);
    expect(chain.consortium.change(opened.changeId)).toMatchObject({ needed: 4, given: 3 });
    expect(site.approve("validator-4", opened.changeId).decided).toBe(true);
    const admission = site.propose("validator-1", site.admission("newcomer"));
    expect(site.approve("validator-2", admission.changeId).decided).toBe(false);
    expect(site.approve("validator-3", admission.changeId).decided).toBe(true);
  });

  it("is of a rule that exists, and of more than a half", () => {
    const rule = { kind: "rule", rule: "weather", numerator: 2, denominator: 3 } as const;
    expect(site.propose("validator-1", rule).code).toBe("RULE_UNKNOWN");
    const half = { kind: "rule", rule: "release", numerator: 1, denominator: 2 } as const;
    const payload = encodeProposal(half);
    const tx = site.tx({ sender: site.member("validator-1"), action: "propose", payload });
    const admitted = chain.admit(tx);
    expect(admitted.ok ? "OK" : admitted.problem.code).toBe("TX_PAYLOAD_MALFORMED");
  });

  it("counts those who can vote now: who voted before may ask again once others left", () => {
    const policy = { kind: "proposer-policy", policy: "turn" } as const;
    const opened = site.propose("validator-1", policy);
    for (const id of ["validator-2", "validator-3"]) site.approve(id, opened.changeId);
    expect(site.approve("validator-1", opened.changeId).code).toBe("ALREADY_APPROVED");
    site.carry({ kind: "remove-validator", id: "validator-4" });
    site.settle();
    expect(chain.consortium.proposerPolicy).toBe("quality");
    expect(site.approve("validator-1", opened.changeId).decided).toBe(true);
    expect(chain.consortium.proposerPolicy).toBe("turn");
  });
});

describe("turns to propose", () => {
  it("are not voted on where the engine fixes who proposes", () => {
    const engine = { name: "linear", redundant: 0 } as const;
    const other = createConsortium({ crypto, engine });
    const otherChain = Chain.fromGenesis({ genesis: other.genesis, crypto });
    const members = new VotingSite({ consortium: other, chain: otherChain });
    for (const policy of ["quality", "turn", "stake", "delegated"] as const) {
      const refused = members.propose("validator-1", { kind: "proposer-policy", policy });
      expect(refused.code).toBe("ENGINE_WITHOUT_TURNS");
    }
    expect(otherChain.consortium.changes()).toEqual([]);
    expect(site.propose("validator-1", { kind: "proposer-policy", policy: "turn" }).code).toBe(
      "OK",
    );
  });
});

describe("a change that waits for votes", () => {
  it("is listed until it is decided, at most sixteen of one validator", () => {
    const opened = Array.from({ length: 16 }, (_, i) =>
      site.propose("validator-1", site.admission(`newcomer-${i + 1}`)),
    );
    expect(site.propose("validator-1", site.admission("one-more")).code).toBe("CHANGES_FULL");
    expect(site.propose("validator-2", site.admission("one-more")).code).toBe("OK");
    expect(chain.consortium.changes().length).toBe(17);
    const { changeId } = at(opened, 3);
    for (const id of ["validator-2", "validator-3", "validator-4"]) site.approve(id, changeId);
    expect(chain.consortium.changes().length).toBe(16);
    expect(site.propose("validator-1", site.admission("another")).code).toBe("OK");
  });

  it("expires after ten thousand blocks", () => {
    const seats = chain.validators;
    const context = (place: number, height: number): TransactionContext => {
      const validator = at(seats, place);
      const sender = { key: validator.voteKey, nonceKey: validator.voteKey, validator };
      return {
        genesis,
        crypto,
        sender: { ...sender, unit: undefined },
        roster: chain.electorate,
        height,
        parentHash: new Uint8Array(32),
        txIndex: 0,
        time_ms: 0,
        resultIndex: 0,
      };
    };
    const change = { kind: "proposer-policy", policy: "turn" } as const;
    const opened = propose({ state: StateTree.empty(crypto), context: context(0, 5), change });
    if (opened.code !== "OK" || opened.state === undefined) throw new Error(opened.code);
    const { state } = opened;
    const id = opened.data.slice(0, 32);
    const last = approve({ state, context: context(1, 5 + changeLife), id });
    const late = approve({ state, context: context(1, 6 + changeLife), id });
    expect([last.code, late.code]).toEqual(["OK", "CHANGE_EXPIRED"]);
    const waiting = (height: number) =>
      waitingChangesOf({ state, owner: at(seats, 0).id, height }).length;
    expect([waiting(5 + changeLife), waiting(6 + changeLife)]).toEqual([1, 0]);
  });
});

describe("an organisation", () => {
  const east = {
    kind: "admit-organisation",
    id: "east",
    name: "East Grid",
    certificateHash: crypto.sha256(new Uint8Array()),
  } as const;

  it("is admitted by vote, has validators and devices, and leaves once it has no validator", () => {
    const admission = site.admission("eastern", { organisation: "east" });
    expect(codeOf(enrol("east", "car"))).toBe("ORGANISATION_UNKNOWN");
    expect(site.propose("validator-1", admission).code).toBe("ORGANISATION_UNKNOWN");
    expect(site.carry(east).decided).toBe(true);
    expect(site.propose("validator-1", east).code).toBe("ID_TAKEN");
    expect(codeOf(enrol("east", "car"))).toBe("OK");
    expect(site.carry(admission).decided).toBe(true);
    const leave = { kind: "remove-organisation", id: "east" } as const;
    expect(site.propose("validator-1", leave).code).toBe("ORGANISATION_IN_USE");
    site.settle();
    expect(site.carry({ kind: "remove-validator", id: "eastern" }).decided).toBe(true);
    site.settle();
    site.settle();
    expect(site.carry(leave).decided).toBe(true);
    expect(codeOf(enrol("east", "bus"))).toBe("ORGANISATION_UNKNOWN");
    const known = chain.consortium.organisations().map(({ id }) => id);
    expect(known).toEqual(["north", "south", "east"]);
    expect(site.carry({ ...east, name: "East again" }).decided).toBe(true);
    expect(chain.consortium.organisations().length).toBe(3);
  });

  it("that left is no longer heard: its units send nothing from the next block on", () => {
    for (const id of ["validator-2", "validator-4"]) {
      site.carry({ kind: "remove-validator", id });
      site.settle();
      site.settle();
    }
    const southern = at(units, 1);
    expect(codeOf(eventTx({ consortium, sender: southern, nonce: 1 }))).toBe("OK");
    expect(site.carry({ kind: "remove-organisation", id: "south" }).decided).toBe(true);
    const admitted = chain.admit(eventTx({ consortium, sender: southern, nonce: 2 }));
    expect(admitted.ok ? "OK" : admitted.problem.code).toBe("TX_SENDER_UNKNOWN");
    expect(chain.admit(eventTx({ consortium, sender: at(units, 0), nonce: 1 })).ok).toBe(true);
  });
});

describe("a module's rules", () => {
  const { devices } = moduleNumber;
  const second = (height: number, version = 2) =>
    ({ kind: "module-version", module: devices, version, height }) as const;

  it("change at the voted height and not before: validators then enrol for their own organisation only", () => {
    const height = chain.height + 7;
    expect(site.carry(second(height)).decided).toBe(true);
    while (chain.height < height - 2) site.settle();
    expect(codeOf(enrol("south", "car"))).toBe("OK");
    expect(chain.height).toBe(height - 1);
    expect(codeOf(enrol("south", "bus"))).toBe("NOT_AUTHORISED");
    expect(codeOf(enrol("north", "van"))).toBe("OK");
    const restored = Chain.fromSnapshot({ genesis, crypto, bytes: chain.snapshot() });
    if (!restored.ok) throw new Error(restored.problem.detail);
    const { bytes } = site.settle(enrol("south", "cab"));
    expect(restored.value.follow(bytes).ok).toBe(true);
    expect(restored.value.head.header.stateRoot).toEqual(chain.head.header.stateRoot);
  });

  it("hold for a transaction that was read under those before them", () => {
    const height = chain.height + 8;
    expect(site.carry(second(height)).decided).toBe(true);
    while (chain.height < height - 2) site.settle();
    const foreign = enrol("south", "early");
    expect(chain.admit(foreign).ok).toBe(true);
    site.settle();
    expect(codeOf(foreign.slice())).toBe("NOT_AUTHORISED");
  });

  it("can be voted back, and only one version further, of a module that is there, in time", () => {
    const problems = [second(99, 3), second(99, 0), second(99, 1), second(1)];
    const codes = problems.map((change) => site.propose("validator-1", change).code);
    expect(codes).toEqual(["RULE_UNKNOWN", "RULE_UNKNOWN", "RULE_UNKNOWN", "HEIGHT_PASSED"]);
    expect(site.propose("validator-1", { ...second(99), module: 77 }).code).toBe("RULE_UNKNOWN");
    site.carry(second(chain.height + 5));
    site.settle();
    expect(codeOf(enrol("south", "car"))).toBe("NOT_AUTHORISED");
    expect(site.carry(second(chain.height + 5, 1)).decided).toBe(true);
    site.settle();
    expect(codeOf(enrol("south", "car"))).toBe("OK");
  });

  it("that this software does not have let it take no block, and say why", () => {
    const height = chain.height + 5;
    const change = { kind: "module-version", module: 2, version: 2, height } as const;
    expect(site.carry(change).decided).toBe(true);
    const parent = chain.head;
    const block = chain.build({
      parentCertificate: parent.certificate,
      time_ms: parent.header.time_ms + 1000,
      proposer: site.member("validator-1").signer.publicKey,
      transactions: [],
    });
    const verdict = chain.check(block, { now_ms: block.header.time_ms });
    expect(verdict.ok ? "OK" : verdict.problem.code).toBe("BLOCK_RULES_UNKNOWN");
  });
});

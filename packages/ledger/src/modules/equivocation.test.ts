import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import { beforeEach, describe, expect, it } from "vitest";
import { Chain } from "../chain/chain.ts";
import { createConsortium, type Member } from "../testing/consortium.ts";
import { VotingSite } from "../testing/members.ts";
import { at } from "../testing/transactions.ts";
import { decodeEquivocation, encodeEquivocation } from "./equivocation.ts";

const consortium = createConsortium({ crypto });
const { genesis } = consortium;

let site: VotingSite;
let chain: Chain;

beforeEach(() => {
  chain = Chain.fromGenesis({ genesis, crypto });
  site = new VotingSite({ consortium, chain });
  for (let height = 1; height <= 3; height++) site.settle();
});

/** A unit shows what it has heard. */
function accuse(payload: Uint8Array, sender: Member = at(consortium.units, 0)): string | undefined {
  const transaction = site.tx({ sender, action: "accuse", payload });
  return site.settle(transaction).checked.results[0]?.code;
}

const seat = (id: string) => chain.validators.find((one) => one.id === id);
const liar = (): Member => site.member("validator-2");

describe("a validator that signed two blocks of one round", () => {
  it("is quarantined by whoever shows it: no turns, no say in changes, its votes still count", () => {
    expect(accuse(site.equivocation(liar()))).toBe("OK");
    expect(seat("validator-2")).toMatchObject({ weight: 0, quarantined: true });
    expect(seat("validator-1")).toMatchObject({ weight: 1, quarantined: false });
    expect([chain.validators.length, chain.epoch]).toEqual([4, 0]);
    expect(accuse(site.equivocation(liar()))).toBe("ALREADY_QUARANTINED");
    const change = { kind: "proposer-policy", policy: "turn" } as const;
    expect(site.propose("validator-2", change).code).toBe("NOT_AUTHORISED");
    expect(site.carry(change).decided).toBe(true);
  });

  it("has its removal opened, which the others' votes decide", () => {
    accuse(site.equivocation(liar()));
    const [removal, ...others] = chain.consortium.changes();
    if (removal === undefined) throw new Error("a removal is open");
    expect([removal.change, removal.given, others]).toEqual([
      { kind: "remove-validator", id: "validator-2" },
      0,
      [],
    ]);
    expect(chain.consortium.quarantine("validator-2")?.changeId).toEqual(removal.id);
    expect(site.approve("validator-2", removal.id).code).toBe("NOT_AUTHORISED");
    for (const id of ["validator-1", "validator-3"]) site.approve(id, removal.id);
    expect(site.approve("validator-4", removal.id).decided).toBe(true);
    site.settle();
    expect(chain.validators.length).toBe(3);
    expect(accuse(site.equivocation(liar()))).toBe("VALIDATOR_UNKNOWN");
  });

  it("is released by votes, and what came before that is settled", () => {
    const shown = site.equivocation(liar());
    accuse(shown);
    expect(site.propose("validator-1", { kind: "release", id: "validator-1" }).code).toBe(
      "NOT_QUARANTINED",
    );
    expect(site.carry({ kind: "release", id: "validator-2" }).decided).toBe(true);
    expect(seat("validator-2")).toMatchObject({ weight: 1, quarantined: false });
    expect(accuse(shown)).toBe("EVIDENCE_INVALID");
    expect(accuse(site.equivocation(liar()))).toBe("OK");
  });
});

describe("evidence", () => {
  it("proves nothing where the two do not contradict, are not both signed, or are of no past round", () => {
    const shown = site.equivocation(liar());
    const decoded = decodeEquivocation(shown);
    if (!decoded.ok) throw new Error(decoded.problem.detail);
    const { first, second } = decoded.value;
    const changed = (over: Partial<typeof decoded.value>): Uint8Array =>
      encodeEquivocation({ ...decoded.value, ...over });
    expect(accuse(changed({ second: first }))).toBe("EVIDENCE_INVALID");
    expect(accuse(site.equivocation(liar(), { digests: [3, 3] }))).toBe("EVIDENCE_INVALID");
    const unsigned = { ...second, signature: first.signature };
    expect(accuse(changed({ second: unsigned }))).toBe("EVIDENCE_INVALID");
    const otherHeight = decodeEquivocation(site.equivocation(liar(), { height: 1 }));
    if (!otherHeight.ok) throw new Error(otherHeight.problem.detail);
    expect(accuse(changed({ second: otherHeight.value.second }))).toBe("EVIDENCE_INVALID");
    expect(accuse(site.equivocation(liar(), { height: 99 }))).toBe("EVIDENCE_INVALID");
    const framed = site.member("validator-3").signer.publicKey;
    expect(accuse(changed({ voteKey: framed }))).toBe("EVIDENCE_INVALID");
    expect(accuse(site.equivocation(at(consortium.units, 1)))).toBe("VALIDATOR_UNKNOWN");
    expect(accuse(shown)).toBe("OK");
  });

  it("of another chain, or of a vote that a validator may give twice, proves nothing", () => {
    const other = createConsortium({ crypto, chain: "other" });
    const elsewhere = new VotingSite({
      consortium: other,
      chain: Chain.fromGenesis({ genesis: other.genesis, crypto }),
    });
    expect(accuse(elsewhere.equivocation(liar(), { height: 2 }))).toBe("EVIDENCE_INVALID");
    const decoded = decodeEquivocation(site.equivocation(liar()));
    if (!decoded.ok) throw new Error(decoded.problem.detail);
    const cut = ({ signed }: { signed: Uint8Array }) => {
      const short = signed.slice(0, -1);
      return { signed: short, signature: liar().signer.sign(short) };
    };
    const { voteKey, first, second } = decoded.value;
    const notVotes = encodeEquivocation({ voteKey, first: cut(first), second: cut(second) });
    expect(accuse(notVotes)).toBe("EVIDENCE_INVALID");
  });
});

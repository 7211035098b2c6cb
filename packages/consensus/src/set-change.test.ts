import {
  Chain,
  type ConsortiumChange,
  commitMessage,
  consortiumAction,
  decodeBlock,
  decodeVoted,
  encodeCertificate,
  encodeGenesis,
  encodeProposal,
  faultTolerance,
  moduleNumber,
  parseGenesis,
  quorum,
  type Result,
  signAdmission,
  signTransaction,
} from "@voltfog/ledger";
import { expect, test } from "vitest";
import type { Decision } from "./engine.ts";
import { LedgerApplication } from "./ledger-application.ts";
import { Mempool } from "./mempool.ts";
import { simulatedCrypto as crypto, simulatedSigner } from "./simulation/keyed-hash.ts";

const created_ms = 1_760_000_000_000;
const interval_ms = 10_000;

function chainOf(): Chain {
  const bytes = encodeGenesis({
    chain: "test",
    created_ms,
    blockInterval_ms: 1000,
    emptyBlockInterval_ms: interval_ms,
    organisations: [{ id: "north", name: "North" }],
    validators: [0, 1, 2].map((voter) => ({
      id: `validator-${voter + 1}`,
      organisation: "north",
      voteKey: simulatedSigner(voter).publicKey,
    })),
    units: [],
    vehicles: [],
  });
  const genesis = parseGenesis(bytes, crypto);
  if (!genesis.ok) throw new Error(genesis.problem.detail);
  return Chain.fromGenesis({ genesis: genesis.value, crypto });
}

/** Whose keys stand at the places, in the order of the chain. */
type Keys = readonly number[];

/** A validator that decides alone for all, with a follower that only reads what is final. */
class Table {
  readonly chain = chainOf();
  readonly follower = chainOf();
  readonly #mempool = new Mempool({
    transactions: 100,
    transactionsPerSender: 100,
    size_bytes: 1e6,
  });
  readonly #application = new LedgerApplication({
    chain: this.chain,
    mempool: this.#mempool,
    crypto,
  });
  #nonce = 0;
  #parent: Decision | undefined;

  /** The next block with a vote in it, sealed by as few as suffice; late seals come with the next one. */
  grow(keys: Keys, transaction?: Uint8Array): readonly Result[] {
    const { chain } = this;
    const application = this.#application;
    expect(application.voterSet.voters.map(({ key }) => key)).toEqual(
      keys.map((key) => simulatedSigner(key).publicKey),
    );
    if (transaction !== undefined) {
      const admitted = chain.admit(transaction);
      if (!admitted.ok) throw new Error(admitted.problem.detail);
      this.#mempool.add(admitted.value);
    }
    const wall_ms = chain.head.header.time_ms + interval_ms;
    const round = 0;
    const builder = 0;
    const block = application.build({ round, builder, parent: this.#parent, wall_ms });
    const digest = application.digestOf(block) ?? new Uint8Array();
    expect(application.check({ round, builder, digest, block, wall_ms })).toBeUndefined();
    const all = this.#sealed(keys, digest);
    const seals = all.seals.slice(0, quorum(keys.length));
    const final = application.finalise({ block, decision: { ...all, seals } });
    this.#parent = all;
    const certificate = encodeCertificate(final.certificate);
    const followed = this.follower.follow({ block, certificate });
    expect(followed.ok ? "OK" : followed.problem).toBe("OK");
    return final.checked.results;
  }

  /** Seals that the head's block carries of its parent. */
  parentSeals(keys: Keys): number | undefined {
    const wall_ms = this.chain.head.header.time_ms + interval_ms;
    const block = decodeBlock(
      this.#application.build({ round: 0, builder: 0, parent: this.#parent, wall_ms }),
    );
    expect(keys.length).toBe(this.chain.electorate.head.length);
    return block.ok ? block.value.parentCertificate?.signatures.length : undefined;
  }

  vote(key: number, action: keyof typeof consortiumAction, payload: Uint8Array): Uint8Array {
    return signTransaction({
      chainId: this.chain.genesis.chainId,
      module: moduleNumber.consortium,
      action: consortiumAction[action],
      nonce: ++this.#nonce,
      payload,
      signer: simulatedSigner(key),
    });
  }

  /** Votes of these keys, each in a block of its own, until the change is decided. */
  carry(keys: Keys, change: ConsortiumChange, voters: Keys): void {
    const [first, ...others] = voters;
    const opened = this.grow(keys, this.vote(first ?? 0, "propose", encodeProposal(change)));
    let voted = decodeVoted(opened[0]?.data ?? new Uint8Array());
    for (const key of others) {
      if (!voted.ok) break;
      const results = this.grow(keys, this.vote(key, "approve", voted.value.changeId));
      voted = decodeVoted(results[0]?.data ?? new Uint8Array());
    }
    expect(voted.ok && voted.value.decided).toBe(true);
  }

  #sealed(keys: Keys, digest: Uint8Array): Decision {
    const height = this.chain.height + 1;
    const { epoch } = this.#application.voterSet;
    const { chainId } = this.chain.genesis;
    const content = { chainId, epoch, height, round: 0, blockHash: digest, delay_ms: 5 };
    const seals = keys.map((key, voter) => ({
      voter,
      delay_ms: 5,
      signature: simulatedSigner(key).sign(commitMessage(content)),
    }));
    return { form: "commit", height, round: 0, digest, seals };
  }
}

test("the engine gets the set that the chain voted for, two heights after the vote, and seals count in their own set", () => {
  const table = new Table();
  const { chain } = table;
  const admission = signAdmission({
    chainId: chain.genesis.chainId,
    admission: {
      id: "newcomer",
      organisation: "north",
      cosignerKey: simulatedSigner(50).publicKey,
      anchorAddress: new Uint8Array(20).fill(5),
      endpoint: "127.0.0.1:30303",
    },
    signer: simulatedSigner(7),
  });
  const three = [0, 1, 2];
  table.carry(three, admission, three);
  table.grow(three);
  expect(faultTolerance(chain.validators.length)).toBe(1);
  // The old set's late seal is still taken into the new set's first block.
  expect(table.parentSeals(three)).toBe(3);
  const four = [0, 1, 2, 7];
  table.grow(four);
  expect(table.parentSeals(four)).toBe(4);
  table.carry(four, { kind: "remove-validator", id: "validator-1" }, [1, 2, 7]);
  table.grow(four);
  expect(table.parentSeals(four)).toBe(4);
  table.grow([1, 2, 7]);
  expect([chain.epoch, table.follower.epoch]).toEqual([2, 2]);
  expect(table.follower.head.hash).toEqual(chain.head.hash);
});

import {
  type AdmittedTx,
  Chain,
  commitMessage,
  decodeBlock,
  encodeBlock,
  encodeCertificate,
  encodeEventRecord,
  encodeGenesis,
  eventAction,
  type Genesis,
  moduleNumber,
  parseGenesis,
  signTransaction,
} from "@voltfog/ledger";
import { expect, test } from "vitest";
import { certificateOf } from "./certificate-of.ts";
import type { Decision } from "./engine.ts";
import { LedgerApplication } from "./ledger-application.ts";
import { Mempool } from "./mempool.ts";
import { simulatedCrypto as crypto, simulatedSigner } from "./simulation/keyed-hash.ts";

const unit = simulatedSigner(100);
const created_ms = 1_760_000_000_000;

function genesisOf(): Genesis {
  const bytes = encodeGenesis({
    chain: "test",
    created_ms,
    blockInterval_ms: 1000,
    emptyBlockInterval_ms: 10_000,
    organisations: [{ id: "north", name: "North" }],
    validators: [0, 1, 2, 3].map((voter) => ({
      id: `validator-${voter + 1}`,
      organisation: "north",
      voteKey: simulatedSigner(voter).publicKey,
    })),
    units: [{ id: "unit-1", organisation: "north", key: unit.publicKey }],
    vehicles: [],
  });
  const parsed = parseGenesis(bytes, crypto);
  if (!parsed.ok) throw new Error(parsed.problem.detail);
  return parsed.value;
}

interface Node {
  readonly chain: Chain;
  readonly mempool: Mempool;
  readonly application: LedgerApplication;
}

function node(): Node {
  const chain = Chain.fromGenesis({ genesis: genesisOf(), crypto });
  const mempool = new Mempool({ transactions: 100, transactionsPerSender: 100, size_bytes: 1e6 });
  return { chain, mempool, application: new LedgerApplication({ chain, mempool, crypto }) };
}

function event(chain: Chain, nonce: number): AdmittedTx {
  const bytes = signTransaction({
    chainId: chain.genesis.chainId,
    module: moduleNumber.events,
    action: eventAction.record,
    nonce,
    payload: encodeEventRecord({
      class: "overcharge",
      state: "asserted",
      level: 1,
      timeBucket: 1,
      pseudonym: new Uint8Array(16),
      eventId: new Uint8Array(32).fill(nonce),
    }),
    signer: unit,
  });
  const admitted = chain.admit(bytes);
  if (!admitted.ok) throw new Error(admitted.problem.detail);
  return admitted.value;
}

/** The decision of these voters about a block of a height. */
function sealed(options: {
  chain: Chain;
  height: number;
  digest: Uint8Array;
  voters: readonly number[];
}): Decision {
  const { height, digest } = options;
  const { chainId } = options.chain.genesis;
  const content = { chainId, epoch: 0, height, round: 0, blockHash: digest, delay_ms: 5 };
  const seals = options.voters.map((voter) => ({
    voter,
    delay_ms: 5,
    signature: simulatedSigner(voter).sign(commitMessage(content)),
  }));
  return { form: "commit", height, round: 0, digest, seals };
}

function decide({ chain, application }: Node, block: Uint8Array): Decision {
  const digest = application.digestOf(block);
  if (digest === undefined) throw new Error("the block has a digest");
  return sealed({ chain, height: chain.height + 1, digest, voters: [0, 1, 2] });
}

const built = { round: 0, builder: 1, parent: undefined, wall_ms: created_ms + 60_000 };
const asked = { round: 0, builder: 1, wall_ms: created_ms + 60_000 };

/** Checks and finalises the next block of a node, and gives its bytes. */
function grow(one: Node): { block: Uint8Array; certificate: Uint8Array; decision: Decision } {
  const block = one.application.build(built);
  const decision = decide(one, block);
  expect(one.application.check({ ...asked, block, digest: decision.digest })).toBeUndefined();
  const { certificate } = one.application.finalise({ block, decision });
  return { block, certificate: encodeCertificate(certificate), decision };
}

test("a block that one validator built is good for another, and final at both", () => {
  const [one, other] = [node(), node()];
  one.mempool.add(event(one.chain, 1));
  const block = one.application.build(built);
  const digest = one.application.digestOf(block) ?? new Uint8Array();
  expect(other.application.check({ ...asked, block, digest })).toBeUndefined();
  expect(one.application.check({ ...asked, block, digest })).toBeUndefined();
  const decision = decide(one, block);
  for (const { application, chain } of [one, other]) {
    application.finalise({ block, decision });
    expect(chain.height).toBe(1);
    expect(chain.nonceOf(unit.publicKey)).toBe(1);
  }
  expect(one.mempool.size).toBe(0);
});

test("the digest binds the transactions and the parent's certificate, not the header alone", () => {
  const one = node();
  grow(one);
  one.mempool.add(event(one.chain, 1));
  const block = one.application.build(built);
  const read = decodeBlock(block);
  if (!read.ok) throw new Error(read.problem.detail);
  const { parentCertificate } = read.value;
  const others = [
    encodeBlock({ ...read.value, transactions: [] }),
    encodeBlock({ ...read.value, transactions: [event(one.chain, 2).bytes] }),
    encodeBlock({ ...read.value, parentCertificate: undefined }),
    encodeBlock({
      ...read.value,
      parentCertificate: parentCertificate && { ...parentCertificate, round: 1 },
    }),
    block.subarray(1),
  ];
  expect(one.application.digestOf(block)).toBeDefined();
  for (const other of others) expect(one.application.digestOf(other)).toBeUndefined();
});

test("blocks keep their distance: T with transactions, longer without, but not after a round change", () => {
  const one = node();
  grow(one);
  const parent_ms = one.chain.head.header.time_ms;
  const check = (options: { time_ms: number; round: number }): string | undefined => {
    const block = encodeBlock(
      one.chain.build({
        parentCertificate: one.chain.head.certificate,
        time_ms: options.time_ms,
        proposer: simulatedSigner(1).publicKey,
        transactions: [...one.mempool.candidates()].map(({ bytes }) => bytes),
      }),
    );
    const digest = one.application.digestOf(block) ?? new Uint8Array();
    const { round } = options;
    return one.application.check({ ...asked, round, wall_ms: options.time_ms, block, digest });
  };
  expect(check({ time_ms: parent_ms + 9999, round: 0 })).toBe("BLOCK_EARLY");
  expect(check({ time_ms: parent_ms + 10_000, round: 0 })).toBeUndefined();
  expect(check({ time_ms: parent_ms + 1000, round: 1 })).toBeUndefined();
  one.mempool.add(event(one.chain, 1));
  expect(check({ time_ms: parent_ms + 999, round: 1 })).toBe("BLOCK_EARLY");
  expect(check({ time_ms: parent_ms + 1000, round: 0 })).toBeUndefined();
});

test("a block in another's name, and one from the future, are refused with the reason", () => {
  const one = node();
  const block = one.application.build(built);
  const digest = one.application.digestOf(block) ?? new Uint8Array();
  const { application } = one;
  expect(application.check({ ...asked, builder: 2, block, digest })).toBe("BLOCK_PROPOSER");
  expect(application.check({ ...asked, wall_ms: created_ms, block, digest })).toBe("BLOCK_TIME");
  const other = new Uint8Array(32);
  expect(application.check({ ...asked, block, digest: other })).toBe("BLOCK_OTHER_DIGEST");
  expect(application.check({ ...asked, block: new Uint8Array(3), digest })).toBe("BLOCK_MALFORMED");
});

test("the waits to the next block end at T and at the empty interval, however wrong the clock", () => {
  const one = node();
  grow(one);
  const parent_ms = one.chain.head.header.time_ms;
  const waits = (wall_ms: number): readonly number[] => {
    const { earliest_ms, idle_ms } = one.application.nextHeight(wall_ms);
    return [earliest_ms, idle_ms];
  };
  expect(waits(parent_ms)).toEqual([1000, 10_000]);
  expect(waits(parent_ms + 400)).toEqual([600, 9600]);
  expect(waits(parent_ms + 50_000)).toEqual([0, 0]);
  expect(waits(parent_ms - 3_600_000)).toEqual([1000, 10_000]);
});

test("the next block carries the late seals of its parent", () => {
  const one = node();
  const { digest } = grow(one).decision;
  const parent = sealed({ chain: one.chain, height: 1, digest, voters: [0, 1, 2, 3] });
  const later = { wall_ms: built.wall_ms + 10_000 };
  const block = one.application.build({ ...built, ...later, parent });
  const read = decodeBlock(block);
  if (!read.ok) throw new Error(read.problem.detail);
  expect(read.value.parentCertificate?.signatures).toHaveLength(4);
  const own = one.application.digestOf(block) ?? new Uint8Array();
  expect(one.application.check({ ...asked, ...later, block, digest: own })).toBeUndefined();
});

test("a fetched block counts only with its certificate, and settles the mempool", () => {
  const [one, other] = [node(), node()];
  one.mempool.add(event(one.chain, 1));
  other.mempool.add(event(other.chain, 1));
  const { block, certificate, decision } = grow(one);
  const short = { ...decision, seals: decision.seals.slice(1) };
  const weak = encodeCertificate(certificateOf({ decision: short, voters: 4 }));
  expect(other.application.follow({ block, certificate: weak })).toMatchObject({
    ok: false,
    problem: { code: "CERTIFICATE_BELOW_QUORUM" },
  });
  expect(other.application.follow({ block, certificate }).ok).toBe(true);
  expect(other.application.height).toBe(1);
  expect(other.mempool.size).toBe(0);
  expect(other.application.follow({ block, certificate }).ok).toBe(false);
});

test("what became final in blocks that were leapt over leaves the mempool with the next one", () => {
  const [one, other] = [node(), node()];
  one.mempool.add(event(one.chain, 1));
  other.mempool.add(event(other.chain, 1));
  expect(other.chain.follow(grow(one)).ok).toBe(true);
  expect(other.mempool.size).toBe(1);
  const later = { wall_ms: built.wall_ms + 10_000 };
  const block = one.application.build({ ...built, ...later });
  const decision = decide(one, block);
  one.application.check({ ...asked, ...later, block, digest: decision.digest });
  const { certificate } = one.application.finalise({ block, decision });
  const final = { block, certificate: encodeCertificate(certificate) };
  expect(other.application.follow(final).ok).toBe(true);
  expect(other.mempool.size).toBe(0);
});

test("what the chain no longer admits stops asking for blocks", () => {
  const one = node();
  const stale = event(one.chain, 1);
  one.mempool.add(event(one.chain, 2));
  grow(one);
  one.mempool.add(stale);
  expect(one.application.nextHeight(created_ms).transactionsWaiting).toBe(true);
  one.application.build(built);
  expect(one.application.nextHeight(created_ms).transactionsWaiting).toBe(false);
});

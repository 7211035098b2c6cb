import {
  type AdmittedTx,
  type Block,
  type Certificate,
  type Chain,
  type CheckedBlock,
  decodeBlock,
  encodeBlock,
  type FollowProblem,
  headerHash,
  leafHash,
  parentCertificateBytes,
  rootOf,
  type Seat,
  transactionHash,
} from "@voltfog/ledger";
import { accepted, assert, type Crypto, equalBytes, type Outcome, toHex } from "@voltfog/runtime";
import type { Application, NextHeight } from "./application.ts";
import { certificateOf } from "./certificate-of.ts";
import type { Decision, VoterSet } from "./engine.ts";
import type { Mempool } from "./mempool.ts";
import type { FinalBytes } from "./wire/peer-message.ts";

/** A block that has just become the chain's head. */
export interface FinalBlock {
  readonly checked: CheckedBlock;
  readonly certificate: Certificate;
}

/** A block's bytes as they read, and the digest that votes are about; undefined where they are none. */
interface ReadBlock {
  readonly bytes: Uint8Array;
  readonly block: Block | undefined;
  readonly digest: Uint8Array | undefined;
}

/** Waiting transactions as a builder takes them, one after the other, until the block is full. */
class Offer implements Iterable<Uint8Array> {
  readonly #candidates: Iterable<AdmittedTx>;
  readonly #taken: AdmittedTx[] = [];

  constructor(candidates: Iterable<AdmittedTx>) {
    this.#candidates = candidates;
  }

  *[Symbol.iterator](): Generator<Uint8Array> {
    for (const candidate of this.#candidates) {
      this.#taken.push(candidate);
      yield candidate.bytes;
    }
  }

  /** What the builder took and left out. */
  skipped(block: Block): readonly AdmittedTx[] {
    if (block.transactions.length === this.#taken.length) return [];
    const included = new Set(block.transactions);
    return this.#taken.filter(({ bytes }) => !included.has(bytes));
  }
}

/** The chain and its mempool as what the engine decides about. */
export class LedgerApplication implements Application<FinalBlock> {
  readonly #chain: Chain;
  readonly #mempool: Mempool;
  readonly #crypto: Crypto;
  /** Blocks that were executed for a proposal of the next height. */
  #checked: CheckedBlock[] = [];
  #seats: readonly Seat[] = [];
  #voterSet: VoterSet = { epoch: -1, voters: [] };
  #lastRead: ReadBlock | undefined;
  /** Transactions that waited beside those of the block that was checked last. */
  #left = 0;
  /** Up to here the mempool holds nothing that is final. */
  #settledHeight: number;

  constructor(options: { chain: Chain; mempool: Mempool; crypto: Crypto }) {
    this.#chain = options.chain;
    this.#mempool = options.mempool;
    this.#crypto = options.crypto;
    this.#settledHeight = options.chain.height;
  }

  get height(): number {
    return this.#chain.height;
  }

  get left(): number {
    return this.#left;
  }

  /** The same object while nothing changes, so that the engine draws the cycle of turns once. */
  get voterSet(): VoterSet {
    const { epoch, validators } = this.#chain;
    if (validators !== this.#seats || epoch !== this.#voterSet.epoch) {
      const voters = validators.map(({ voteKey, weight, rank }) => ({
        key: voteKey,
        weight,
        rank,
      }));
      this.#seats = validators;
      this.#voterSet = { epoch, voters };
    }
    return this.#voterSet;
  }

  digestOf(bytes: Uint8Array): Uint8Array | undefined {
    return this.#read(bytes).digest;
  }

  nextHeight(wall_ms: number): NextHeight {
    const { blockInterval_ms, emptyBlockInterval_ms } = this.#chain.genesis;
    const parent_ms = this.#chain.head.header.time_ms;
    // Bounded by the interval, so that a clock that is behind does not stop this voter.
    const wait_ms = (interval_ms: number): number =>
      Math.min(interval_ms, Math.max(0, parent_ms + interval_ms - wall_ms));
    return {
      height: this.height + 1,
      voterSet: this.voterSet,
      earliest_ms: wait_ms(blockInterval_ms),
      idle_ms: wait_ms(emptyBlockInterval_ms),
      transactionsWaiting: this.#mempool.size > 0,
      ...this.#leader(),
    };
  }

  build(options: {
    round: number;
    builder: number;
    parent: Decision | undefined;
    wall_ms: number;
  }): Uint8Array {
    const { genesis, head } = this.#chain;
    const { blockInterval_ms, emptyBlockInterval_ms } = genesis;
    const isIdle = options.round === 0 && this.#mempool.size === 0;
    const interval_ms = isIdle ? emptyBlockInterval_ms : blockInterval_ms;
    const proposer = this.#chain.validators[options.builder]?.voteKey;
    assert(proposer !== undefined, "the builder is a validator");
    const offered = new Offer(this.#mempool.candidates());
    const block = this.#chain.build({
      parentCertificate: this.#parentCertificate(options.parent),
      time_ms: Math.max(Math.floor(options.wall_ms), head.header.time_ms + interval_ms),
      proposer,
      transactions: offered,
    });
    this.#dropUnusable(offered.skipped(block));
    const bytes = encodeBlock(block);
    this.#lastRead = { bytes, block, digest: headerHash(block.header, this.#crypto) };
    return bytes;
  }

  check(options: {
    round: number;
    digest: Uint8Array;
    block: Uint8Array;
    builder: number | undefined;
    parent?: Decision | undefined;
    wall_ms: number;
  }): string | undefined {
    const { block } = this.#read(options.block);
    if (block === undefined) return "BLOCK_MALFORMED";
    if (!this.#isOnTime(block, options.round)) return "BLOCK_EARLY";
    const builder =
      options.builder === undefined ? undefined : this.#chain.validators[options.builder];
    const { proposer } = block.header;
    if (builder !== undefined && !equalBytes(proposer, builder.voteKey)) {
      return "BLOCK_PROPOSER";
    }
    this.#left = Math.max(0, this.#mempool.size - block.transactions.length);
    const headSeals = this.#parentCertificate(options.parent);
    const checked = this.#chain.check(block, { now_ms: options.wall_ms, headSeals });
    if (!checked.ok) return checked.problem.code;
    if (!equalBytes(checked.value.hash, options.digest)) return "BLOCK_OTHER_DIGEST";
    this.#checked.push(checked.value);
    return undefined;
  }

  finalise(final: { block: Uint8Array; decision: Decision }): FinalBlock {
    const { decision } = final;
    const checked = this.#checked.find(({ hash }) => equalBytes(hash, decision.digest));
    assert(checked !== undefined, "the engine decides only blocks that were checked");
    const voters = this.#chain.validators.length;
    const certificate = certificateOf({ decision, voters });
    this.#chain.commit(checked, certificate);
    this.#settle(checked);
    return { checked, certificate };
  }

  /** Makes another validator's final block the head, if its certificate and execution are right. */
  follow(final: FinalBytes): Outcome<FinalBlock, FollowProblem> {
    const followed = this.#chain.follow(final);
    if (!followed.ok) return followed;
    const { certificate } = this.#chain.head;
    assert(certificate !== undefined, "a followed block is the head, with its certificate");
    this.#settle(followed.value);
    return accepted({ checked: followed.value, certificate });
  }

  /** Who built the head, where it has a seat. */
  #leader(): Pick<NextHeight, "leader"> {
    const { proposer } = this.#chain.head.header;
    const leader = this.#chain.validators.findIndex(({ voteKey }) => equalBytes(voteKey, proposer));
    return leader < 0 ? {} : { leader };
  }

  /** Reads a block once for as long as it is the one that is talked about. */
  #read(bytes: Uint8Array): ReadBlock {
    if (this.#lastRead?.bytes === bytes) return this.#lastRead;
    const decoded = decodeBlock(bytes);
    const block = decoded.ok ? decoded.value : undefined;
    const isWhole = block !== undefined && this.#isBodyOfHeader(block);
    const digest = isWhole ? headerHash(block.header, this.#crypto) : undefined;
    this.#lastRead = { bytes, block, digest };
    return this.#lastRead;
  }

  /** Only a block's senders have other numbers after it; after a leap everybody may have. */
  #settle({ block, results }: CheckedBlock): void {
    const { height } = block.header;
    const isNext = height === this.#settledHeight + 1;
    this.#settledHeight = height;
    this.#checked = [];
    const ofSenders = isNext ? results : this.#mempool.candidates();
    const senders = new Map<string, Uint8Array>();
    for (const { sender } of ofSenders) senders.set(toHex(sender), sender);
    const used = [...senders.values()].map((sender) => {
      return { sender, nonce: this.#chain.nonceOf(sender) };
    });
    this.#mempool.settle(used);
  }

  /** The certificate that this node holds, with the late seals that the engine has seen since. */
  #parentCertificate(parent: Decision | undefined): Certificate | undefined {
    const { certificate } = this.#chain.head;
    if (certificate === undefined || parent === undefined) return certificate;
    const voters = this.#chain.electorate.head.length;
    const fuller = certificateOf({ decision: parent, voters });
    const isFuller =
      fuller.form === certificate.form &&
      equalBytes(fuller.blockHash, certificate.blockHash) &&
      fuller.signatures.length > certificate.signatures.length;
    return isFuller ? fuller : certificate;
  }

  /** Time rules between blocks; an empty block is early only where nobody asked for a new round. [P3] */
  #isOnTime(block: Block, round: number): boolean {
    const { blockInterval_ms, emptyBlockInterval_ms } = this.#chain.genesis;
    const isIdle = round === 0 && block.transactions.length === 0;
    const interval_ms = isIdle ? emptyBlockInterval_ms : blockInterval_ms;
    return block.header.time_ms >= this.#chain.head.header.time_ms + interval_ms;
  }

  /** What the chain would no longer admit must not keep asking for blocks. */
  #dropUnusable(skipped: readonly AdmittedTx[]): void {
    for (const transaction of skipped) {
      const admitted = this.#chain.admit(transaction.bytes);
      if (!admitted.ok && admitted.problem.code !== "TX_NOT_NOW") this.#mempool.drop(transaction);
    }
  }

  #isBodyOfHeader({ header, parentCertificate, transactions }: Block): boolean {
    const certificate = parentCertificateBytes(parentCertificate);
    if (!equalBytes(this.#crypto.sha256(certificate), header.parentCertificateHash)) return false;
    const leaves = transactions.map((transaction) =>
      leafHash(transactionHash(transaction, this.#crypto), this.#crypto),
    );
    return equalBytes(rootOf(leaves, this.#crypto), header.txRoot);
  }
}

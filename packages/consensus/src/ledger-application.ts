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
  transactionHash,
} from "@voltfog/ledger";
import { accepted, assert, type Crypto, equalBytes, type Outcome } from "@voltfog/runtime";
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

/** The chain and its mempool as what the engine decides about. */
export class LedgerApplication implements Application<FinalBlock> {
  readonly #chain: Chain;
  readonly #mempool: Mempool;
  readonly #crypto: Crypto;
  /** Blocks that were executed for a proposal of the next height. */
  #checked: CheckedBlock[] = [];

  constructor(options: { chain: Chain; mempool: Mempool; crypto: Crypto }) {
    this.#chain = options.chain;
    this.#mempool = options.mempool;
    this.#crypto = options.crypto;
  }

  get height(): number {
    return this.#chain.height;
  }

  get voterSet(): VoterSet {
    const { epoch, validators } = this.#chain;
    return {
      epoch,
      voters: validators.map(({ voteKey }) => ({ key: voteKey, weight: 1 })),
    };
  }

  digestOf(bytes: Uint8Array): Uint8Array | undefined {
    const block = decodeBlock(bytes);
    return block.ok && this.#isBodyOfHeader(block.value)
      ? headerHash(block.value.header, this.#crypto)
      : undefined;
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
    const offered = [...this.#mempool.candidates()];
    const block = this.#chain.build({
      parentCertificate: this.#parentCertificate(options.parent),
      time_ms: Math.max(Math.floor(options.wall_ms), head.header.time_ms + interval_ms),
      proposer,
      transactions: offered.map(({ bytes }) => bytes),
    });
    this.#dropUnusable(offered);
    return encodeBlock(block);
  }

  check(options: {
    round: number;
    digest: Uint8Array;
    block: Uint8Array;
    builder: number | undefined;
    wall_ms: number;
  }): string | undefined {
    const block = decodeBlock(options.block);
    if (!block.ok) return "BLOCK_MALFORMED";
    if (!this.#isOnTime(block.value, options.round)) return "BLOCK_EARLY";
    const builder =
      options.builder === undefined ? undefined : this.#chain.validators[options.builder];
    const { proposer } = block.value.header;
    if (builder !== undefined && !equalBytes(proposer, builder.voteKey)) {
      return "BLOCK_PROPOSER";
    }
    const checked = this.#chain.check(block.value, { now_ms: options.wall_ms });
    if (!checked.ok) return checked.problem.code;
    if (!equalBytes(checked.value.hash, options.digest)) return "BLOCK_OTHER_DIGEST";
    this.#checked.push(checked.value);
    return undefined;
  }

  finalise(final: { block: Uint8Array; decision: Decision }): FinalBlock {
    const { decision } = final;
    const checked = this.#checked.find(({ hash }) => equalBytes(hash, decision.digest));
    assert(checked !== undefined, "the engine decides only blocks that were checked");
    const voters = this.#chain.genesis.validators.length;
    const certificate = certificateOf({ decision, voters });
    this.#chain.commit(checked, certificate);
    this.#settle();
    return { checked, certificate };
  }

  /** Makes another validator's final block the head, if its certificate and execution are right. */
  follow(final: FinalBytes): Outcome<FinalBlock, FollowProblem> {
    const followed = this.#chain.follow(final);
    if (!followed.ok) return followed;
    const { certificate } = this.#chain.head;
    assert(certificate !== undefined, "a followed block is the head, with its certificate");
    this.#settle();
    return accepted({ checked: followed.value, certificate });
  }

  #settle(): void {
    this.#checked = [];
    const senders = new Map<string, AdmittedTx>();
    for (const transaction of this.#mempool.candidates()) {
      senders.set(transaction.sender.join(), transaction);
    }
    const used = [...senders.values()].map(({ sender }) => ({
      sender,
      nonce: this.#chain.nonceOf(sender),
    }));
    this.#mempool.settle(used);
  }

  /** The certificate that this node holds, with the late seals that the engine has seen since. */
  #parentCertificate(parent: Decision | undefined): Certificate | undefined {
    const { certificate } = this.#chain.head;
    if (certificate === undefined || parent === undefined) return certificate;
    const voters = this.#chain.genesis.validators.length;
    const fuller = certificateOf({ decision: parent, voters });
    const isFuller =
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
  #dropUnusable(offered: readonly AdmittedTx[]): void {
    for (const transaction of offered) {
      if (!this.#chain.admit(transaction.bytes).ok) this.#mempool.drop(transaction);
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

import type { EngineChoice } from "@voltfog/ledger";
import { assert } from "@voltfog/runtime";
import type { Decision, VoterSet } from "../engine.ts";
import { encodeMessage } from "../voting/codec.ts";
import { slotOf, type VoteMessage } from "../voting/message.ts";
import { createEngine } from "../voting/voting-engine.ts";
import { simulatedChainId } from "./consortium.ts";
import { EventQueue } from "./event-queue.ts";
import { simulatedCrypto, simulatedSigner } from "./keyed-hash.ts";
import { type TimedBlock, timedDigestOf } from "./timed-block.ts";
import { type TimedLink, TimedLinks } from "./timed-links.ts";
import { TimedVoter } from "./timed-voter.ts";

export interface TimedRunOptions {
  readonly engine: EngineChoice;
  /** 4 to 64. */
  readonly voters: number;
  readonly link: TimedLink;
  readonly blockInterval_ms: number;
  /** Blocks that are counted; some before them are not. */
  readonly decisions: number;
  readonly seed: number;
  /** Bytes of a block beside its transactions' numbers; 0 where not given. */
  readonly pad_bytes?: number;
  /** The last so many voters never say a word; 0 where not given. */
  readonly silent?: number;
  /** One transaction so often, each to a voter by turns, which tells the others; none where not given. */
  readonly transactionEvery_ms?: number;
}

/** A message's kind, by what it is in the code. */
export type VoteKind = VoteMessage["type"];

/** What one transaction took, from its submission to a voter until the last speaking voter knew. */
export interface TimedTransaction {
  /** Until the block that has it was proposed to the observer. */
  readonly included_ms: number;
  /** Until that block was decided at the observer. */
  readonly final_ms: number;
  /** Until the sixth block above it was decided at the observer. */
  readonly buried_ms: number;
}

export interface TimedRun {
  /** Sent for one decision, in the mean; one for each receiver. */
  readonly messages: Readonly<Partial<Record<VoteKind, number>>>;
  /** The same in bytes of their encoding, before TLS. */
  readonly bytes: Readonly<Partial<Record<VoteKind, number>>>;
  /** Messages that were said before to the same voter, in all; not in `messages`. */
  readonly retries: number;
  /** Decisions in a round above 0, and by a fast certificate. */
  readonly laterRounds: number;
  readonly fastDecisions: number;
  /** From the sending of a proposal until it was decided at each other voter, of every decision. */
  readonly committed_ms: readonly number[];
  readonly transactions: readonly TimedTransaction[];
}

const warmUp = 6;
/** Blocks above that a transaction of the published latency waits for. */
const buriedBy = 6;
const timing = { roundTimeout_ms: 4000, roundTimeoutMax_ms: 30_000, resend_ms: 4000 };
/** No decision takes longer, or the run has stopped. */
const patience_ms = 120_000;

/**
 * Real engines on virtual time over links of a stated delay. Engines and disks cost no time here, and
 * signatures are keyed hashes, so it tells messages, bytes and phases and says nothing of processor time or
 * throughput. Equal for equal options. Cost: about 2 µs for each message.
 */
export function timedRun(options: TimedRunOptions): TimedRun {
  return new Run(options).run();
}

class Run {
  readonly #options: TimedRunOptions;
  readonly #queue = new EventQueue();
  readonly #links: TimedLinks;
  readonly #voters: TimedVoter[];
  readonly #heights: number[];
  readonly #messages: Partial<Record<VoteKind, number>> = {};
  readonly #bytes: Partial<Record<VoteKind, number>> = {};
  readonly #said = new Set<string>();
  /** When a round's proposal left its proposer, and when it came to the observer, by height and round. */
  readonly #proposed_ms = new Map<string, number>();
  readonly #seen_ms = new Map<string, number>();
  readonly #submitted_ms = new Map<number, number>();
  readonly #blocks: { readonly block: TimedBlock; seen_ms: number; final_ms: number }[] = [];
  readonly #committed_ms: number[] = [];
  #retries = 0;
  #laterRounds = 0;
  #fastDecisions = 0;

  constructor(options: TimedRunOptions) {
    this.#options = options;
    const { link, seed } = options;
    this.#links = new TimedLinks({ link, queue: this.#queue, seed });
    const speaking = options.voters - (options.silent ?? 0);
    const voterSet = voterSetOf(options.voters);
    this.#heights = new Array<number>(speaking).fill(0);
    this.#voters = this.#heights.map((_, voter) => this.#newVoter(voter, voterSet));
  }

  run(): TimedRun {
    const { decisions } = this.#options;
    for (const voter of this.#voters) voter.start();
    this.#submitFrom(0);
    const last = warmUp + decisions + buriedBy;
    let progress = { at_ms: 0, height: 0 };
    for (let height = 0; height < last; height = Math.min(...this.#heights)) {
      if (height > progress.height) progress = { at_ms: this.#queue.now_ms, height };
      const hasNext = this.#queue.runNext();
      assert(hasNext && this.#queue.now_ms < progress.at_ms + patience_ms, "blocks go on");
    }
    return {
      messages: perDecision(this.#messages, decisions),
      bytes: perDecision(this.#bytes, decisions),
      retries: this.#retries,
      laterRounds: this.#laterRounds,
      fastDecisions: this.#fastDecisions,
      committed_ms: this.#committed_ms,
      transactions: this.#timedTransactions(),
    };
  }

  get #observer(): number {
    return this.#voters.length - 1;
  }

  #newVoter(voter: number, voterSet: VoterSet): TimedVoter {
    const { engine, blockInterval_ms, pad_bytes = 0 } = this.#options;
    return new TimedVoter({
      ...{ voter, voterSet, blockInterval_ms, pad_bytes, queue: this.#queue },
      engine: createEngine({
        chainId: simulatedChainId,
        crypto: simulatedCrypto,
        signer: simulatedSigner(voter),
        timing,
        digestOf: timedDigestOf,
        engine,
      }),
      send: (sent) => this.#send(voter, sent),
      delivered: (final) => this.#deliver(voter, final),
    });
  }

  #isCounted(height: number): boolean {
    return height > warmUp && height <= warmUp + this.#options.decisions;
  }

  #send(from: number, { to, message }: { to: readonly number[]; message: VoteMessage }): void {
    this.#count(from, to, message);
    const slot = slotName(slotOf(message));
    if (message.type === "proposal") {
      if (!this.#proposed_ms.has(slot)) this.#proposed_ms.set(slot, this.#queue.now_ms);
      if (from === this.#observer) this.#see(slot);
    }
    for (const receiver of to) {
      if (this.#voters[receiver] === undefined) continue;
      this.#links.send({
        ...{ from, to: receiver },
        arrive: () => {
          if (message.type === "proposal" && receiver === this.#observer) this.#see(slot);
          const now_ms = this.#queue.now_ms;
          this.#voters[receiver]?.take({ type: "message", now_ms, message });
        },
      });
    }
  }

  #see(slot: string): void {
    if (!this.#seen_ms.has(slot)) this.#seen_ms.set(slot, this.#queue.now_ms);
  }

  #count(from: number, to: readonly number[], message: VoteMessage): void {
    const { type } = message;
    const slot = slotOf(message);
    if (!this.#isCounted(slot.height)) return;
    const fresh = to.filter((receiver) => {
      const name = `${type} ${from} ${receiver} ${slotName(slot)}`;
      const isFresh = !this.#said.has(name);
      this.#said.add(name);
      return isFresh;
    }).length;
    this.#retries += to.length - fresh;
    this.#messages[type] = (this.#messages[type] ?? 0) + fresh;
    const bytes = encodeMessage(message).length;
    this.#bytes[type] = (this.#bytes[type] ?? 0) + fresh * bytes;
  }

  #deliver(voter: number, { block, decision }: { block: TimedBlock; decision: Decision }): void {
    const now_ms = this.#queue.now_ms;
    this.#heights[voter] = block.height;
    const slot = slotName(decision);
    const proposed_ms = this.#proposed_ms.get(slot);
    if (this.#isCounted(block.height) && block.builder !== voter && proposed_ms !== undefined) {
      this.#committed_ms.push(now_ms - proposed_ms);
    }
    if (voter !== this.#observer) return;
    const seen_ms = this.#seen_ms.get(slot) ?? now_ms;
    this.#blocks.push({ block, seen_ms, final_ms: now_ms });
    if (!this.#isCounted(block.height)) return;
    if (decision.round > 0) this.#laterRounds++;
    if (decision.form === "fast") this.#fastDecisions++;
  }

  #submitFrom(transaction: number): void {
    const { transactionEvery_ms } = this.#options;
    if (transactionEvery_ms === undefined) return;
    const first = transaction % this.#voters.length;
    this.#submitted_ms.set(transaction, this.#queue.now_ms);
    this.#voters[first]?.submit(transaction);
    for (const [to, voter] of this.#voters.entries()) {
      if (to === first) continue;
      this.#links.send({ from: first, to, arrive: () => voter.submit(transaction) });
    }
    this.#queue.after(transactionEvery_ms, () => this.#submitFrom(transaction + 1));
  }

  #timedTransactions(): TimedTransaction[] {
    return this.#blocks.flatMap(({ block, seen_ms, final_ms }, i) => {
      const above = this.#blocks[i + buriedBy];
      if (!this.#isCounted(block.height) || above === undefined) return [];
      return block.transactions.map((transaction) => {
        const from_ms = this.#submitted_ms.get(transaction) ?? 0;
        return {
          included_ms: seen_ms - from_ms,
          final_ms: final_ms - from_ms,
          buried_ms: above.final_ms - from_ms,
        };
      });
    });
  }
}

function slotName({ height, round }: { height: number; round: number }): string {
  return `${height}/${round}`;
}

function voterSetOf(voters: number): VoterSet {
  return {
    epoch: 0,
    voters: Array.from({ length: voters }, (_, voter) => ({
      key: simulatedSigner(voter).publicKey,
      weight: 1,
    })),
  };
}

function perDecision<Counts extends Readonly<Partial<Record<VoteKind, number>>>>(
  counts: Counts,
  decisions: number,
): Partial<Record<VoteKind, number>> {
  return Object.fromEntries(
    Object.entries(counts).map(([kind, count]) => [kind, count / decisions]),
  ) as Partial<Record<VoteKind, number>>;
}

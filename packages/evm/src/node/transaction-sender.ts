import {
  accepted,
  type Clock,
  type Logger,
  type Outcome,
  type Problem,
  refused,
} from "@voltfog/runtime";
import { computeAddress, type SigningKey, Transaction } from "ethers";
import type { EvmBlock, EvmEndpoint, EvmReceipt } from "./evm-endpoint.ts";
import { type Fees, feesNow, raisedFees } from "./fees.ts";
import { type MatterOutcome, TransactionJournal } from "./transaction-journal.ts";

/** What is to happen on the Ethereum chain, once. The id names it over restarts. */
export interface Matter {
  readonly id: string;
  /** null deploys a contract. */
  readonly to: string | null;
  readonly data: string;
}

export interface SendProblem extends Problem {
  readonly code: "SENDER_BUSY" | "WOULD_REVERT";
  readonly detail: string;
  /** ABI-encoded error of the contract. */
  readonly data?: string | undefined;
}

export interface EndedMatter {
  readonly id: string;
  readonly outcome: MatterOutcome;
  /** Of the transaction that is in the chain; undefined for a displaced one. */
  readonly hash: string | undefined;
  readonly receipt: EvmReceipt | undefined;
}

export interface SenderOptions {
  readonly endpoint: EvmEndpoint;
  readonly evmChainId: bigint;
  readonly key: SigningKey;
  readonly journalPath: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Blocks, its own included, after which a transaction counts as final; 1 to 10,000. */
  readonly confirmations: number;
  /** Time in no block after which more is offered. */
  readonly bumpAfter_ms: number;
  /** Most wei per gas that is ever offered. */
  readonly feeLimit: bigint;
}

interface OpenMatter {
  readonly id: string;
  /** Same nonce and content, fees ascending. */
  attempts: Transaction[];
  signed_ms: number;
  /** Block that holds one of the attempts, as last seen. */
  mined: { readonly hash: string; readonly receipt: EvmReceipt } | undefined;
}

/** Matters in blocks that are not deep enough yet; one more waits until the first of them is final. */
const openMax = 64;

/**
 * Sends transactions of one account, each matter exactly once. A transaction is on disk before a node
 * hears of it, so a restart continues instead of sending anew; one that no block takes is replaced under
 * its own nonce by one that offers more; one that a reorganisation threw out is sent again as it was.
 *
 * Nothing here reads a node's error texts, which differ: what counts is which receipts and how many
 * transactions of the account the chain has.
 */
export class TransactionSender {
  readonly address: string;
  readonly #options: SenderOptions;
  readonly #journal: TransactionJournal;
  readonly #open: Map<string, OpenMatter>;
  #reorganised = 0;

  private constructor(options: SenderOptions, journal: TransactionJournal, open: OpenMatter[]) {
    this.#options = options;
    this.address = computeAddress(options.key);
    this.#journal = journal;
    this.#open = new Map(open.map((matter) => [matter.id, matter]));
  }

  static async open(options: SenderOptions): Promise<TransactionSender> {
    const { journal, unfinished } = await TransactionJournal.open(options.journalPath);
    const open = [...unfinished].map(([id, raws]) => ({
      id,
      attempts: raws.map((raw) => Transaction.from(raw)),
      signed_ms: Number.NEGATIVE_INFINITY,
      mined: undefined,
    }));
    return new TransactionSender(options, journal, open);
  }

  /** Matters that have not ended. */
  get openIds(): readonly string[] {
    return [...this.#open.keys()];
  }

  /** Whether a matter is in no block yet; then no other is taken. */
  get isWaiting(): boolean {
    return [...this.#open.values()].some(({ mined }) => mined === undefined);
  }

  /** How often a block that held a transaction of ours was thrown out. */
  get reorganised(): number {
    return this.#reorganised;
  }

  /**
   * Takes a matter, unless it is open already: durable when this resolves, and handed to the node.
   * WOULD_REVERT: the contract refuses it as things are, and nothing was sent. Throws EVM_UNREACHABLE;
   * the matter is open then if it was durable by that time.
   */
  async send(matter: Matter): Promise<Outcome<undefined, SendProblem>> {
    if (this.#open.has(matter.id)) return accepted(undefined);
    if (this.isWaiting || this.#open.size >= openMax) {
      return refused({ code: "SENDER_BUSY", detail: `${this.#open.size} transactions are open` });
    }
    const { endpoint, clock } = this.#options;
    const gas = await endpoint.estimateGas({
      from: this.address,
      to: matter.to,
      data: matter.data,
    });
    if (!gas.ok) return refused({ ...gas.problem, code: "WOULD_REVERT" });
    const fees = await this.#feesNow();
    const transaction = this.#signed({
      nonce: await this.#nextNonce(),
      to: matter.to,
      data: matter.data,
      // What is stored can differ a little by the time it runs.
      gasLimit: (gas.value * 5n) / 4n,
      fees,
    });
    await this.#journal.write({ kind: "signed", id: matter.id, raw: transaction.serialized });
    this.#open.set(matter.id, {
      id: matter.id,
      attempts: [transaction],
      signed_ms: clock.monotonic_ms(),
      mined: undefined,
    });
    await this.#broadcast(transaction, matter.id);
    return accepted(undefined);
  }

  /** Looks where all open matters are and does what is due. Gives those that ended. Throws EVM_UNREACHABLE. */
  async step(): Promise<readonly EndedMatter[]> {
    const head = await this.#options.endpoint.block("latest");
    if (head === undefined || this.#open.size === 0) return [];
    const ended: EndedMatter[] = [];
    // In the order of their nonces: a later one cannot be in the chain without the earlier.
    for (const matter of [...this.#open.values()].sort((a, b) => nonceOf(a) - nonceOf(b))) {
      const end = await this.#follow(matter, head);
      if (end === undefined) continue;
      await this.#journal.write({ kind: "ended", id: matter.id, outcome: end.outcome });
      this.#open.delete(matter.id);
      ended.push(end);
    }
    return ended;
  }

  close(): Promise<void> {
    return this.#journal.close();
  }

  async #follow(matter: OpenMatter, head: EvmBlock): Promise<EndedMatter | undefined> {
    const { confirmations, logger } = this.#options;
    const { id } = matter;
    const mined = await this.#minedOf(matter);
    const before = matter.mined;
    if (before !== undefined && before.receipt.blockHash !== mined?.receipt.blockHash) {
      this.#reorganised++;
      const block = before.receipt.blockNumber;
      logger.warn("block with a transaction was thrown out", { id, block });
    }
    matter.mined = mined;
    if (mined === undefined) return this.#urge(matter, head);
    if (head.number - mined.receipt.blockNumber + 1 < confirmations) return undefined;
    const outcome = mined.receipt.isOk ? "final" : "reverted";
    return { id, outcome, hash: mined.hash, receipt: mined.receipt };
  }

  /** The attempt that is in a block of the present chain. */
  async #minedOf(matter: OpenMatter): Promise<OpenMatter["mined"]> {
    const { endpoint } = this.#options;
    for (const { hash } of matter.attempts) {
      const receipt = hash === null ? undefined : await endpoint.receipt(hash);
      if (hash === null || receipt === undefined) continue;
      // A node may still know receipts of a block that it threw out.
      const block = await endpoint.block(receipt.blockNumber);
      if (block?.hash === receipt.blockHash) return { hash, receipt };
    }
    return undefined;
  }

  /** In no block: hands it to the node again, with a better offer when its time has come. */
  async #urge(matter: OpenMatter, head: EvmBlock): Promise<EndedMatter | undefined> {
    const { endpoint, confirmations, clock, bumpAfter_ms } = this.#options;
    const nonce = nonceOf(matter);
    if ((await endpoint.nonce(this.address, "latest")) > nonce) {
      // Another transaction has the nonce. Only once that is deep enough is ours out for good.
      const deep = head.number - confirmations + 1;
      if (deep < 0 || (await endpoint.nonce(this.address, deep)) <= nonce) return undefined;
      if ((await this.#minedOf(matter)) !== undefined) return undefined;
      return displaced(matter.id);
    }
    const isOldest = [...this.#open.values()].every((other) => nonceOf(other) >= nonce);
    const age_ms = clock.monotonic_ms() - matter.signed_ms;
    // After a restart nobody knows how long it waited: it gets its time again.
    if (matter.signed_ms === Number.NEGATIVE_INFINITY) matter.signed_ms = clock.monotonic_ms();
    else if (isOldest && age_ms >= bumpAfter_ms) {
      if (await this.#isStranded(nonce)) return displaced(matter.id);
      await this.#raise(matter);
    }
    const newest = matter.attempts.at(-1);
    if (newest !== undefined) await this.#broadcast(newest, matter.id);
    return undefined;
  }

  /**
   * The chain lost transactions that were final, more than the stated depth: their nonces are missing, so
   * one above them can never be mined. Its owner asks again, and what is done already is refused.
   */
  async #isStranded(nonce: number): Promise<boolean> {
    return (await this.#options.endpoint.nonce(this.address, "pending")) < nonce;
  }

  async #raise(matter: OpenMatter): Promise<void> {
    const { clock, logger, feeLimit } = this.#options;
    const { id } = matter;
    const newest = matter.attempts.at(-1);
    if (newest === undefined) return;
    matter.signed_ms = clock.monotonic_ms();
    const before = feesOf(newest);
    const fees = raisedFees({ before, now: await this.#feesNow(), limit: feeLimit });
    if (fees === undefined) {
      logger.warn("fee limit reached", { id, offered: `${before.max}`, limit: `${feeLimit}` });
      return;
    }
    const { nonce, to, data, gasLimit } = newest;
    const transaction = this.#signed({ nonce, to, data, gasLimit, fees });
    await this.#journal.write({ kind: "signed", id, raw: transaction.serialized });
    matter.attempts.push(transaction);
    logger.info("more offered for a transaction", { id, nonce, fee: `${fees.max}` });
  }

  async #broadcast(transaction: Transaction, id: string): Promise<void> {
    const sent = await this.#options.endpoint.sendRaw(transaction.serialized);
    // Also what a node says that has it already.
    if (!sent.ok) this.#options.logger.debug("transaction not taken", { id, ...sent.problem });
  }

  async #feesNow(): Promise<Fees> {
    const { endpoint, feeLimit } = this.#options;
    const baseFee = (await endpoint.block("latest"))?.baseFee;
    return feesNow({
      baseFee,
      suggestedTip: await endpoint.suggestedTip(baseFee),
      limit: feeLimit,
    });
  }

  async #nextNonce(): Promise<number> {
    const ours = [...this.#open.values()].map((matter) => nonceOf(matter) + 1);
    return Math.max(await this.#options.endpoint.nonce(this.address, "pending"), ...ours);
  }

  #signed(o: {
    nonce: number;
    to: string | null;
    data: string;
    gasLimit: bigint;
    fees: Fees;
  }): Transaction {
    const { nonce, to, data, gasLimit, fees } = o;
    const { evmChainId: chainId, key } = this.#options;
    const content = { chainId, nonce, to, data, gasLimit };
    const transaction = Transaction.from(
      fees.isLegacy
        ? { ...content, type: 0, gasPrice: fees.max }
        : { ...content, type: 2, maxFeePerGas: fees.max, maxPriorityFeePerGas: fees.tip },
    );
    transaction.signature = key.sign(transaction.unsignedHash);
    return transaction;
  }
}

function displaced(id: string): EndedMatter {
  return { id, outcome: "displaced", hash: undefined, receipt: undefined };
}

function nonceOf(matter: OpenMatter): number {
  return matter.attempts[0]?.nonce ?? 0;
}

function feesOf({ type, gasPrice, maxFeePerGas, maxPriorityFeePerGas }: Transaction): Fees {
  const isLegacy = type === 0;
  const max = (isLegacy ? gasPrice : maxFeePerGas) ?? 0n;
  return { isLegacy, max, tip: (isLegacy ? gasPrice : maxPriorityFeePerGas) ?? 0n };
}

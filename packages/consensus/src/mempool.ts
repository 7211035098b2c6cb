import type { AdmittedTx } from "@voltfog/ledger";
import { accepted, type Outcome, type Problem, refused, toHex } from "@voltfog/runtime";

export interface MempoolProblem extends Problem {
  readonly code: "MEMPOOL_FULL" | "NONCE_TAKEN";
  readonly detail: string;
}

export interface MempoolLimits {
  readonly transactions: number;
  readonly transactionsPerSender: number;
  readonly size_bytes: number;
}

/** Admitted transactions that wait for a block: each once, a sender's in the order of their nonces. */
export class Mempool {
  readonly #limits: MempoolLimits;
  readonly #hashes = new Set<string>();
  /** By sender, sorted by nonce. */
  readonly #senders = new Map<string, AdmittedTx[]>();
  #size_bytes = 0;

  constructor(limits: MempoolLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#hashes.size;
  }

  has(hash: Uint8Array): boolean {
    return this.#hashes.has(toHex(hash));
  }

  /** False where it was there already. A full mempool refuses: what waits longest is served first. */
  add(transaction: AdmittedTx): Outcome<boolean, MempoolProblem> {
    const hash = toHex(transaction.hash);
    if (this.#hashes.has(hash)) return accepted(false);
    const sender = toHex(transaction.sender);
    const waiting = this.#senders.get(sender) ?? [];
    const problem = this.#limitProblem(transaction, waiting.length);
    if (problem !== undefined) return refused(problem);
    const isLast = (waiting.at(-1)?.nonce ?? 0) < transaction.nonce;
    const place = isLast ? -1 : waiting.findIndex(({ nonce }) => nonce >= transaction.nonce);
    if (waiting[place]?.nonce === transaction.nonce) {
      const detail = `another transaction with nonce ${transaction.nonce} waits`;
      return refused({ code: "NONCE_TAKEN", detail });
    }
    waiting.splice(place < 0 ? waiting.length : place, 0, transaction);
    this.#senders.set(sender, waiting);
    this.#hashes.add(hash);
    this.#size_bytes += transaction.bytes.length;
    return accepted(true);
  }

  /** Everything that waits, one of each sender in turn, lowest nonces first. */
  *candidates(): Generator<AdmittedTx> {
    const queues = [...this.#senders.values()].map((waiting) => [...waiting]);
    for (let depth = 0; queues.some((queue) => depth < queue.length); depth++) {
      for (const queue of queues) {
        const transaction = queue[depth];
        if (transaction !== undefined) yield transaction;
      }
    }
  }

  /** Drops what can no longer be included: nonces up to the last one used of each of these senders. */
  settle(used: Iterable<{ readonly sender: Uint8Array; readonly nonce: number }>): void {
    for (const { sender, nonce } of used) {
      const key = toHex(sender);
      const waiting = this.#senders.get(key) ?? [];
      for (const over of waiting) if (over.nonce <= nonce) this.#forget(over);
      this.#keep(
        key,
        waiting.filter((each) => each.nonce > nonce),
      );
    }
  }

  drop(transaction: AdmittedTx): void {
    if (!this.#forget(transaction)) return;
    const key = toHex(transaction.sender);
    const waiting = this.#senders.get(key) ?? [];
    this.#keep(
      key,
      waiting.filter(({ nonce }) => nonce !== transaction.nonce),
    );
  }

  /** False where it was not there. */
  #forget({ hash, bytes }: AdmittedTx): boolean {
    if (!this.#hashes.delete(toHex(hash))) return false;
    this.#size_bytes -= bytes.length;
    return true;
  }

  #keep(sender: string, waiting: AdmittedTx[]): void {
    if (waiting.length > 0) this.#senders.set(sender, waiting);
    else this.#senders.delete(sender);
  }

  #limitProblem(transaction: AdmittedTx, ofSender: number): MempoolProblem | undefined {
    const { transactions, transactionsPerSender, size_bytes } = this.#limits;
    if (ofSender >= transactionsPerSender) {
      return { code: "MEMPOOL_FULL", detail: `${ofSender} transactions of this sender wait` };
    }
    if (this.size >= transactions || this.#size_bytes + transaction.bytes.length > size_bytes) {
      return { code: "MEMPOOL_FULL", detail: `${this.size} transactions wait` };
    }
    return undefined;
  }
}

import type { Chain, TxProblem } from "@voltfog/ledger";
import { accepted, type Outcome } from "@voltfog/runtime";
import type { Mempool, MempoolProblem } from "../mempool.ts";
import { type PeerMessage, transactionsPerMessage } from "../wire/peer-message.ts";

export type SubmitProblem = TxProblem | MempoolProblem;

/** Takes transactions from clients and peers into the mempool, and tells the peers of the clients'. */
export class TransactionDesk {
  readonly #chain: Chain;
  readonly #mempool: Mempool;
  readonly #peers: () => readonly number[];
  readonly #send: (to: number, message: PeerMessage) => void;
  readonly #onNew: () => void;

  constructor(options: {
    chain: Chain;
    mempool: Mempool;
    peers: () => readonly number[];
    send: (to: number, message: PeerMessage) => void;
    onNew: () => void;
  }) {
    this.#chain = options.chain;
    this.#mempool = options.mempool;
    this.#peers = options.peers;
    this.#send = options.send;
    this.#onNew = options.onNew;
  }

  /** A client's transaction: every peer hears of it, so whoever proposes next has it. */
  submit(bytes: Uint8Array): Outcome<{ hash: Uint8Array }, SubmitProblem> {
    const taken = this.#take(bytes);
    if (!taken.ok) return taken;
    if (taken.value.isNew) {
      const message = { type: "transactions", transactions: [bytes] } as const;
      for (const voter of this.#peers()) this.#send(voter, message);
    }
    return accepted({ hash: taken.value.hash });
  }

  /** A peer's transactions. They go no further: validators are connected each with each. */
  receive(transactions: readonly Uint8Array[]): void {
    for (const transaction of transactions) this.#take(transaction);
  }

  /** Everything that waits, for a peer that may have missed it. */
  tell(voter: number): void {
    let transactions: Uint8Array[] = [];
    for (const { bytes } of this.#mempool.candidates()) {
      transactions.push(bytes);
      if (transactions.length < transactionsPerMessage) continue;
      this.#send(voter, { type: "transactions", transactions });
      transactions = [];
    }
    if (transactions.length > 0) this.#send(voter, { type: "transactions", transactions });
  }

  #take(bytes: Uint8Array): Outcome<{ hash: Uint8Array; isNew: boolean }, SubmitProblem> {
    const admitted = this.#chain.admit(bytes);
    if (!admitted.ok) return admitted;
    const added = this.#mempool.add(admitted.value);
    if (!added.ok) return added;
    if (added.value) this.#onNew();
    return accepted({ hash: admitted.value.hash, isNew: added.value });
  }
}

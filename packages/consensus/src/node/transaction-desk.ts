import type { AdmittedTx, Chain, TxProblem } from "@voltfog/ledger";
import { accepted, type Outcome } from "@voltfog/runtime";
import type { Mempool, MempoolProblem } from "../mempool.ts";
import { type PeerMessage, transactionsPerMessage } from "../wire/peer-message.ts";

export type SubmitProblem = TxProblem | MempoolProblem;

/** What a transaction that waits for a block is known by. */
export type SubmittedTx = Pick<AdmittedTx, "hash" | "sender" | "nonce">;

/** Takes transactions from clients and peers into the mempool, and tells the peers of the clients'. */
export class TransactionDesk {
  readonly #chain: Chain;
  readonly #mempool: Mempool;
  readonly #send: (to: number, message: PeerMessage) => void;
  readonly #broadcast: (message: PeerMessage) => void;
  readonly #onNew: () => void;
  #untold: Uint8Array[] = [];

  constructor(options: {
    chain: Chain;
    mempool: Mempool;
    send: (to: number, message: PeerMessage) => void;
    /** To everybody who is connected. */
    broadcast: (message: PeerMessage) => void;
    onNew: () => void;
  }) {
    this.#chain = options.chain;
    this.#mempool = options.mempool;
    this.#send = options.send;
    this.#broadcast = options.broadcast;
    this.#onNew = options.onNew;
  }

  /** A client's transaction: every peer hears of it, so whoever proposes next has it. */
  submit(bytes: Uint8Array): Outcome<SubmittedTx, SubmitProblem> {
    const taken = this.#take(bytes);
    if (!taken.ok) return taken;
    if (taken.value.isNew) this.#tellAll(bytes);
    return accepted(taken.value.admitted);
  }

  /** A peer's transactions. They go no further: validators are connected each with each. */
  receive(transactions: readonly Uint8Array[]): void {
    for (const transaction of transactions) this.#take(transaction);
  }

  /** Everything that waits, for a peer that may have missed it. */
  tell(voter: number): void {
    const waiting = [...this.#mempool.candidates()].map(({ bytes }) => bytes);
    for (const message of messagesOf(waiting)) this.#send(voter, message);
  }

  /** A turn later, so that what comes in together goes on together: a message costs more than what is in it. */
  #tellAll(transaction: Uint8Array): void {
    this.#untold.push(transaction);
    if (this.#untold.length > 1) return;
    setImmediate(() => {
      const untold = this.#untold;
      this.#untold = [];
      for (const message of messagesOf(untold)) this.#broadcast(message);
    });
  }

  #take(bytes: Uint8Array): Outcome<{ admitted: AdmittedTx; isNew: boolean }, SubmitProblem> {
    const admitted = this.#chain.admit(bytes);
    if (!admitted.ok) return admitted;
    const added = this.#mempool.add(admitted.value);
    if (!added.ok) return added;
    if (added.value) this.#onNew();
    return accepted({ admitted: admitted.value, isNew: added.value });
  }
}

function* messagesOf(transactions: readonly Uint8Array[]): Generator<PeerMessage> {
  for (let at = 0; at < transactions.length; at += transactionsPerMessage) {
    yield {
      type: "transactions",
      transactions: transactions.slice(at, at + transactionsPerMessage),
    };
  }
}

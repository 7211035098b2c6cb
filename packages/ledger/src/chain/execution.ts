import { type Crypto, concatBytes } from "@voltfog/runtime";
import type { Genesis } from "../genesis/genesis.ts";
import { leafHash } from "../log/tree-hash.ts";
import type { Roster, Sender } from "../modules/module.ts";
import type { StateTree } from "../state/state-tree.ts";
import { encodeResult, type Result } from "./result.ts";
import { encodeNonce, type PreparedTx } from "./transaction-gate.ts";

/** One block being executed: the state so far and the results so far. The chain itself stays as it is. */
export class Execution {
  readonly #genesis: Genesis;
  readonly #crypto: Crypto;
  readonly #height: number;
  readonly #parentHash: Uint8Array;
  readonly #roster: Roster;
  readonly #firstResult: number;
  readonly time_ms: number;
  readonly results: Result[] = [];
  readonly #leaves: Uint8Array[] = [];
  /** The leaves one after the other, once somebody asked; a block's are asked for when it is checked and when it is final. */
  #joined: Uint8Array | undefined;
  state: StateTree;

  constructor(options: {
    genesis: Genesis;
    crypto: Crypto;
    /** In which the block's transactions begin. */
    state: StateTree;
    roster: Roster;
    /** The last final block. */
    parent: { readonly height: number; readonly hash: Uint8Array };
    time_ms: number;
    /** Size of the log of results before this block. */
    resultsSize: number;
  }) {
    this.#genesis = options.genesis;
    this.#crypto = options.crypto;
    this.#height = options.parent.height + 1;
    this.#parentHash = options.parent.hash;
    this.#roster = options.roster;
    this.#firstResult = options.resultsSize;
    this.time_ms = options.time_ms;
    this.state = options.state;
  }

  /** Runs an admitted transaction. A refusal by its module changes the sender's nonce only. */
  run(prepared: PreparedTx, sender: Sender): void {
    const { transaction, hash } = prepared;
    const txIndex = this.results.length;
    this.state = this.state.withKey(sender.nonceKey, encodeNonce(transaction.nonce));
    const verdict = prepared.run(this.state, {
      genesis: this.#genesis,
      crypto: this.#crypto,
      sender,
      roster: this.#roster,
      height: this.#height,
      parentHash: this.#parentHash,
      txIndex,
      time_ms: this.time_ms,
      resultIndex: this.#firstResult + txIndex,
    });
    if (verdict.state !== undefined) this.state = verdict.state;
    const result: Result = {
      height: this.#height,
      txIndex,
      txHash: hash,
      sender: sender.key,
      module: transaction.module,
      action: transaction.action,
      code: verdict.code,
      data: verdict.data ?? new Uint8Array(),
    };
    this.results.push(result);
    this.#leaves.push(leafHash(encodeResult(result), this.#crypto));
    this.#joined = undefined;
  }

  /** Leaf hashes of the results, one after the other. */
  leaves(): Uint8Array {
    this.#joined ??= concatBytes(...this.#leaves);
    return this.#joined;
  }
}

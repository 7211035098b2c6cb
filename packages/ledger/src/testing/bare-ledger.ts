import { assert, type Crypto } from "@voltfog/runtime";
import type { Chain } from "../chain/chain.ts";
import type { LedgerModule, TransactionContext, Verdict } from "../modules/module.ts";
import type { StateTree } from "../state/state-tree.ts";

/**
 * A chain's modules without its blocks and signatures, for thousands of actions: it goes on from the state
 * that a chain has, in a time and at heights of its own. For tests.
 */
export class BareLedger {
  state: StateTree;
  time_ms: number;
  height: number;
  readonly #chain: Chain;
  readonly #crypto: Crypto;

  constructor(options: { chain: Chain; crypto: Crypto }) {
    const { chain } = options;
    this.#chain = chain;
    this.#crypto = options.crypto;
    this.state = chain.state;
    this.time_ms = chain.head.header.time_ms;
    this.height = chain.height;
  }

  /** As in a block of its own; a refusal changes nothing. */
  run(call: {
    module: LedgerModule;
    action: number;
    payload: Uint8Array;
    key: Uint8Array;
  }): Verdict {
    const prepared = call.module.prepare(call.action, call.payload);
    assert(prepared?.ok === true, "a test sends what the module reads");
    this.height += 1;
    const verdict = prepared.value(this.state, this.#context(call.key));
    if (verdict.state !== undefined) this.state = verdict.state;
    return verdict;
  }

  #context(key: Uint8Array): TransactionContext {
    return {
      genesis: this.#chain.genesis,
      crypto: this.#crypto,
      sender: { key, nonceKey: key, unit: undefined, validator: undefined },
      roster: this.#chain.electorate,
      height: this.height,
      parentHash: this.#crypto.sha256(Uint8Array.of(this.height & 255, this.height >> 8)),
      txIndex: 0,
      time_ms: this.time_ms,
      resultIndex: 0,
    };
  }
}

import { type Chain, moduleNumber, signTransaction } from "@voltfog/ledger";
import type { Clock, Signer } from "@voltfog/runtime";
import type { RelayAnswer, ValidatorRelay } from "./validator-relay.ts";

const attempts = 3;
const nonceCodes: readonly string[] = ["NONCE_TAKEN", "TX_NONCE_STALE"];

/**
 * Sends the desk's own transactions, one after the other, so that none overtakes the one before. Nonces are
 * the wall clock's milliseconds, or one more than any that was used or that the chain has seen: they rise
 * through restarts without a file, and leave room for others that hold the same key and count alike.
 */
export class Sponsor {
  readonly key: Uint8Array;
  readonly #signer: Signer;
  readonly #relay: ValidatorRelay;
  readonly #clock: Clock;
  #last = 0;
  #sending: Promise<unknown> = Promise.resolve();

  constructor(options: { signer: Signer; relay: ValidatorRelay; clock: Clock }) {
    this.key = options.signer.publicKey;
    this.#signer = options.signer;
    this.#relay = options.relay;
    this.#clock = options.clock;
  }

  /** Resolves with what a validator said. Signed anew where another holder of the key took the nonce. */
  send(
    chain: Chain,
    call: { module?: number; action: number; payload: Uint8Array },
  ): Promise<RelayAnswer> {
    const sent = this.#sending.then(() => this.#submit(chain, call));
    this.#sending = sent.catch(() => {});
    return sent;
  }

  async #submit(
    chain: Chain,
    call: { module?: number; action: number; payload: Uint8Array },
  ): Promise<RelayAnswer> {
    for (let attempt = 1; ; attempt++) {
      const bytes = signTransaction({
        chainId: chain.genesis.chainId,
        module: moduleNumber.accounts,
        ...call,
        nonce: this.#nextNonce(chain),
        signer: this.#signer,
      });
      const answer = await this.#relay.submit(bytes);
      if (answer.ok || attempt === attempts || !nonceCodes.includes(answer.code)) return answer;
    }
  }

  #nextNonce(chain: Chain): number {
    const seen = chain.nonceOf(this.key);
    this.#last = Math.max(this.#last + 1, seen + 1, this.#clock.wall_ms());
    return this.#last;
  }
}

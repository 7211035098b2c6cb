import {
  type Chain,
  consortiumAction,
  type Equivocation,
  encodeEquivocation,
  moduleNumber,
  signTransaction,
} from "@voltfog/ledger";
import { type Logger, type Outcome, type Signer, toHex } from "@voltfog/runtime";
import type { SubmitProblem } from "./transaction-desk.ts";

/** Nonces that are tried where others of this validator's transactions wait. */
const noncesTried = 16;
/** Accusations that are remembered, so that each is made once. */
const rememberedMax = 256;

interface AccuserOptions {
  readonly chain: Chain;
  readonly signer: Signer;
  readonly logger: Logger;
  readonly submit: (transaction: Uint8Array) => Outcome<unknown, SubmitProblem>;
}

/** Brings what the engine caught before the consortium: the chain quarantines who contradicted itself. */
export class Accuser {
  readonly #options: AccuserOptions;
  readonly #accused = new Set<string>();

  constructor(options: AccuserOptions) {
    this.#options = options;
  }

  /** Two votes of one key for one slot; one accusation for a key and height. */
  accuse(options: { voter: number; height: number; equivocation: Equivocation }): void {
    const { height, equivocation } = options;
    const { chain, logger } = this.#options;
    const id = chain.validatorOf(equivocation.voteKey)?.id;
    const name = `${toHex(equivocation.voteKey)} ${height}`;
    if (this.#accused.has(name)) return;
    if (this.#accused.size >= rememberedMax) this.#accused.clear();
    this.#accused.add(name);
    logger.warn("validator contradicted itself", { id, height });
    const seat = chain.validators.find((one) => one.id === id);
    if (seat === undefined || seat.quarantined) return;
    const problem = this.#send(encodeEquivocation(equivocation));
    if (problem !== undefined) logger.error("accusation was not taken", { id, ...problem });
  }

  #send(payload: Uint8Array): SubmitProblem | undefined {
    const { chain, signer, submit } = this.#options;
    const last = chain.nonceOf(signer.publicKey);
    let problem: SubmitProblem | undefined;
    for (let nonce = last + 1; nonce <= last + noncesTried; nonce++) {
      const taken = submit(
        signTransaction({
          chainId: chain.genesis.chainId,
          module: moduleNumber.consortium,
          action: consortiumAction.accuse,
          nonce,
          payload,
          signer,
        }),
      );
      if (taken.ok) return undefined;
      problem = taken.problem;
      if (problem.code !== "NONCE_TAKEN") break;
    }
    return problem;
  }
}

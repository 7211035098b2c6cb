import {
  accountAction,
  encodeDeposit,
  type Genesis,
  moduleNumber,
  nonceName,
  readNonce,
  signTransaction,
} from "@voltfog/ledger";
import { type Clock, CodedError, type Logger, type Signer, toHex } from "@voltfog/runtime";
import { boundedFetch } from "./bounded-fetch.ts";
import type { FinalHeaders } from "./final-evidence.ts";
import type { VaultDeposit } from "./settlement-vault.ts";
import type { CreditedDeposits } from "./vault-watcher.ts";

export interface AuthorityOptions {
  readonly validatorUrl: string;
  readonly headers: FinalHeaders;
  readonly genesis: Genesis;
  /** Of the key that a quorum of validators named. */
  readonly signer: Signer;
  readonly clock: Clock;
  readonly logger: Logger;
}

const answerMax_bytes = 64 * 1024;

/**
 * Credits deposits with the authority's key through one validator, which is believed about nothing: what is
 * credited is proven from the genesis file. Nonces are the wall clock's milliseconds, or one more than any
 * that was used or is proven, so that the desk can send with the same key.
 */
export class AuthorityDeposits implements CreditedDeposits {
  readonly #options: AuthorityOptions;
  #lastNonce = 0;

  constructor(options: AuthorityOptions) {
    this.#options = options;
  }

  async isCredited(depositId: Uint8Array): Promise<boolean> {
    const evidence = await this.#options.headers.prove([`deposit/${toHex(depositId)}`]);
    return evidence?.names[0]?.value !== undefined;
  }

  /** Throws CHAIN_UNREACHABLE and EVIDENCE_INVALID; a refusal is logged, since the next look asks again. */
  async credit({ account, amount, depositId }: VaultDeposit): Promise<void> {
    const { validatorUrl, genesis, signer, logger } = this.#options;
    const bytes = signTransaction({
      chainId: genesis.chainId,
      module: moduleNumber.accounts,
      action: accountAction.deposit,
      nonce: await this.#nextNonce(),
      payload: encodeDeposit({ account, amount, depositId }),
      signer,
    });
    const answer = await boundedFetch({
      url: `${validatorUrl.replace(/\/+$/, "")}/v1/transactions`,
      body: { type: "application/octet-stream", bytes },
      timeout_ms: 5000,
      limit_bytes: answerMax_bytes,
    });
    if (answer.status === 202) return;
    const said = new TextDecoder().decode(answer.bytes).slice(0, 200);
    logger.warn("deposit not taken by the validator", { status: answer.status, said });
  }

  async #nextNonce(): Promise<number> {
    const { headers, signer, clock } = this.#options;
    const evidence = await headers.prove([nonceName(signer.publicKey)]);
    if (evidence === undefined) {
      throw new CodedError({ code: "CHAIN_UNREACHABLE", message: "the chain has no block yet" });
    }
    const seen = readNonce(evidence.names[0]?.value);
    this.#lastNonce = Math.max(this.#lastNonce + 1, seen + 1, clock.wall_ms());
    return this.#lastNonce;
  }
}

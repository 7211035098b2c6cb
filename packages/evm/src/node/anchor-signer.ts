import type { Genesis } from "@voltfog/ledger";
import { accepted, type Crypto, type Outcome, type Problem, refused } from "@voltfog/runtime";
import { computeAddress, type SigningKey } from "ethers";
import {
  type AnchorPlace,
  type AnchorStatement,
  anchorOf,
  type SetContent,
  signStatement,
} from "./anchor-statement.ts";
import { type FinalHeaders, provenEvidence } from "./final-evidence.ts";

/** What a validator is asked to sign: never a bare statement, but what lets it judge one. */
export type SigningRequest = {
  readonly evmChainId: bigint;
  readonly contract: string;
} & (
  | { readonly kind: "anchor"; readonly setVersion: number; readonly evidence: Uint8Array }
  | { readonly kind: "validators"; readonly content: SetContent }
);

export interface SigningProblem extends Problem {
  readonly code:
    | "OTHER_CONTRACT"
    | "EVIDENCE_INVALID"
    | "EPOCH_PAST"
    | "SET_DIFFERS"
    | "HEIGHT_AHEAD"
    | "SIGNER_UNREACHABLE"
    | "SIGNER_REFUSED";
  readonly detail: string;
}

/** r ‖ s ‖ v, hex with 0x, of a validator's anchor key. */
export interface AnchorSigner {
  sign(request: SigningRequest): Promise<Outcome<string, SigningProblem>>;
}

/**
 * One validator's anchor key. It signs a header only with evidence that the consortium's validators made
 * it final, from the genesis file on, and a new set only when it is the set of its own configuration. A
 * final block stays final, so to sign one twice does no harm and nothing is kept.
 */
export class LocalSigner implements AnchorSigner {
  readonly address: string;
  readonly #options: LocalSignerOptions;

  constructor(options: LocalSignerOptions) {
    this.#options = options;
    this.address = computeAddress(options.key);
  }

  async sign(request: SigningRequest): Promise<Outcome<string, SigningProblem>> {
    const { place, key } = this.#options;
    if (request.evmChainId !== place.evmChainId || request.contract !== place.contract) {
      const detail = `this validator signs for ${place.contract} on chain ${place.evmChainId}`;
      return refused({ code: "OTHER_CONTRACT", detail });
    }
    const statement =
      request.kind === "anchor" ? await this.#anchor(request) : await this.#set(request.content);
    return statement.ok
      ? accepted(signStatement({ place, statement: statement.value, key }))
      : statement;
  }

  async #anchor(request: {
    setVersion: number;
    evidence: Uint8Array;
  }): Promise<Outcome<AnchorStatement, SigningProblem>> {
    const { genesis, crypto, headers } = this.#options;
    const proven = provenEvidence({ bytes: request.evidence, genesis, crypto });
    if (!proven.ok) return proven;
    const { header } = proven.value;
    // Keys that no longer vote could sign another history of their epoch; nothing new is in one.
    const own = (await headers.newest())?.evidence.header;
    if (own !== undefined && header.epoch < own.epoch) {
      const detail = `epoch ${header.epoch}, the chain is in epoch ${own.epoch}`;
      return refused({ code: "EPOCH_PAST", detail });
    }
    const { setVersion } = request;
    return accepted({ kind: "anchor", setVersion, content: anchorOf(header, crypto) });
  }

  async #set(content: SetContent): Promise<Outcome<AnchorStatement, SigningProblem>> {
    const validators = await this.#options.validators();
    if (content.validators.join() !== validators?.join()) {
      const detail = `this validator's own list is ${validators?.join(", ") ?? "not known yet"}`;
      return refused({ code: "SET_DIFFERS", detail });
    }
    const own = (await this.#options.headers.newest())?.evidence.header;
    if (own === undefined || content.height > own.height) {
      const detail = `the chain is at height ${own?.height ?? 0}`;
      return refused({ code: "HEIGHT_AHEAD", detail });
    }
    return accepted({ kind: "validators", content });
  }
}

export interface LocalSignerOptions {
  readonly place: AnchorPlace;
  readonly key: SigningKey;
  readonly genesis: Genesis;
  readonly crypto: Crypto;
  readonly headers: FinalHeaders;
  /** Anchor addresses of the validators as they should be, ascending; undefined where nobody knows yet. */
  readonly validators: () => Promise<readonly string[] | undefined>;
}

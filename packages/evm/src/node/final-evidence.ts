import {
  type ChainEvidence,
  decodeChainEvidence,
  type Genesis,
  verifyChainEvidence,
} from "@voltfog/ledger";
import {
  accepted,
  CodedError,
  type Crypto,
  type Outcome,
  type Problem,
  refused,
} from "@voltfog/runtime";
import { boundedFetch } from "./bounded-fetch.ts";

export interface FinalHeaderProblem extends Problem {
  readonly code: "EVIDENCE_INVALID";
  readonly detail: string;
}

export const evidenceMax_bytes: number = 512 * 1024;

/** Evidence of a final header, which proves itself from the genesis file alone. */
export function provenEvidence(o: {
  bytes: Uint8Array;
  genesis: Genesis;
  crypto: Crypto;
}): Outcome<ChainEvidence, FinalHeaderProblem> {
  const decoded = decodeChainEvidence(o.bytes);
  if (!decoded.ok) return refused({ code: "EVIDENCE_INVALID", detail: decoded.problem.detail });
  const { genesis, crypto } = o;
  const verdict = verifyChainEvidence({ evidence: decoded.value, genesis, crypto });
  if (verdict.ok) return accepted(decoded.value);
  return refused({ code: "EVIDENCE_INVALID", detail: verdict.problem.detail });
}

/** The newest final header of a validator, as bytes that prove it. */
export interface FinalHeaders {
  /** undefined while the chain has no block. Throws CHAIN_UNREACHABLE, EVIDENCE_INVALID. */
  newest(): Promise<{ readonly bytes: Uint8Array; readonly evidence: ChainEvidence } | undefined>;
  /** 1 to 64 names of the state, present or absent, by the newest header, in their order. */
  prove(names: readonly string[]): Promise<ChainEvidence | undefined>;
}

/** Asks one validator over HTTP and believes nothing without proof. */
export class ValidatorHeaders implements FinalHeaders {
  readonly #options: { url: string; genesis: Genesis; crypto: Crypto; signal?: AbortSignal };

  constructor(options: { url: string; genesis: Genesis; crypto: Crypto; signal?: AbortSignal }) {
    this.#options = options;
  }

  newest(): ReturnType<FinalHeaders["newest"]> {
    return this.#ask([]);
  }

  async prove(names: readonly string[]): Promise<ChainEvidence | undefined> {
    const answer = await this.#ask(names);
    if (answer === undefined) return undefined;
    const { evidence } = answer;
    if (evidence.names.map(({ name }) => name).join() === names.join()) return evidence;
    throw this.#fault("EVIDENCE_INVALID", "answers about something else");
  }

  async #ask(names: readonly string[]): ReturnType<FinalHeaders["newest"]> {
    const { genesis, crypto, signal } = this.#options;
    const base = this.#options.url.replace(/\/+$/, "");
    const url = `${base}/v1/evidence?results=&names=${encodeURIComponent(names.join())}`;
    const answer = await boundedFetch({
      url,
      timeout_ms: 5000,
      limit_bytes: evidenceMax_bytes,
      signal,
    });
    if (answer.status === 404) return undefined;
    const { bytes } = answer;
    if (answer.status !== 200) throw this.#fault("CHAIN_UNREACHABLE", `answers ${answer.status}`);
    const proven = provenEvidence({ bytes, genesis, crypto });
    if (!proven.ok) throw this.#fault("EVIDENCE_INVALID", proven.problem.detail);
    return { bytes, evidence: proven.value };
  }

  #fault(code: string, what: string): CodedError {
    return new CodedError({ code, message: `${this.#options.url}: ${what}` });
  }
}

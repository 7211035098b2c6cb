import { CodedError, fromHex } from "@voltfog/runtime";
import { parseJson, recordOf, textOf } from "../live/json-value.ts";
import type { Remote, Reply } from "../remote/remote.ts";
import { MarketRefusal } from "./market-refusal.ts";

/** What a validator said to a transaction: its hash, or its own refusal, unchanged. */
export type RelayAnswer =
  | { readonly ok: true; readonly hash: string }
  | {
      readonly ok: false;
      readonly status: number;
      readonly code: string;
      readonly message: string;
      readonly retryAfter_s: number | undefined;
    };

const timeout_ms = 5000;
const bodyMax_bytes = 65_536;
const refusalMin = 400;
const serverFault = 500;

/**
 * Hands signed transactions to a validator. One that does not answer, or that can't, is passed over for the
 * next; the one that answered is asked first from then on, so that a sender's transactions keep their order.
 */
export class ValidatorRelay {
  readonly #remotes: readonly Remote[];
  readonly #signal: AbortSignal;
  #first = 0;

  constructor(options: { remotes: readonly Remote[]; signal: AbortSignal }) {
    this.#remotes = options.remotes;
    this.#signal = options.signal;
  }

  /** MARKET_UNREACHABLE where no validator answers. The same transaction twice is taken once by the chain. */
  async submit(transaction: Uint8Array): Promise<RelayAnswer> {
    const count = this.#remotes.length;
    for (let step = 0; step < count; step++) {
      const place = (this.#first + step) % count;
      const reply = await this.#ask(this.#remotes[place], transaction);
      const answer = reply && answerOf(reply);
      if (answer === undefined) continue;
      this.#first = place;
      return answer;
    }
    const message = `none of ${count} validators takes transactions now`;
    throw new MarketRefusal({ statusCode: 503, code: "MARKET_UNREACHABLE", message });
  }

  async #ask(remote: Remote | undefined, bytes: Uint8Array): Promise<Reply | undefined> {
    const asked = { signal: this.#signal, timeout_ms, bodyMax_bytes };
    try {
      return await remote?.send("/v1/transactions", bytes, asked);
    } catch (thrown) {
      if (thrown instanceof CodedError) return undefined;
      throw thrown;
    }
  }
}

/** undefined where the validator itself is at fault: another one may do. */
function answerOf(reply: Reply): RelayAnswer | undefined {
  const { status, retryAfter_s } = reply;
  const fields = recordOf(parseJson(reply.body));
  const hash = textOf(fields["hash"]);
  if (status === 202 && fromHex(hash)?.length === 32) return { ok: true, hash };
  const code = textOf(fields["code"]);
  const isRefusal = status >= refusalMin && status < serverFault && isCode(code);
  if (!isRefusal || code === "ROLE_REFUSED" || code === "CERTIFICATE_REVOKED") return undefined;
  return { ok: false, status, code, message: textOf(fields["message"]), retryAfter_s };
}

function isCode(text: string): boolean {
  return /^[A-Z][A-Z_]{0,63}$/.test(text);
}

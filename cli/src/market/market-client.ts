import { signTransaction } from "@voltfog/ledger";
import { type Clock, CodedError, fromHex, type Signer, toHex } from "@voltfog/runtime";
import { tokenRemedy } from "../cloud-token.ts";
import { complaint } from "../complaint.ts";
import { pauseUnless } from "./pause-unless.ts";

/** What an ordered request asks for: an action of a module of the chain, with its content. */
export interface Order {
  readonly module: number;
  readonly action: number;
  readonly payload: Uint8Array;
}

/** What became of an ordered request, by a final block. */
export interface OrderOutcome {
  readonly hash: string;
  /** OK, or the code with which the chain refused it: it then changed nothing. */
  readonly code: string;
  readonly height: number;
  /** What the code means, and what to do; null where there is nothing to do. */
  readonly meaning: string;
  readonly remedy: string | null;
  /** What the result says, field by field. */
  readonly data: readonly { readonly name: string; readonly value: string }[];
}

/** What the cloud must know of a key before it can send. */
interface Sender {
  readonly chainId: string;
  readonly nonce: number;
}

const answerLimit_ms = 10_000;
const finalLimit_ms = 60_000;
const look_ms = 250;
/** Another request of the same key can come in between. */
const nonceTries = 3;
const nonceCodes: readonly string[] = ["TX_NONCE_STALE", "NONCE_TAKEN"];

/**
 * The cloud's market by HTTP. Reads are answered at once; what changes anything is signed here by the
 * user's own key, ordered by the consensus and waited for. Throws a complaint with the code of whoever
 * refuses before a block; what a block refuses is an outcome.
 */
export class MarketClient {
  readonly url: string;
  readonly #token: string | undefined;
  readonly #clock: Clock;
  readonly #signal: AbortSignal | undefined;
  /** The chain that the user's keys are for; undefined to take the cloud's word. */
  readonly #chainId: string | undefined;

  constructor(options: {
    url: string;
    clock: Clock;
    token?: string | undefined;
    chainId?: string | undefined;
    signal?: AbortSignal;
  }) {
    this.url = options.url.replace(/\/+$/, "");
    this.#clock = options.clock;
    this.#token = options.token;
    this.#chainId = options.chainId;
    this.#signal = options.signal;
  }

  get(path: string): Promise<unknown> {
    return this.#ask(path, {});
  }

  post(path: string, body: object): Promise<unknown> {
    const headers = { "content-type": "application/json" };
    return this.#ask(path, { method: "POST", headers, body: JSON.stringify(body) });
  }

  /** Signs, sends and waits until it is in a final block. */
  async order(signer: Signer, order: Order): Promise<OrderOutcome> {
    const key = toHex(signer.publicKey);
    for (let tries = 1; ; tries++) {
      const sender = await this.#sender(key);
      this.#checkChain(sender.chainId);
      const chainId = fromHex(sender.chainId) ?? new Uint8Array();
      // The clock's milliseconds, as the desk counts: what another holder of the key sends leaves room.
      const nonce = Math.max(sender.nonce + 1, this.#clock.wall_ms());
      const bytes = signTransaction({ ...order, chainId, nonce, signer });
      try {
        const { hash } = (await this.#ask("/v1/market/transactions", {
          method: "POST",
          headers: { "content-type": "application/octet-stream" },
          body: new Uint8Array(bytes),
        })) as { hash: string };
        return await this.outcomeOf(hash);
      } catch (thrown) {
        const isStale = thrown instanceof CodedError && nonceCodes.includes(thrown.code);
        if (!isStale || tries >= nonceTries) throw thrown;
      }
      await this.#pause();
    }
  }

  /** A key that never sent anything is not known, and may still be a charge point's or an operator's. */
  async #sender(key: string): Promise<Sender> {
    try {
      return (await this.get(`/v1/market/accounts/${key}`)) as Sender;
    } catch (thrown) {
      if (!(thrown instanceof CodedError) || thrown.code !== "ACCOUNT_UNKNOWN") throw thrown;
      const { chainId } = (await this.get("/v1/market/overview")) as Sender;
      return { chainId, nonce: 0 };
    }
  }

  /** Waits for the block that has the transaction; NOT_FINAL where none comes within a minute. */
  async outcomeOf(hash: string): Promise<OrderOutcome> {
    const end_ms = this.#clock.monotonic_ms() + finalLimit_ms;
    for (;;) {
      const found = await this.#outcomeNow(hash);
      if (found !== undefined) return found;
      if (this.#clock.monotonic_ms() > end_ms) {
        throw complaint({
          code: "NOT_FINAL",
          what: `no final block has transaction ${hash} after ${finalLimit_ms / 1000} s`,
          remedy: "do not repeat it: ask for it again with voltfog trade outcome",
        });
      }
      await this.#pause();
    }
  }

  async #outcomeNow(hash: string): Promise<OrderOutcome | undefined> {
    try {
      const row = (await this.get(`/v1/transactions/${hash}`)) as OrderOutcome;
      const { code, height, meaning, remedy, data } = row;
      return { hash, code, height, meaning, remedy, data };
    } catch (thrown) {
      if (thrown instanceof CodedError && thrown.code === "UNKNOWN_TRANSACTION") return undefined;
      throw thrown;
    }
  }

  /** A key signs for its own chain alone, whatever a cloud says. */
  #checkChain(chainId: string): void {
    if (this.#chainId === undefined || this.#chainId === chainId) return;
    throw complaint({
      code: "OTHER_CHAIN",
      what: `${this.url} speaks for chain ${chainId}, your account is on ${this.#chainId}`,
      remedy: "name the cloud that you registered with by --url, or register again here",
    });
  }

  async #pause(): Promise<void> {
    await pauseUnless({ clock: this.#clock, signal: this.#signal, delay_ms: look_ms });
    this.#signal?.throwIfAborted();
  }

  async #ask(path: string, init: RequestInit): Promise<unknown> {
    const headers = {
      ...(init.headers as Record<string, string> | undefined),
      ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
    };
    const limit = AbortSignal.timeout(answerLimit_ms);
    const signal = this.#signal === undefined ? limit : AbortSignal.any([limit, this.#signal]);
    const answer = await fetch(`${this.url}${path}`, { ...init, headers, signal }).catch(
      (thrown: unknown) => {
        this.#signal?.throwIfAborted();
        throw this.#silent(thrown);
      },
    );
    const body: unknown = await answer.json().catch(() => undefined);
    if (answer.ok && body !== undefined) return body;
    const { code, message } = (body ?? {}) as { code?: unknown; message?: unknown };
    const told = typeof code === "string" ? code : `HTTP_${answer.status}`;
    const isAccess = answer.status === 401 || answer.status === 403;
    throw complaint({
      code: told,
      what: typeof message === "string" ? message : `${this.url} answered ${answer.status}`,
      remedy: isAccess
        ? tokenRemedy(told)
        : "see docs/operations/market.md for what each code means",
    });
  }

  #silent(thrown: unknown): CodedError {
    const cause = (thrown as { cause?: { code?: unknown } }).cause?.code;
    return complaint({
      code: "CLOUD_SILENT",
      what: `nothing answers at ${this.url}${typeof cause === "string" ? ` (${cause})` : ""}`,
      remedy: "start the site with voltfog up, or name the cloud with --url",
    });
  }
}

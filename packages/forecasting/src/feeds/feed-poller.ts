import { type Clock, CodedError, type Random } from "@voltfog/runtime";
import type { DecodedFeed, FeedDecoder, FeedProblem } from "./charger-feed.ts";

/** What a network answered. */
export interface FeedAnswer {
  readonly status: number;
  /** Header fields by their names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
}

/** Asks the network once; rejects where no answer comes, FEED_TOO_LARGE where it is too long. */
export type FeedFetch = (request: {
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}) => Promise<FeedAnswer>;

export type FeedFailureCode =
  | FeedProblem["code"]
  | "FEED_UNREACHABLE"
  | "FEED_TIMEOUT"
  | "FEED_STATUS";

export interface FeedPollerState {
  /** Newest good answer, also one that says that nothing changed; undefined before the first. */
  readonly lastGood_ms: number | undefined;
  /** Failures in a row. */
  readonly failures: number;
  /** Of the newest failure, and in words; undefined after a good answer. */
  readonly code: FeedFailureCode | undefined;
  readonly detail: string;
  /** When the network is asked next; undefined while it is being asked and when stopped. */
  readonly next_ms: number | undefined;
}

interface Verdict {
  readonly code?: FeedFailureCode;
  readonly detail: string;
  /** The network asks for this long a rest. */
  readonly rest_ms: number;
}

const minute_ms = 60_000;
const limits = {
  intervalMin_ms: minute_ms,
  timeout_ms: 30_000,
  backoffMax_ms: 60 * minute_ms,
  /** No longer than a day, whatever the network asks for: a typing error must not end the feed. */
  restMax_ms: 24 * 60 * minute_ms,
  jitter: 0.1,
  validatorMax: 300,
};
const userAgent = "voltfog/0.1 (charger availability)";

/**
 * Asks a network for its statuses, politely: one request at a time, at least 60 s apart and up to a tenth
 * more so that many units spread out, with the validators of the last good answer, not before `Retry-After`.
 * After a failure the interval doubles up to an hour. The last good snapshot is kept. Whatever the port or
 * the decoder throws is a failure with a code. `onSnapshot` must not throw.
 */
export class FeedPoller {
  readonly #options: FeedPollerOptions;
  readonly #interval_ms: number;
  #snapshot: DecodedFeed | undefined;
  #validators: Readonly<Record<string, string>> = {};
  #state: FeedPollerState = {
    ...{ lastGood_ms: undefined, failures: 0, code: undefined, detail: "", next_ms: undefined },
  };
  #cancel = (): void => {};
  #abort: AbortController | undefined;
  #isRunning = false;

  constructor(options: FeedPollerOptions) {
    this.#options = options;
    this.#interval_ms = Math.max(limits.intervalMin_ms, options.interval_ms);
  }

  get state(): FeedPollerState {
    return this.#state;
  }

  /** The newest that could be read; undefined before the first. */
  get snapshot(): DecodedFeed | undefined {
    return this.#snapshot;
  }

  /** Asks at once, and then again and again until stopped. A poller runs once. */
  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#wait(0);
  }

  /** Ends also the request on its way. */
  stop(): void {
    this.#isRunning = false;
    this.#cancel();
    this.#abort?.abort();
    this.#state = { ...this.#state, next_ms: undefined };
  }

  #wait(rest_ms: number): void {
    this.#state = { ...this.#state, next_ms: this.#options.clock.wall_ms() + rest_ms };
    this.#cancel = this.#options.clock.after(rest_ms, () => void this.#round());
  }

  async #round(): Promise<void> {
    this.#state = { ...this.#state, next_ms: undefined };
    const verdict = await this.#ask();
    if (!this.#isRunning) return;
    const { code, detail } = verdict;
    const isGood = code === undefined;
    const failures = isGood ? 0 : this.#state.failures + 1;
    const lastGood_ms = isGood ? this.#options.clock.wall_ms() : this.#state.lastGood_ms;
    this.#state = { lastGood_ms, failures, code, detail, next_ms: undefined };
    this.#wait(this.#rest_ms(failures, verdict.rest_ms));
    this.#options.onRound?.(this.#state);
  }

  #rest_ms(failures: number, asked_ms: number): number {
    const doubled_ms = this.#interval_ms * 2 ** Math.min(failures, 30);
    const capped_ms = Math.min(doubled_ms, Math.max(limits.backoffMax_ms, this.#interval_ms));
    const own_ms = capped_ms * (1 + limits.jitter * this.#options.random.uniform());
    return Math.ceil(Math.max(own_ms, Math.min(asked_ms, limits.restMax_ms)));
  }

  async #ask(): Promise<Verdict> {
    const abort = new AbortController();
    this.#abort = abort;
    let late = (): void => {};
    const timeout = new Promise<"late">((resolve) => {
      late = this.#options.clock.after(limits.timeout_ms, () => resolve("late"));
    });
    try {
      const answer = await Promise.race([this.#fetch(abort.signal), timeout]);
      if (answer !== "late") return this.#judge(answer);
      return { code: "FEED_TIMEOUT", detail: `no answer in ${limits.timeout_ms} ms`, rest_ms: 0 };
    } catch (thrown) {
      return { ...failureOf(thrown), rest_ms: 0 };
    } finally {
      late();
      abort.abort();
    }
  }

  /** Asynchronous so that a port that throws at once also rejects. */
  async #fetch(signal: AbortSignal): Promise<FeedAnswer> {
    const headers = { "user-agent": userAgent, accept: "application/json", ...this.#validators };
    return await this.#options.fetch({ headers, signal });
  }

  #judge({ status, headers, body }: FeedAnswer): Verdict {
    if (!this.#isRunning) return { detail: "", rest_ms: 0 };
    const received_ms = this.#options.clock.wall_ms();
    const rest_ms = retryAfter_ms(headers.get("retry-after"), received_ms);
    if (status === 304 && this.#snapshot !== undefined) return { detail: "", rest_ms };
    if (status !== 200) return { code: "FEED_STATUS", detail: `HTTP ${status}`, rest_ms };
    const decoded = this.#options.decode(body, received_ms);
    if (!decoded.ok) return { ...decoded.problem, rest_ms };
    this.#validators = validatorsOf(headers);
    this.#snapshot = decoded.value;
    this.#options.onSnapshot?.(decoded.value);
    return { detail: "", rest_ms };
  }
}

interface FeedPollerOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly fetch: FeedFetch;
  readonly decode: FeedDecoder;
  /** At least 60 s is kept. */
  readonly interval_ms: number;
  readonly onSnapshot?: (snapshot: DecodedFeed) => void;
  /** After each answer or failure. */
  readonly onRound?: (state: FeedPollerState) => void;
}

/** Seconds or a date (RFC 9110, 10.2.3) as milliseconds from now; 0 for anything else. */
function retryAfter_ms(field: string | undefined, now_ms: number): number {
  if (field === undefined || field.length > 100) return 0;
  if (/^\d+$/.test(field)) return Number(field) * 1000;
  const until_ms = Date.parse(field);
  return until_ms > now_ms ? until_ms - now_ms : 0;
}

function validatorsOf(headers: ReadonlyMap<string, string>): Readonly<Record<string, string>> {
  const pairs = [
    ["if-none-match", headers.get("etag")],
    ["if-modified-since", headers.get("last-modified")],
  ] as const;
  return Object.fromEntries(
    pairs.flatMap(([name, value]) =>
      value === undefined || value.length > limits.validatorMax ? [] : [[name, value]],
    ),
  );
}

function failureOf(thrown: unknown): { readonly code: FeedFailureCode; readonly detail: string } {
  const isTooLarge = thrown instanceof CodedError && thrown.code === "FEED_TOO_LARGE";
  const detail = thrown instanceof Error ? String(thrown.message) : "the request was given up";
  return { code: isTooLarge ? "FEED_TOO_LARGE" : "FEED_UNREACHABLE", detail: detail.slice(0, 300) };
}

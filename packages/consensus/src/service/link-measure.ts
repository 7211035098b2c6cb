import { quantile } from "@voltfog/runtime";

/** Pings that are remembered, answered or not. */
const pingsMax = 64;
/** How far back a measure looks; older ones say nothing of now. */
const window_ms = 20_000;
/** A ping that found less than this unsent before it says nothing of the link's rate. */
const backlogMin_bytes = 400;
/** Rates of the window that are kept. */
const ratesKept = 16;
export const paddingMax_bytes = 16_384;
const firstPadding_bytes = 1024;

/** What one validator knows of the way to another one, from its own pings alone. */
export interface LinkView {
  readonly connected: boolean;
  /** Since anything came from it; 0 at the moment of the connection. */
  readonly silent_ms: number;
  /** Shortest and median time of a ping there and back; undefined before the first answer. */
  readonly lowest_ms: number | undefined;
  readonly median_ms: number | undefined;
  /** Its wall clock minus ours, by the shortest ping; wrong by half of that ping's time at most. */
  readonly clockOffset_ms: number | undefined;
  /** Share of the time in which its process did not run, 0..1, as it says itself. */
  readonly pausedShare: number;
  /** What the link carries to it each second, where enough was sent to see it. */
  readonly drainRate_bytes_per_s: number | undefined;
}

interface Ping {
  readonly number: number;
  readonly sent_ms: number;
  /** All that was ever sent on this connection up to this ping. */
  readonly sent_bytes: number;
  /** Of this, what was not known to have arrived. */
  readonly backlog_bytes: number;
}

interface Answer {
  readonly at_ms: number;
  readonly trip_ms: number;
  readonly offset_ms: number;
  readonly paused_ms: number;
}

/**
 * Pings to one peer and their answers. Frames arrive in order, so an answer also says that everything
 * sent before its ping has arrived: that is how the drain rate of the connection is seen from outside.
 */
export class LinkMeasure {
  #pings: Ping[] = [];
  #answers: Answer[] = [];
  #rates: { readonly at_ms: number; readonly rate_bytes_per_s: number }[] = [];
  #next = 0;
  #sent_bytes = 0;
  #arrived_bytes = 0;
  #heard_ms: number;
  #isConnected = false;

  constructor(now_ms: number) {
    this.#heard_ms = now_ms;
  }

  /** A new connection: what was on the way is lost. */
  connected(now_ms: number): void {
    this.#isConnected = true;
    this.#heard_ms = now_ms;
    this.#pings = [];
    this.#sent_bytes = 0;
    this.#arrived_bytes = 0;
  }

  disconnected(): void {
    this.#isConnected = false;
    this.#pings = [];
  }

  sent(size_bytes: number): void {
    this.#sent_bytes += size_bytes;
  }

  heard(now_ms: number): void {
    this.#heard_ms = now_ms;
  }

  /** This process itself did not run: what was on the way meanwhile says nothing of the peer. */
  forgive(now_ms: number): void {
    this.#heard_ms = now_ms;
    this.#pings = [];
  }

  /** The ping to send now; its padding is what a tenth of a second of the link carries. */
  ping(now_ms: number): { number: number; padding_bytes: number } {
    const number = this.#next++;
    const padding_bytes = this.#padding_bytes();
    const sent_bytes = this.#sent_bytes + padding_bytes;
    const backlog_bytes = sent_bytes - this.#arrived_bytes;
    this.#pings.push({ number, sent_ms: now_ms, sent_bytes, backlog_bytes });
    if (this.#pings.length > pingsMax) this.#pings.shift();
    return { number, padding_bytes };
  }

  /** `wall_ms` is the peer's clock and `own_ms` this one's; an answer to no ping of ours is nothing. */
  answered(answer: {
    number: number;
    now_ms: number;
    wall_ms: number;
    own_ms: number;
    paused_ms: number;
  }): void {
    const at = this.#pings.findIndex(({ number }) => number === answer.number);
    const ping = this.#pings[at];
    if (ping === undefined) return;
    this.#pings = this.#pings.slice(at + 1);
    const { now_ms, paused_ms } = answer;
    const trip_ms = Math.max(0, now_ms - ping.sent_ms);
    const offset_ms = answer.wall_ms - (answer.own_ms - trip_ms / 2);
    const wasPaused = paused_ms > (this.#answers.at(-1)?.paused_ms ?? paused_ms);
    this.#arrived_bytes = ping.sent_bytes;
    this.#answers = this.#answers.filter(({ at_ms }) => at_ms > now_ms - window_ms);
    this.#answers.push({ at_ms: now_ms, trip_ms, offset_ms, paused_ms });
    if (!wasPaused && ping.backlog_bytes >= backlogMin_bytes)
      this.#noteRate({ ping, trip_ms, now_ms });
  }

  view(now_ms: number): LinkView {
    const answers = this.#answers.filter(({ at_ms }) => at_ms > now_ms - window_ms);
    const answered = answers.map(({ trip_ms }) => trip_ms);
    // What still waits has taken at least so long; an empty list of answers is no short trip.
    const pending = this.#pings
      .map(({ sent_ms }) => now_ms - sent_ms)
      .filter((age_ms) => age_ms > Math.max(0, ...answered));
    const trips = [...answered, ...pending];
    const rates = this.#rates
      .filter(({ at_ms }) => at_ms > now_ms - window_ms)
      .map(({ rate_bytes_per_s }) => rate_bytes_per_s);
    const best = answers.reduce<Answer | undefined>(
      (low, each) => (low === undefined || each.trip_ms < low.trip_ms ? each : low),
      undefined,
    );
    return {
      connected: this.#isConnected,
      silent_ms: now_ms - this.#heard_ms,
      lowest_ms: best?.trip_ms,
      median_ms: trips.length === 0 ? undefined : quantile(trips, 0.5),
      clockOffset_ms: best?.offset_ms,
      pausedShare: pausedShare(answers),
      drainRate_bytes_per_s: rates.length === 0 ? undefined : quantile(rates, 0.5),
    };
  }

  #padding_bytes(): number {
    // Now and then only, and never while much waits: what is measured must not be what is in the way.
    if (this.#next % 16 !== 1 || this.#sent_bytes - this.#arrived_bytes > paddingMax_bytes)
      return 0;
    const rate_bytes_per_s = this.#rates.at(-1)?.rate_bytes_per_s;
    if (rate_bytes_per_s === undefined) return firstPadding_bytes;
    return Math.round(
      Math.min(paddingMax_bytes, Math.max(backlogMin_bytes, rate_bytes_per_s / 10)),
    );
  }

  #noteRate(trip: { ping: Ping; trip_ms: number; now_ms: number }): void {
    const { trip_ms, now_ms } = trip;
    const { backlog_bytes } = trip.ping;
    const base_ms = Math.min(...this.#answers.map((answer) => answer.trip_ms));
    // A millisecond of noise must not pass for a slow link.
    const carried_ms = Math.max(1, trip_ms - base_ms);
    const rate_bytes_per_s = (1000 * backlog_bytes) / carried_ms;
    this.#rates = [...this.#rates, { at_ms: now_ms, rate_bytes_per_s }].slice(-ratesKept);
  }
}

function pausedShare(answers: readonly Answer[]): number {
  const [first] = answers;
  const last = answers.at(-1);
  if (first === undefined || last === undefined || last.at_ms <= first.at_ms) return 0;
  const share = (last.paused_ms - first.paused_ms) / (last.at_ms - first.at_ms);
  return Math.min(1, Math.max(0, share));
}

import type { Clock, Logger } from "@voltfog/runtime";
import type { Transport } from "../transport.ts";
import { isKnownType } from "../wire/peer-message.ts";

/** So many frames that do not read, within this time, end a connection: nobody's software sends them. */
const patience = 8;
const patience_ms = 60_000;

/** Counts what peers send that does not read, and cuts off who goes on with it. */
export class UnreadableFrames {
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #logger: Logger;
  /** Of peers that are met now: when the count began, and how many. */
  readonly #counts = new Map<number, { readonly since_ms: number; readonly count: number }>();
  #total = 0;

  constructor(options: { transport: Transport; clock: Clock; logger: Logger }) {
    this.#transport = options.transport;
    this.#clock = options.clock;
    this.#logger = options.logger;
  }

  /** Since the start, of all peers. */
  get total(): number {
    return this.#total;
  }

  /** A message of a kind that only later versions have is passed over: they may be changed one by one. */
  note(peer: number, bytes: Uint8Array): void {
    this.#total++;
    if (!isKnownType(bytes)) return;
    const now_ms = this.#clock.monotonic_ms();
    const known = this.#counts.get(peer);
    const isFresh = known === undefined || now_ms - known.since_ms > patience_ms;
    const entry = isFresh
      ? { since_ms: now_ms, count: 1 }
      : { since_ms: known.since_ms, count: known.count + 1 };
    this.#counts.set(peer, entry);
    const id = this.#transport.idOf(peer);
    if (entry.count === 1) this.#logger.warn("peer sent what does not read", { peer: id });
    if (entry.count < patience) return;
    this.#counts.delete(peer);
    this.#logger.warn("peer cut off: it sends what does not read", { peer: id });
    this.#transport.cutOff(peer);
  }
}

import type { UnitLedgerView } from "@voltfog/evm/node";
import { openCheckpoint, type TreeHead } from "@voltfog/ledger";
import { type Clock, type Crypto, fromHex, type Logger, messageOf } from "@voltfog/runtime";
import type { AnchoredEvents, AnchoredLog } from "./anchor.ts";
import type { UnitAnchor } from "./unit-anchor.ts";
import { Waker } from "./waker.ts";

/** The Ethereum chain as this unit uses it; packages/evm's UnitLedger. */
export interface EvmLedger {
  look(asked: { logId: Uint8Array; eventIds: readonly string[] }): Promise<UnitLedgerView>;
  submit(o: { logId: Uint8Array; to: TreeHead; path: readonly Uint8Array[] }): Promise<boolean>;
  record(events: ReadonlyMap<string, Uint8Array>): Promise<boolean>;
  close(): Promise<void>;
}

export interface EvmAnchorOptions {
  readonly log: AnchoredLog;
  readonly events: AnchoredEvents;
  /** Opened at the first look and again until that works: a unit starts with the chain down. */
  readonly open: () => Promise<EvmLedger>;
  readonly origin: string;
  readonly logId: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly checkpointInterval_ms: number;
  readonly poll_ms: number;
}

/** As many as EventRegistry takes at once. */
const eventsAtOnce = 64;

/**
 * Brings log and events straight to contracts, where a unit has no consortium. It keeps nothing of its
 * own: what is due follows each time from what the contracts hold, so a reorganisation or a restart
 * changes only when, never what.
 */
export class EvmAnchor implements UnitAnchor {
  readonly #options: EvmAnchorOptions;
  readonly #waker: Waker;
  #ledger: EvmLedger | undefined;
  #isStopping = false;
  #loop: Promise<void> = Promise.resolve();
  #finalSize = 0;
  #height = 0;
  #state: "following" | "unreachable" = "unreachable";
  #lastCheckpoint_ms = Number.NEGATIVE_INFINITY;

  constructor(options: EvmAnchorOptions) {
    this.#options = options;
    this.#waker = new Waker(options.clock);
  }

  start(): void {
    this.#loop = this.#repeat();
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#waker.wake();
    await this.#loop;
    await this.#ledger?.close();
  }

  /** Blocks come every few seconds at best: what is due waits for the next look. */
  nudge(): void {}

  get finalSize(): number {
    return this.#finalSize;
  }

  get height(): number {
    return this.#height;
  }

  get state(): "following" | "unreachable" {
    return this.#state;
  }

  async #repeat(): Promise<void> {
    const { logger, poll_ms } = this.#options;
    while (!this.#isStopping) {
      try {
        await this.step();
        if (this.#state !== "following") logger.info("chain followed", { height: this.#height });
        this.#state = "following";
      } catch (thrown) {
        const reason = messageOf(thrown);
        if (this.#state !== "unreachable") logger.warn("chain unreachable", { reason });
        this.#state = "unreachable";
      }
      if (!this.#isStopping) await this.#waker.sleep(poll_ms);
    }
  }

  /** One look at the chain, and what is due. Throws EVM_UNREACHABLE and the like. */
  async step(): Promise<void> {
    this.#ledger ??= await this.#options.open();
    const { events, logId } = this.#options;
    const eventIds = events.pendingIds.slice(0, eventsAtOnce);
    const view = await this.#ledger.look({ logId, eventIds });
    this.#learn(view);
    if (view.isWaiting) return;
    // Events first: they are few, and someone may wait for them.
    const missing = eventIds.filter((id) => !view.recorded.has(id));
    if (missing.length > 0 && (await this.#record(this.#ledger, missing))) return;
    await this.#submit(this.#ledger, view.newest);
  }

  #learn(view: UnitLedgerView): void {
    const { events, clock, log, logger } = this.#options;
    this.#height = view.height;
    this.#finalSize = Math.max(this.#finalSize, view.finalSize);
    for (const [id, height] of view.final) {
      // These contracts keep no log of results: the block is the place.
      events.finalise({ id, finality: { height, resultIndex: 0, final_ms: clock.wall_ms() } });
    }
    if (log.size < this.#finalSize) {
      const fields = { size: log.size, finalSize: this.#finalSize };
      logger.error("the chain holds more of this log than the disk", fields);
    }
  }

  async #record(ledger: EvmLedger, ids: readonly string[]): Promise<boolean> {
    const payloads = new Map<string, Uint8Array>();
    for (const id of ids) {
      const payload = await this.#options.events.payload(id);
      if (payload !== undefined && fromHex(id) !== undefined) payloads.set(id, payload);
    }
    return payloads.size > 0 && ledger.record(payloads);
  }

  async #submit(ledger: EvmLedger, newest: TreeHead | undefined): Promise<void> {
    const { log, logId, clock, checkpointInterval_ms, origin, publicKey, crypto } = this.#options;
    const from = newest?.size ?? 0;
    const now_ms = clock.monotonic_ms();
    if (log.size <= from || now_ms - this.#lastCheckpoint_ms < checkpointInterval_ms) return;
    const { note } = await log.publish();
    const opened = openCheckpoint({ note, origin, publicKey, crypto });
    if (!opened.ok || opened.value.size <= from) return;
    const { size, root } = opened.value;
    const path = from === 0 ? [] : await log.consistencyPath({ from, to: size });
    if (await ledger.submit({ logId, to: { size, root }, path })) {
      this.#lastCheckpoint_ms = now_ms;
    }
  }
}

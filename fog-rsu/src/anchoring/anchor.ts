import {
  checkpointAction,
  decodeEventState,
  decodeLogState,
  encodeCheckpointSubmission,
  eventName,
  evidenceItemsMax,
  logName,
  moduleNumber,
  nonceName,
  type StateClaim,
  signTransaction,
} from "@voltfog/ledger";
import { type Clock, fromHex, type Logger, messageOf, type Signer } from "@voltfog/runtime";
import type { ChainPort } from "./chain-port.ts";
import { NonceSource } from "./nonce-source.ts";
import { Pending } from "./pending.ts";
import type { UnitAnchor } from "./unit-anchor.ts";
import { Waker } from "./waker.ts";

/** The part of the unit's log that anchoring needs. */
export interface AnchoredLog {
  readonly size: number;
  publish(): Promise<{ readonly size: number; readonly note: string }>;
  consistencyPath(range: { from: number; to: number }): Promise<readonly Uint8Array[]>;
}

/** The part of the events that anchoring needs. */
export interface AnchoredEvents {
  /** Durable events that are not final yet, oldest first. */
  readonly pendingIds: readonly string[];
  /** Payload of the event's transaction; undefined for an event that is not there. */
  payload(id: string): Promise<Uint8Array | undefined>;
  finalise(options: {
    id: string;
    finality: { height: number; resultIndex: number; final_ms: number };
  }): void;
}

export interface AnchorOptions {
  readonly log: AnchoredLog;
  readonly events: AnchoredEvents;
  readonly chain: ChainPort;
  readonly chainId: Uint8Array;
  readonly logId: Uint8Array;
  readonly signer: Signer;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly checkpointInterval_ms: number;
}

/** A transaction that is not final by then is sent again; blocks come every second. */
const patience_ms = 5000;
const longPoll_ms = 10_000;
const retry_ms = 500;
/** Events in one question; log and nonce are asked for beside them. */
const eventsAtOnce = evidenceItemsMax - 2;
const checkpointKey = "checkpoint";
const eventRecordAction = 1;

/**
 * Makes the log's growth and the events final. Believes only what a final header proves, keeps
 * nothing on disk, and so takes up after any failure, here or there, by asking where the chain is.
 */
export class Anchor implements UnitAnchor {
  readonly #options: AnchorOptions;
  readonly #nonces: NonceSource;
  readonly #pending = new Pending({ patience_ms });
  readonly #stopping = new AbortController();
  #tasks: readonly Promise<void>[] = [];
  readonly #submitting: Waker;
  readonly #following: Waker;
  #finalSize = 0;
  #height = 0;
  #isKnown = false;
  #lastCheckpoint_ms = Number.NEGATIVE_INFINITY;
  #state: "following" | "unreachable" = "unreachable";

  constructor(options: AnchorOptions) {
    this.#options = options;
    this.#nonces = new NonceSource({ clock: options.clock });
    this.#submitting = new Waker(options.clock);
    this.#following = new Waker(options.clock);
  }

  start(): void {
    this.#tasks = [
      this.#repeat(this.#following, () => this.#follow()),
      this.#repeat(this.#submitting, () => this.#submit()),
    ];
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#following.wake();
    this.#submitting.wake();
    await Promise.all(this.#tasks);
  }

  /** The log grew or an event was recorded. */
  nudge(): void {
    this.#submitting.wake();
  }

  /** Entries below this index are final. */
  get finalSize(): number {
    return this.#finalSize;
  }

  /** Highest final block seen. */
  get height(): number {
    return this.#height;
  }

  get state(): "following" | "unreachable" {
    return this.#state;
  }

  async #repeat(waker: Waker, step: () => Promise<void>): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      try {
        await step();
      } catch (thrown) {
        if (this.#stopping.signal.aborted) return;
        this.#note("unreachable", messageOf(thrown));
        await waker.sleep(retry_ms);
      }
    }
  }

  #note(state: "following" | "unreachable", reason = ""): void {
    if (state === this.#state) return;
    this.#state = state;
    const { logger } = this.#options;
    if (state === "following") logger.info("chain followed", { height: this.#height });
    else logger.warn("chain unreachable", { reason });
  }

  /** Waits for a final block, then asks what it and its parents did for this unit. */
  async #follow(): Promise<void> {
    const { signal } = this.#stopping;
    if (this.#isKnown) {
      const above = this.#height;
      const height = await this.#options.chain.waitForBlock({
        above,
        wait_ms: longPoll_ms,
        signal,
      });
      if (height === above) return;
    }
    const { events, chain, logId, signer } = this.#options;
    const ids = events.pendingIds.slice(0, eventsAtOnce);
    const names = ids.map((id) => eventName(fromHex(id) ?? new Uint8Array(32)));
    const fixed = [logName(logId), nonceName(signer.publicKey)];
    const evidence = await chain.evidence({ results: [], names: [...fixed, ...names] });
    if (evidence === undefined) {
      this.#note("following");
      this.#isKnown = true;
      return this.#following.sleep(retry_ms);
    }
    this.#height = Math.max(this.#height, evidence.header.height);
    this.#note("following");
    const [log, nonce, ...recorded] = evidence.names;
    this.#learn({ log, nonce, recorded, ids });
    this.nudge();
  }

  #learn(proven: {
    log: StateClaim | undefined;
    nonce: StateClaim | undefined;
    recorded: readonly StateClaim[];
    ids: readonly string[];
  }): void {
    this.#isKnown = true;
    const nonce = this.#nonces.learn(proven.nonce?.value);
    const log = proven.log?.value && decodeLogState(proven.log.value);
    if (log?.ok) this.#finalSize = Math.max(this.#finalSize, log.value.size);
    for (const [at, { value }] of proven.recorded.entries()) {
      const id = proven.ids[at];
      const state = value && decodeEventState(value);
      if (id === undefined || !state?.ok) continue;
      const final_ms = this.#options.clock.wall_ms();
      this.#options.events.finalise({ id, finality: { ...state.value, final_ms } });
      this.#pending.end(id);
    }
    // What was executed by now and is still not there was refused or overtaken: it is due again.
    const ended = this.#pending.endUpTo(nonce).filter((key) => key !== checkpointKey);
    if (ended.length > 0) {
      this.#options.logger.warn("events not recorded by the chain", { events: ended.length });
    }
    if (this.#options.log.size < this.#finalSize) {
      const fields = { size: this.#options.log.size, finalSize: this.#finalSize };
      this.#options.logger.error("the chain holds more of this log than the disk", fields);
    }
  }

  async #submit(): Promise<void> {
    await this.#submitting.sleep(this.#options.checkpointInterval_ms);
    if (this.#stopping.signal.aborted || !this.#isKnown) return;
    const now_ms = this.#options.clock.monotonic_ms();
    for (const id of this.#options.events.pendingIds.slice(0, eventsAtOnce)) {
      if (!this.#pending.isDue(id, now_ms)) continue;
      const payload = await this.#options.events.payload(id);
      if (payload === undefined) continue;
      await this.#send({
        key: id,
        module: moduleNumber.events,
        action: eventRecordAction,
        payload,
      });
    }
    if (!this.#checkpointIsDue(now_ms)) return;
    this.#lastCheckpoint_ms = now_ms;
    const from = this.#finalSize;
    const { size, note } = await this.#options.log.publish();
    if (size <= from) return;
    const path = from === 0 ? [] : await this.#options.log.consistencyPath({ from, to: size });
    const payload = encodeCheckpointSubmission({ note, path });
    const { checkpoints: module } = moduleNumber;
    await this.#send({ key: checkpointKey, module, action: checkpointAction.submit, payload });
  }

  #checkpointIsDue(now_ms: number): boolean {
    if (this.#options.log.size <= this.#finalSize) return false;
    if (!this.#pending.isDue(checkpointKey, now_ms)) return false;
    return now_ms - this.#lastCheckpoint_ms >= this.#options.checkpointInterval_ms;
  }

  async #send(wanted: {
    key: string;
    module: number;
    action: number;
    payload: Uint8Array;
  }): Promise<void> {
    const { chain, chainId, signer, clock, logger } = this.#options;
    const { module, action, payload } = wanted;
    const nonce = this.#nonces.next();
    const transaction = signTransaction({ chainId, module, action, nonce, payload, signer });
    const verdict = await chain.submit(transaction);
    if (verdict.ok) {
      this.#pending.begin(wanted.key, { nonce, at_ms: clock.monotonic_ms() });
      return;
    }
    const { code, detail } = verdict.problem;
    logger.warn("transaction refused", { module, action, code, detail });
    // Asked for anew at the next block; until then it would be refused again.
    this.#pending.begin(wanted.key, { nonce, at_ms: clock.monotonic_ms() });
  }
}

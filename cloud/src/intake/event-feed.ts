import { eventDetail, eventId, parseBatteryEvent } from "@voltfog/messages";
import { CodedError, type Crypto, fromHex, type Problem } from "@voltfog/runtime";
import type { EventView } from "../api/responses.ts";
import { parseJson } from "../live/json-value.ts";
import type { Remote } from "../remote/remote.ts";
import { again, type StepVerdict } from "../remote/repeat.ts";
import type { FeedEvent, TelemetryStore } from "../store/telemetry-store.ts";

export interface EventFeedOptions {
  readonly unitId: string;
  /**
   * Which log of the unit is read now. A restored unit's journal is of its backup and goes on from there,
   * so with the unit's next log the feed is read from its beginning again.
   */
  readonly logName: () => string;
  readonly remote: Remote;
  readonly store: TelemetryStore;
  readonly crypto: Crypto;
  readonly signal: AbortSignal;
  readonly longPoll_ms: number;
  readonly listener: {
    recorded(events: readonly EventView[]): void;
    /** An event of the feed that is not what it says; it is passed over. */
    rejected(problem: Problem): Promise<void>;
  };
}

const itemVersions: readonly unknown[] = [1, 2];
const pageEvents = 256;
const pageMax_bytes = 4 * 1024 * 1024;
const emptyPause_ms = 50;
const newerPause_ms = 15_000;

/**
 * Pulls one unit's events; each is stored once, with the feed's cursor in the same transaction. A cursor
 * is of one journal, and a unit has another one with each of its logs.
 */
export class EventFeed {
  readonly #options: EventFeedOptions;

  constructor(options: EventFeedOptions) {
    this.#options = options;
  }

  /** Asks for the next page and stores it. Throws UNREACHABLE and the store's codes. */
  async step(): Promise<StepVerdict> {
    const { store, unitId, listener } = this.#options;
    const logName = this.#options.logName();
    const { eventCursor } = await store.position(logName);
    const items = await this.#fetch(eventCursor);
    if (items.length === 0) return { pause_ms: emptyPause_ms };
    let cursor = eventCursor;
    const events: FeedEvent[] = [];
    for (const item of items) {
      if (isNewer(item)) {
        if (cursor > eventCursor) break;
        // Not passed over: this cloud reads it once it is brought up to date.
        await listener.rejected(newerVersion(unitId));
        return { pause_ms: newerPause_ms };
      }
      const read = this.#read(item);
      cursor = Math.max(cursor, cursorOf(item) + 1);
      if ("problem" in read) await listener.rejected(read.problem);
      else events.push(read);
    }
    if (cursor === eventCursor) return { pause_ms: emptyPause_ms };
    const fresh = await store.commitEvents({ unitId, logName, cursor, events });
    if (fresh.length > 0) listener.recorded(fresh);
    return again;
  }

  async #fetch(from: number): Promise<readonly unknown[]> {
    const { remote, signal, longPoll_ms } = this.#options;
    const query = `from=${from}&limit=${pageEvents}&wait_ms=${longPoll_ms}`;
    const reply = await remote.get(`/v1/events?${query}`, {
      signal,
      timeout_ms: longPoll_ms + 10_000,
      bodyMax_bytes: pageMax_bytes,
    });
    const items = reply.status === 200 ? parseJson(reply.body) : undefined;
    if (Array.isArray(items)) return items;
    throw new CodedError({
      code: "UNREACHABLE",
      message: `${remote.url} answers ${reply.status} without a list to a request for events`,
    });
  }

  #read(item: unknown): FeedEvent | { problem: Problem } {
    const { salt, recorded_ms, event } = (item ?? {}) as Record<string, unknown>;
    const parsed = parseBatteryEvent(event);
    if (!parsed.ok) return parsed;
    const saltBytes = typeof salt === "string" ? fromHex(salt) : undefined;
    if (saltBytes?.length !== 16 || typeof salt !== "string") return invalid("its salt is not hex");
    if (!Number.isSafeInteger(recorded_ms)) return invalid("its time of recording is no time");
    if (parsed.value.unitId !== this.#options.unitId) return invalid("it is of another unit");
    const id = eventId({
      detail: eventDetail(parsed.value),
      salt: saltBytes,
      crypto: this.#options.crypto,
    });
    if (id !== parsed.value.id) return invalid("its id is not the hash of salt and detail");
    return { event: parsed.value, salt, recorded_ms: Number(recorded_ms) };
  }
}

function invalid(detail: string): { problem: Problem } {
  return { problem: { code: "EVENT_INVALID", detail } };
}

/** A unit of before the items had a version names none. */
function isNewer(item: unknown): boolean {
  const { version = 1 } = (item ?? {}) as { version?: unknown };
  return !itemVersions.includes(version);
}

function newerVersion(unitId: string): Problem & { readonly detail: string } {
  const detail = `${unitId} serves events of a version that this cloud does not read`;
  return { code: "EVENT_VERSION_UNKNOWN", detail };
}

/** Without a usable cursor the item can't be passed, and the feed waits at it. */
function cursorOf(item: unknown): number {
  const { cursor } = (item ?? {}) as { cursor?: unknown };
  return typeof cursor === "number" && Number.isSafeInteger(cursor) ? cursor : -1;
}

import { eventDetail, eventId, parseBatteryEvent } from "@voltfog/messages";
import { type Crypto, fromHex, type Problem } from "@voltfog/runtime";
import type { EventView } from "../api/responses.ts";
import type { UnitLink } from "../backbone/unit-link.ts";
import { again, type StepVerdict } from "../remote/repeat.ts";
import type { FeedEvent, TelemetryStore } from "../store/telemetry-store.ts";

export interface EventFeedOptions {
  readonly unitId: string;
  /**
   * Which log of the unit is read now. A restored unit's journal is of its backup and goes on from there,
   * so with the unit's next log the feed is read from its beginning again.
   */
  readonly logName: () => string;
  readonly link: UnitLink;
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
    const { store, link, unitId, listener, signal, longPoll_ms } = this.#options;
    const logName = this.#options.logName();
    const { eventCursor } = await store.position(logName);
    const items = await link.events({
      ...{ log: logNumberOf(logName), from: eventCursor, limit: pageEvents },
      ...{ wait_ms: longPoll_ms, signal },
    });
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

/** A unit's logs are named unit-1, unit-1/2 and so on. */
function logNumberOf(logName: string): number {
  const [, number = "1"] = logName.split("/");
  return Number(number);
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

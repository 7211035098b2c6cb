import type { BatteryEvent, MaintenanceNotice } from "@voltfog/messages";
import { accepted, type Outcome, refused } from "@voltfog/runtime";
import type { RecordedEvent } from "../events/event-record.ts";
import type { EventFinding } from "../events/event-register.ts";
import type { FrameReference } from "../functions/network-function.ts";
import type { EnrolledDevice } from "../ingest/device-directory.ts";
import { DurableFrames } from "../log/durable-frame.ts";
import type { UnitLogView } from "../log/earlier-logs.ts";

export interface NoticeDeskOptions {
  readonly deviceOf: (vehicleId: string) => EnrolledDevice | undefined;
  /** The log that the unit writes, then those before it. */
  readonly logs: readonly Pick<UnitLogView, "view">[];
  /** Takes the event; its id, or undefined for what no event can say. */
  readonly record: (deed: EventFinding) => string | undefined;
  /** Whether the event is durable, once everything that was taken is settled. */
  readonly isKept: (eventId: string) => Promise<boolean>;
}

export interface NoticeProblem {
  readonly code:
    | "VEHICLE_UNKNOWN"
    | "FRAME_UNKNOWN"
    | "NOTICE_DIFFERS"
    | "NOTICE_INVALID"
    | "NOTICE_NOT_KEPT";
  readonly detail: string;
}

/** What became of a notice. */
export interface NoticeTaken {
  readonly eventId: string;
  /** It was recorded before: this one is a repeat. */
  readonly isRepeat: boolean;
}

interface Known {
  readonly eventId: string;
  readonly content: string;
}

/** Senders deliver in order, so a repeat is never far behind; memory is bounded by this. */
const knownMax = 10_000;
const functionId = "maintenance";
const functionVersion = "1.0.0";
const prefix = "notice ";

/**
 * Records notices of whoever maintains the fleet as events of this unit, each once however often it is sent,
 * over restarts. A notice rests on a frame: one that no log of the unit holds is refused, so that the event's
 * proof leads to signed data.
 */
export class NoticeDesk {
  readonly #options: NoticeDeskOptions;
  readonly #known = new Map<string, Known>();

  constructor(options: NoticeDeskOptions) {
    this.#options = options;
  }

  /** Takes up what an earlier life of the unit recorded; call for each event in order. */
  restore({ event }: Pick<RecordedEvent, "event">): void {
    const { class: eventClass, condition = "" } = event;
    if (eventClass !== "maintenance-notice" || !condition.startsWith(prefix)) return;
    const { stream, sequence, commitment } = event.frame;
    this.#remember(condition.slice(prefix.length), {
      eventId: event.id,
      content: contentOf({ ...event, frame: { stream, sequence, commitment } }),
    });
  }

  /** The event is durable when this resolves with its id. */
  async take(notice: MaintenanceNotice): Promise<Outcome<NoticeTaken, NoticeProblem>> {
    const device = this.#options.deviceOf(notice.vehicleId);
    if (device === undefined) {
      return refused({ code: "VEHICLE_UNKNOWN", detail: "no such vehicle is enrolled here" });
    }
    const before = this.#known.get(notice.id);
    if (before !== undefined) return await this.#repeated(notice, before);
    const frame = await this.#frameOf(device, notice.frame);
    if (frame === undefined) {
      return refused({ code: "FRAME_UNKNOWN", detail: "no log of this unit holds its frame" });
    }
    // The same notice may have come a second time while the log was read.
    const meanwhile = this.#known.get(notice.id);
    if (meanwhile !== undefined) return await this.#repeated(notice, meanwhile);
    const eventId = this.#options.record(findingOf(notice, frame));
    if (eventId === undefined) {
      return refused({ code: "NOTICE_INVALID", detail: "no event can say this" });
    }
    this.#remember(notice.id, { eventId, content: contentOf(notice) });
    return await this.#kept(notice.id, { eventId, isRepeat: false });
  }

  #repeated(
    notice: MaintenanceNotice,
    { eventId, content }: Known,
  ): Promise<Outcome<NoticeTaken, NoticeProblem>> {
    if (content === contentOf(notice)) return this.#kept(notice.id, { eventId, isRepeat: true });
    const detail = "another notice of this id was recorded";
    return Promise.resolve(refused({ code: "NOTICE_DIFFERS", detail }));
  }

  async #kept(id: string, taken: NoticeTaken): Promise<Outcome<NoticeTaken, NoticeProblem>> {
    if (await this.#options.isKept(taken.eventId)) return accepted(taken);
    if (this.#known.get(id)?.eventId === taken.eventId) this.#known.delete(id);
    return refused({ code: "NOTICE_NOT_KEPT", detail: "the unit's disk takes no events" });
  }

  async #frameOf(
    device: EnrolledDevice,
    { stream, sequence, commitment }: MaintenanceNotice["frame"],
  ): Promise<FrameReference | undefined> {
    for (const { keyId } of [device, ...device.earlier]) {
      for (const { view } of this.#options.logs) {
        const index = view.find({ keyId, stream, sequence });
        if (index === undefined) continue;
        const stored = await view.read({ from: index, limit: 1 });
        const [found] = new DurableFrames().ofStored(stored);
        if (found?.reference.commitment === commitment) return found.reference;
      }
    }
    return undefined;
  }

  #remember(id: string, known: Known): void {
    this.#known.set(id, known);
    if (this.#known.size <= knownMax) return;
    for (const oldest of this.#known.keys()) {
      this.#known.delete(oldest);
      return;
    }
  }
}

function findingOf(notice: MaintenanceNotice, frame: FrameReference): EventFinding {
  const { id, vehicleId, state, level, value, limit, unit, at_ms, sentence } = notice;
  return {
    ...{ functionId, functionVersion, vehicleId, frame, at_ms, state, level },
    ...{ value, limit, unit, sentence, cell: null },
    condition: `${prefix}${id}`,
    class: "maintenance-notice",
    // It tells of a condition that something else found, and is none itself.
    standing: 0,
  };
}

/** What a notice says but for its id, so that a repeat can be told from another one. */
function contentOf(
  said: Pick<
    BatteryEvent,
    "vehicleId" | "state" | "level" | "value" | "limit" | "unit" | "at_ms" | "sentence" | "frame"
  >,
): string {
  const { vehicleId, state, level, value, limit, unit, at_ms, sentence, frame } = said;
  const { stream, sequence, commitment } = frame;
  const parts = [vehicleId, state, level, value, limit, unit, at_ms, sentence];
  return JSON.stringify([...parts, stream, sequence, commitment]);
}

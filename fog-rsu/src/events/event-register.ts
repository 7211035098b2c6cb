import {
  type AlarmLevel,
  type BatteryEvent,
  type EventClass,
  eventDetail,
  eventId,
  parseBatteryEvent,
} from "@voltfog/messages";
import {
  BoundedQueue,
  type Clock,
  type Crypto,
  faultOf,
  type Logger,
  type Random,
} from "@voltfog/runtime";
import type { AdoptedConditions, StandingCondition } from "../functions/function-state.ts";
import type { FrameReference, OpenCondition } from "../functions/network-function.ts";
import { ConditionBook } from "./condition-book.ts";
import { EventJournal, type FeedItem } from "./event-journal.ts";
import type { Finality, JournalRecord, RecordedEvent } from "./event-record.ts";

/** A finding as it may become an event. */
export interface EventFinding {
  readonly functionId: string;
  readonly functionVersion: string;
  readonly vehicleId: string;
  readonly frame: FrameReference;
  readonly at_ms: number;
  readonly condition: string;
  readonly class: EventClass;
  readonly state: BatteryEvent["state"];
  readonly level: AlarmLevel;
  readonly standing: 0 | AlarmLevel;
  readonly cell: number | null;
  readonly value: number;
  readonly limit: number;
  readonly unit: string;
  readonly sentence: string;
}

export interface EventRegisterOptions {
  readonly folder: string;
  readonly unitId: string;
  readonly crypto: Crypto;
  readonly random: Random;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called for every event that the journal holds already, in order. */
  readonly restored: (recorded: RecordedEvent) => void;
  /** Called after an event or its finality became durable. */
  readonly changed: () => void;
}

/** Classes of what was done, which {@link EventRegister.recordDeed} takes. */
const deedClasses: readonly EventClass[] = ["function-change", "maintenance-notice"];
const backlogMax = 10_000;
const retry_ms = 1000;

/** Turns findings into deduplicated, durable events and keeps what becomes of them. */
export class EventRegister {
  readonly #options: EventRegisterOptions;
  readonly #book: ConditionBook;
  readonly #journal: EventJournal;
  readonly #waiting = new BoundedQueue<JournalRecord>({ limit: backlogMax });
  #writing: Promise<void> | undefined;
  #closed = false;
  #wake: () => void = () => {};
  #lost = 0;

  private constructor(options: {
    register: EventRegisterOptions;
    book: ConditionBook;
    journal: EventJournal;
  }) {
    this.#options = options.register;
    this.#book = options.book;
    this.#journal = options.journal;
  }

  static async open(options: EventRegisterOptions): Promise<EventRegister> {
    const book = new ConditionBook();
    const { folder, crypto } = options;
    const onEvent = (recorded: RecordedEvent): void => {
      // A deed is no condition that could be found again.
      if (!deedClasses.includes(recorded.event.class)) book.restore(recorded);
      options.restored(recorded);
    };
    const onAdopted = (adopted: AdoptedConditions): void => void book.adopt(adopted);
    const journal = await EventJournal.open({ folder, crypto, onEvent, onAdopted });
    return new EventRegister({ register: options, book, journal });
  }

  /** Takes the finding; false when it says nothing new, or what no event can say. */
  record(finding: EventFinding): boolean {
    const id = this.#record(finding, () => {
      return this.#book.note({ ...finding, logIndex: finding.frame.logIndex });
    });
    return id !== undefined;
  }

  /** Takes what was done, which is news each time; the event's id, or undefined for what no event can say. */
  recordDeed(deed: EventFinding): string | undefined {
    return this.#record(deed, () => true);
  }

  /**
   * Goes on from what another unit found, so that it is not found again and its end is news here. False, and
   * nothing is taken, where this unit has a newer event of the vehicle.
   */
  adopt(adopted: AdoptedConditions): boolean {
    const { open } = adopted;
    const before = this.#book.standingOf(adopted);
    if (!this.#book.adopt(adopted)) return false;
    if (open.length + before.length > 0) this.#write({ kind: "adopted", adopted });
    return true;
  }

  standingOf(place: { functionId: string; vehicleId: string }): readonly StandingCondition[] {
    return this.#book.standingOf(place);
  }

  #record(finding: EventFinding, isNews: () => boolean): string | undefined {
    const { frame, condition } = finding;
    const detail = {
      class: finding.class,
      state: finding.state,
      level: finding.level,
      condition,
      standing: finding.standing,
      vehicleId: finding.vehicleId,
      unitId: this.#options.unitId,
      functionId: finding.functionId,
      functionVersion: finding.functionVersion,
      cell: finding.cell,
      value: finding.value,
      limit: finding.limit,
      unit: finding.unit,
      at_ms: finding.at_ms,
      frame: { stream: frame.stream, sequence: frame.sequence, commitment: frame.commitment },
      origin: frame.origin,
      sentence: finding.sentence,
    };
    const salt = this.#options.random.bytes(16);
    const id = eventId({ detail: eventDetail(detail), salt, crypto: this.#options.crypto });
    const event = parseBatteryEvent({ id, ...detail });
    if (!event.ok) {
      // What is journalled must be readable for ever; a function's code is not the unit's.
      const reason = event.problem.detail;
      this.#options.logger.warn("finding is no event", { functionId: finding.functionId, reason });
      return undefined;
    }
    if (!isNews()) return undefined;
    this.#write({
      kind: "event",
      recorded: {
        event: event.value,
        salt,
        recorded_ms: this.#options.clock.wall_ms(),
        logIndex: frame.logIndex,
        condition,
        standing: finding.standing,
      },
    });
    return id;
  }

  finalise(options: { id: string; finality: Finality }): void {
    this.#write({ kind: "final", eventId: options.id, finality: options.finality });
  }

  /** Notes that the functions have seen every log entry below this index. */
  noteShown(shownUpTo: number): void {
    if (shownUpTo > this.#journal.shownUpTo) this.#write({ kind: "progress", shownUpTo });
  }

  get shownUpTo(): number {
    return this.#journal.shownUpTo;
  }

  openConditions(functionId: string): readonly OpenCondition[] {
    return this.#book.openOf(functionId);
  }

  /** Alerts of a vehicle that stand; notices do not count. */
  alertsOf(vehicleId: string): number {
    return this.#book.alertsOf(vehicleId);
  }

  get cursor(): number {
    return this.#journal.cursor;
  }

  /** Durable events that are not final yet, oldest first. */
  get pendingIds(): readonly string[] {
    return this.#journal.pendingIds;
  }

  /** Events that the disk refused for so long that they were given up. */
  get lost(): number {
    return this.#lost;
  }

  read(range: { from: number; limit: number }): Promise<readonly FeedItem[]> {
    return this.#journal.read(range);
  }

  find(id: string): Promise<Omit<FeedItem, "cursor"> | undefined> {
    return this.#journal.find(id);
  }

  /** Resolves when everything taken so far is durable. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#wake();
    await this.#writing;
    await this.#journal.close();
  }

  #write(record: JournalRecord): void {
    if (!this.#waiting.offer(record)) {
      this.#lost += 1;
      this.#options.logger.error("event lost: the disk takes none", { lost: this.#lost });
      return;
    }
    this.#writing ??= this.#drain();
  }

  async #drain(): Promise<void> {
    await Promise.resolve();
    while (this.#waiting.size > 0) {
      const group: JournalRecord[] = [];
      for (let next = this.#waiting.poll(); next !== undefined; next = this.#waiting.poll()) {
        group.push(next);
      }
      if (!(await this.#append(group))) break;
      this.#options.changed();
    }
    this.#writing = undefined;
  }

  /** Tries until the disk takes it or the unit stops; a full disk delays events, it loses none. */
  async #append(group: readonly JournalRecord[]): Promise<boolean> {
    for (;;) {
      try {
        await this.#journal.append(group);
        return true;
      } catch (thrown) {
        this.#options.logger.error("events wait for the disk", faultOf(thrown));
      }
      if (this.#closed) return false;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        this.#options.clock.after(retry_ms, resolve);
      });
    }
  }
}

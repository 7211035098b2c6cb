import {
  accepted,
  ByteWriter,
  decodeBytes,
  type MalformedProblem,
  type Outcome,
} from "@voltfog/runtime";
import { eventName } from "../state/names.ts";
import { stateKey } from "../state/state-hash.ts";
import type { StateTree } from "../state/state-tree.ts";
import {
  type LedgerModule,
  moduleNumber,
  type TransactionContext,
  type Verdict,
} from "./module.ts";

export const eventAction = { record: 1 } as const;

/** Event classes; the number on the chain is the place in this list plus one. */
export const eventClasses = [
  "thermal-alert",
  "overcharge",
  "deep-discharge",
  "gap-declared",
  "vehicle-alarm",
  "cell-anomaly",
  "cell-imbalance",
  "temperature-regulation",
  "charging-control",
  "function-change",
  "quarantine",
  "maintenance-notice",
] as const;
export const eventStates = ["asserted", "cleared"] as const;

export type EventClassName = (typeof eventClasses)[number];
export type EventStateName = (typeof eventStates)[number];

/**
 * Payload of events/record, and data of its OK result. Says nothing of a person: the vehicle is a
 * pseudonym that changes, the detail is behind a salted hash.
 */
export interface EventRecord {
  readonly class: EventClassName;
  readonly state: EventStateName;
  readonly level: 1 | 2 | 3;
  /** Whole minutes since the Unix epoch. */
  readonly timeBucket: number;
  /** 16 bytes. */
  readonly pseudonym: Uint8Array;
  /** SHA-256(16-byte salt ‖ detail). */
  readonly eventId: Uint8Array;
}

/** Where an event was recorded: the value of an event/ name. */
export interface EventState {
  readonly height: number;
  readonly resultIndex: number;
}

export function encodeEventRecord(record: EventRecord): Uint8Array {
  return new ByteWriter()
    .u8(eventClasses.indexOf(record.class) + 1)
    .u8(eventStates.indexOf(record.state) + 1)
    .u8(record.level)
    .u32(record.timeBucket)
    .raw(record.pseudonym)
    .raw(record.eventId)
    .finish();
}

export function decodeEventRecord(bytes: Uint8Array): Outcome<EventRecord, MalformedProblem> {
  return decodeBytes(bytes, (reader) => {
    const classNumber = reader.u8();
    const stateNumber = reader.u8();
    const level = reader.u8();
    const eventClass = eventClasses[classNumber - 1];
    const state = eventStates[stateNumber - 1];
    if (eventClass === undefined) return reader.fail(`event class ${classNumber}`);
    if (state === undefined) return reader.fail(`event state ${stateNumber}`);
    if (level !== 1 && level !== 2 && level !== 3) return reader.fail(`event level ${level}`);
    return {
      class: eventClass,
      state,
      level,
      timeBucket: reader.u32(),
      pseudonym: reader.raw(16),
      eventId: reader.raw(32),
    };
  });
}

export function encodeEventState(state: EventState): Uint8Array {
  return new ByteWriter().u8(1).u64(state.height).u64(state.resultIndex).finish();
}

export function decodeEventState(bytes: Uint8Array): Outcome<EventState, MalformedProblem> {
  return decodeBytes(bytes, (reader) => {
    const version = reader.u8();
    if (version !== 1) reader.fail(`event state version ${version}, this reads 1`);
    return { height: reader.u64(), resultIndex: reader.u64() };
  });
}

/** Each event is recorded once, by a unit. */
export const eventsModule: LedgerModule = {
  number: moduleNumber.events,
  name: "events",
  prepare(action, payload) {
    if (action !== eventAction.record) return undefined;
    const decoded = decodeEventRecord(payload);
    if (!decoded.ok) return decoded;
    return accepted((state, context) => record({ state, context, payload, event: decoded.value }));
  },
};

function record(options: {
  state: StateTree;
  context: TransactionContext;
  payload: Uint8Array;
  event: EventRecord;
}): Verdict {
  const { state, context, payload, event } = options;
  if (context.sender.unit === undefined) return { code: "NOT_AUTHORISED" };
  const key = stateKey(eventName(event.eventId), context.crypto);
  if (state.getKey(key) !== undefined) return { code: "DUPLICATE" };
  const { height, resultIndex } = context;
  return {
    code: "OK",
    state: state.withKey(key, encodeEventState({ height, resultIndex })),
    data: payload,
  };
}

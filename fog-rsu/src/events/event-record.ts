import { type BatteryEvent, eventDetail, eventId, parseEventDetail } from "@voltfog/messages";
import {
  type ByteReader,
  ByteWriter,
  type Crypto,
  decodeBytes,
  fromHex,
  type MalformedProblem,
  type Outcome,
  toHex,
} from "@voltfog/runtime";

/** An event with what the unit keeps beside it. */
export interface RecordedEvent {
  readonly event: BatteryEvent;
  /** 16 bytes; opens the id to whoever is shown the detail. */
  readonly salt: Uint8Array;
  readonly recorded_ms: number;
  /** Log index of the frame that showed it. */
  readonly logIndex: number;
  /** Name of the condition within its function. */
  readonly condition: string;
  /** Level that stands after this event; 0 when the condition is over. */
  readonly standing: number;
}

/** Where the chain recorded an event. */
export interface Finality {
  readonly height: number;
  readonly resultIndex: number;
  readonly final_ms: number;
}

/** What the journal holds, in order. */
export type JournalRecord =
  | { readonly kind: "event"; readonly recorded: RecordedEvent }
  | { readonly kind: "final"; readonly eventId: string; readonly finality: Finality }
  /** Log entries below this index were shown to the functions. */
  | { readonly kind: "progress"; readonly shownUpTo: number };

/*
 * One record of the journal, all numbers big-endian (the file around it: RecordFile of the runtime):
 *   event     u8 version 2 · u8 kind 1 · u64 recorded_ms · u64 log index · u8 standing level ·
 *             text condition · raw16 salt · block detail (canonical JSON, what the event's id hashes)
 *   final     u8 version 2 · u8 kind 2 · raw32 event id · u64 height · u64 result index · u64 final_ms
 *   progress  u8 version 2 · u8 kind 3 · u64 shown up to
 */
/** 2: the detail of an event names its condition and the level that stands. */
const version = 2;
const versionsRead: readonly number[] = [1, version];
const kindNumber = { event: 1, final: 2, progress: 3 } as const;
const detailMax_bytes = 8192;

export function encodeJournalRecord(record: JournalRecord): Uint8Array {
  const writer = new ByteWriter().u8(version).u8(kindNumber[record.kind]);
  switch (record.kind) {
    case "event": {
      const { event, salt, recorded_ms, logIndex, condition, standing } = record.recorded;
      return writer
        .u64(recorded_ms)
        .u64(logIndex)
        .u8(standing)
        .text(condition)
        .raw(salt)
        .block(eventDetail(withoutId(event)))
        .finish();
    }
    case "final": {
      const { height, resultIndex, final_ms } = record.finality;
      const id = fromHex(record.eventId) ?? new Uint8Array(32);
      return writer.raw(id).u64(height).u64(resultIndex).u64(final_ms).finish();
    }
    case "progress":
      return writer.u64(record.shownUpTo).finish();
  }
}

/** Strict and total. */
export function decodeJournalRecord(
  bytes: Uint8Array,
  crypto: Crypto,
): Outcome<JournalRecord, MalformedProblem> {
  return decodeBytes(bytes, (reader) => {
    if (!versionsRead.includes(reader.u8())) reader.fail("unknown version of a journal record");
    switch (reader.u8()) {
      case kindNumber.event:
        return { kind: "event", recorded: readEvent(reader, crypto) } as const;
      case kindNumber.final:
        return {
          kind: "final",
          eventId: toHex(reader.raw(32)),
          finality: {
            height: reader.u64(),
            resultIndex: reader.u64(),
            final_ms: reader.u64(),
          },
        } as const;
      case kindNumber.progress:
        return { kind: "progress", shownUpTo: reader.u64() } as const;
      default:
        return reader.fail("unknown kind of journal record");
    }
  });
}

function readEvent(reader: ByteReader, crypto: Crypto): RecordedEvent {
  const recorded_ms = reader.u64();
  const logIndex = reader.u64();
  const standing = reader.u8();
  if (standing > 3) reader.fail(`level ${standing}`);
  const condition = reader.text();
  const salt = reader.raw(16);
  const detail = reader.block(detailMax_bytes);
  const parsed = parseEventDetail({ detail, id: eventId({ detail, salt, crypto }) });
  if (!parsed.ok) return reader.fail(parsed.problem.detail ?? "no event");
  return { event: parsed.value, salt, recorded_ms, logIndex, condition, standing };
}

function withoutId({ id: _id, ...detail }: BatteryEvent): Omit<BatteryEvent, "id"> {
  return detail;
}

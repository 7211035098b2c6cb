import {
  type AlarmLevel,
  type BatteryEvent,
  eventClasses,
  eventDetail,
  eventId,
  parseEventDetail,
} from "@voltfog/messages";
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

import type { AdoptedConditions } from "../functions/function-state.ts";

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
  | { readonly kind: "progress"; readonly shownUpTo: number }
  /** What another unit knew of a vehicle that this one serves from now on. */
  | { readonly kind: "adopted"; readonly adopted: AdoptedConditions }
  /** An event whose detail and salt were erased. */
  | { readonly kind: "erased"; readonly eventId: string };

/*
 * One record of the journal, all numbers big-endian (the file around it: RecordFile of the runtime):
 *   event     u8 version 2 · u8 kind 1 · u64 recorded_ms · u64 log index · u8 standing level ·
 *             text condition · raw16 salt · block detail (canonical JSON, what the event's id hashes)
 *   final     u8 version 2 · u8 kind 2 · raw32 event id · u64 height · u64 result index · u64 final_ms
 *   progress  u8 version 2 · u8 kind 3 · u64 shown up to
 *   adopted   u8 version 3 · u8 kind 4 · u64 seen_ms · text function · text vehicle · u8 count ·
 *             count × (text condition · text class · u8 level)
 *   erased    u8 version 4 · u8 kind 5 · raw32 event id
 */
/**
 * 2: the detail of an event names its condition and the level that stands. 3: adopted conditions, new then.
 * 4: erased events, new then.
 */
const versionOf = { event: 2, final: 2, progress: 2, adopted: 3, erased: 4 } as const;
const versionBefore = 1;
const kindNumber = { event: 1, final: 2, progress: 3, adopted: 4, erased: 5 } as const;
const detailMax_bytes = 8192;

export function encodeJournalRecord(record: JournalRecord): Uint8Array {
  const writer = new ByteWriter().u8(versionOf[record.kind]).u8(kindNumber[record.kind]);
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
    case "erased":
      return writer.raw(fromHex(record.eventId) ?? new Uint8Array(32)).finish();
    case "progress":
      return writer.u64(record.shownUpTo).finish();
    case "adopted": {
      const { functionId, vehicleId, seen_ms, open } = record.adopted;
      writer.u64(Math.trunc(seen_ms)).text(functionId).text(vehicleId).u8(open.length);
      for (const { name, class: eventClass, level } of open) {
        writer.text(name).text(eventClass).u8(level);
      }
      return writer.finish();
    }
  }
}

/** Strict and total. */
export function decodeJournalRecord(
  bytes: Uint8Array,
  crypto: Crypto,
): Outcome<JournalRecord, MalformedProblem> {
  return decodeBytes(bytes, (reader) => {
    const version = reader.u8();
    const kind = reader.u8();
    if (!isKnownVersion(kind, version)) reader.fail("unknown version of a journal record");
    switch (kind) {
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
      case kindNumber.adopted:
        return { kind: "adopted", adopted: readAdopted(reader) } as const;
      case kindNumber.erased:
        return { kind: "erased", eventId: toHex(reader.raw(32)) } as const;
      default:
        return reader.fail("unknown kind of journal record");
    }
  });
}

function isKnownVersion(kind: number, version: number): boolean {
  if (kind === kindNumber.adopted) return version === versionOf.adopted;
  if (kind === kindNumber.erased) return version === versionOf.erased;
  return version === versionOf.event || version === versionBefore;
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

function readAdopted(reader: ByteReader): AdoptedConditions {
  const seen_ms = reader.u64();
  const functionId = reader.text();
  const vehicleId = reader.text();
  const open = Array.from({ length: reader.u8() }, () => {
    const name = reader.text();
    const className = reader.text();
    const level = reader.u8();
    const eventClass = eventClasses.find((one) => one === className);
    if (eventClass === undefined || level < 1 || level > 3) return reader.fail("no condition");
    return { name, class: eventClass, level: level as AlarmLevel };
  });
  return { functionId, vehicleId, seen_ms, open };
}

function withoutId({ id: _id, ...detail }: BatteryEvent): Omit<BatteryEvent, "id"> {
  return detail;
}

import {
  type ByteReader,
  ByteWriter,
  decodeBytes,
  type MalformedProblem,
  type Outcome,
} from "@voltfog/runtime";
import { dataOrigins } from "./battery-sample.ts";
import { codeOf, thousandths, wholeMilliseconds, wholeNumber } from "./encodable.ts";
import type { AlarmClass, AlarmLevel, AlarmPayload } from "./payload.ts";

/** The order is the code on the wire. */
export const alarmClasses: readonly AlarmClass[] = [
  "cell-over-voltage",
  "cell-under-voltage",
  "over-temperature",
  "under-temperature",
  "temperature-rise",
  "over-current",
];

const alarmLevels: readonly AlarmLevel[] = [1, 2, 3];

/** 21 bytes; value and limit are rounded to thousandths. NOT_ENCODABLE where a field is out of range. */
export function encodeAlarm(payload: AlarmPayload): Uint8Array {
  return new ByteWriter()
    .u8(codeOf(dataOrigins, payload.origin))
    .u8(codeOf(alarmClasses, payload.alarm))
    .u8(wholeNumber({ name: "level", value: payload.level, min: 1, max: 3 }))
    .u16(wholeNumber({ name: "cell", value: payload.cell, min: 0, max: 65_535 }))
    .i32(thousandths("value", payload.value))
    .i32(thousandths("limit", payload.limit))
    .u64(wholeMilliseconds("wall_ms", payload.wall_ms))
    .finish();
}

export function decodeAlarm(bytes: Uint8Array): Outcome<AlarmPayload, MalformedProblem> {
  return decodeBytes(bytes, readAlarm);
}

function readAlarm(reader: ByteReader): AlarmPayload {
  return {
    type: "alarm",
    origin: dataOrigins[reader.u8()] ?? reader.fail("unknown origin"),
    alarm: alarmClasses[reader.u8()] ?? reader.fail("unknown alarm class"),
    level: alarmLevels[reader.u8() - 1] ?? reader.fail("unknown level"),
    cell: reader.u16(),
    value: reader.i32() / 1000,
    limit: reader.i32() / 1000,
    wall_ms: reader.u64(),
  };
}

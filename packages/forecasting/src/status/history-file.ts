import {
  type ByteReader,
  ByteWriter,
  decodeBytes,
  type MalformedProblem,
  type Outcome,
} from "@voltfog/runtime";
import type { NetworkSnapshot } from "./network-history.ts";
import { noStatus, statusClasses } from "./status-class.ts";

const version = 1;
const second_ms = 1000;
/** A snapshot file larger than this is none of ours: 10,000 snapshots of 10,000 points. */
const snapshotsMax = 10_000;
const pointsMax = 10_000;

/**
 * Snapshots as bytes: u8 version · u32 points · u32 snapshots · per snapshot u64 time [ms], points × u8
 * status, u8 whether update times follow, points × u32 update time [s], 0 where unknown.
 */
export function encodeSnapshots(snapshots: readonly NetworkSnapshot[]): Uint8Array {
  const writer = new ByteWriter();
  writer
    .u8(version)
    .u32(snapshots[0]?.statuses.length ?? 0)
    .u32(snapshots.length);
  for (const { at_ms, statuses, updated_ms } of snapshots) {
    writer
      .u64(at_ms)
      .raw(statuses)
      .u8(updated_ms === undefined ? 0 : 1);
    for (const time_ms of updated_ms ?? []) {
      writer.u32(Number.isNaN(time_ms) ? 0 : Math.floor(time_ms / second_ms));
    }
  }
  return writer.finish();
}

/** Reads what encodeSnapshots wrote, and no other form of it; times must rise. */
export function decodeSnapshots(
  bytes: Uint8Array,
): Outcome<readonly NetworkSnapshot[], MalformedProblem> {
  return decodeBytes(bytes, (reader) => {
    if (reader.u8() !== version) reader.fail("the version is not 1");
    const points = reader.u32();
    const count = reader.u32();
    if (points > pointsMax || count > snapshotsMax) reader.fail("more than a network has");
    if (count === 0 && points > 0) reader.fail("points without a snapshot");
    const snapshots: NetworkSnapshot[] = [];
    for (let i = 0; i < count; i++) {
      const snapshot = readSnapshot(reader, points);
      if (snapshot.at_ms <= (snapshots.at(-1)?.at_ms ?? -1)) reader.fail("times do not rise");
      snapshots.push(snapshot);
    }
    return snapshots;
  });
}

function readSnapshot(reader: ByteReader, points: number): NetworkSnapshot {
  const at_ms = reader.u64();
  const statuses = reader.raw(points);
  if (statuses.some((status) => status >= statusClasses.length && status !== noStatus)) {
    reader.fail("a status of no class");
  }
  const flag = reader.u8();
  if (flag > 1) reader.fail("the flag is neither 0 nor 1");
  if (flag === 0) return { at_ms, statuses };
  const updated_ms = Float64Array.from({ length: points }, () => {
    const time_s = reader.u32();
    return time_s === 0 ? Number.NaN : time_s * second_ms;
  });
  return { at_ms, statuses, updated_ms };
}

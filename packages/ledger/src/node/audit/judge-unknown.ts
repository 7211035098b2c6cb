import { toHex } from "@voltfog/runtime";
import type { DeviceEntry } from "../../log/entry.ts";
import type { PlacedRecord } from "./align-records.ts";
import type { AuditFinding, FinalRoot } from "./audit-types.ts";

/**
 * Where the whole folder was made anew, only the final roots are left to say that it is another log.
 * What was done then follows from how many entries there are and from whether a stream goes on without
 * one of its sequence numbers; where, is known no closer than between two final checkpoints.
 */
export function judgeUnknown(o: {
  placed: readonly PlacedRecord[];
  entries: number;
  /** The last final checkpoint that the log holds unchanged. */
  agreed: FinalRoot | undefined;
  failed: FinalRoot;
  final: FinalRoot;
}): AuditFinding {
  const { placed, entries, failed, final } = o;
  const first = o.agreed?.size ?? 0;
  const hole = holeBehind(placed, first);
  const isShort = entries < final.size;
  if (failed.size > entries && hole === undefined) {
    const detail = `the log ends at ${entries} of ${final.size} entries; it agrees with the chain up to ${first}`;
    return {
      kind: "truncated",
      entries: { first: entries, last: final.size - 1 },
      isExact: false,
      detail,
    };
  }
  const range = { first, last: failed.size - 1 };
  const where = `it agrees with the chain up to ${first} entries and not at ${failed.size} (block ${failed.height})`;
  if (isShort || hole !== undefined) {
    const why =
      hole === undefined
        ? `${final.size - entries} entries fewer than the chain has`
        : `a stream lacks sequence ${hole.sequence} before entry ${hole.index}`;
    return { kind: "deleted", entries: range, isExact: false, detail: `${why}; ${where}` };
  }
  return { kind: "altered", entries: range, isExact: false, detail: where };
}

/** The first place from an index on where a stream goes on without the sequence that was next. */
function holeBehind(
  placed: readonly PlacedRecord[],
  from: number,
): { index: number; sequence: number } | undefined {
  const ends = new Map<string, number>();
  for (const { record, index } of placed) {
    const { entry } = record;
    if (entry === undefined || entry.kind === "log-opened") continue;
    const stream = `${toHex(entry.keyId)}/${entry.stream}`;
    const end = ends.get(stream) ?? 0;
    const isHole = end > 0 && !entry.unlinked && firstOf(entry) > end + 1;
    if (isHole && index >= from) return { index, sequence: end + 1 };
    if (entry.kind === "refused" && entry.unlinked) continue;
    ends.set(stream, Math.max(end, entry.sequence));
  }
  return undefined;
}

/** The first sequence number that an entry accounts for. */
function firstOf(entry: DeviceEntry): number {
  return entry.kind === "gap" && entry.firstMissing > 0 ? entry.firstMissing : entry.sequence;
}

import { toHex } from "@voltfog/runtime";
import type { AuditFinding } from "./audit-types.ts";
import type { ProvenLeaves } from "./prove-leaves.ts";
import type { SalvagedRecord } from "./salvage-journal.ts";

/** A record and the index at which it stands, or stood. */
export interface PlacedRecord {
  readonly record: SalvagedRecord;
  readonly index: number;
  /** True where the chain proves that exactly this entry belongs there. */
  readonly isProven: boolean;
}

/**
 * Finds the index of every record: by its proven leaf hash where there is one, else by what its group
 * says, moved by as much as the last proven record was found moved.
 */
export function placeRecords(
  records: readonly SalvagedRecord[],
  proven: ProvenLeaves,
): PlacedRecord[] {
  const indexOf = new Map<string, number>();
  for (const [index, hash] of proven.hashes.entries()) {
    if (hash !== undefined) indexOf.set(toHex(hash), index);
  }
  const placed: PlacedRecord[] = [];
  let shift = 0;
  let last = -1;
  for (const record of records) {
    const found = record.leaf && indexOf.get(toHex(record.leaf));
    const { claimedIndex } = record;
    if (found !== undefined && claimedIndex !== undefined) shift = found - claimedIndex;
    const guess = claimedIndex === undefined ? last + 1 : claimedIndex + shift;
    last = found ?? guess;
    placed.push({ record, index: last, isProven: found !== undefined });
  }
  return placed;
}

/** What the chain's final root proves about the records one by one. */
export function exactFindings(
  placed: readonly PlacedRecord[],
  proven: ProvenLeaves,
): AuditFinding[] {
  const size = proven.hashes.length;
  const holder = new Map<number, PlacedRecord>();
  for (const item of placed) if (item.isProven) holder.set(item.index, item);
  const findings: AuditFinding[] = [];
  const altered = new Set<number>();
  for (const item of placed) {
    const finding = recordFinding(item, { size, proven, holder });
    if (finding === undefined) continue;
    findings.push(finding);
    altered.add(item.index);
  }
  const missing: number[] = [];
  for (let index = 0; index < size; index++) {
    const isKnown = proven.hashes[index] !== undefined;
    if (isKnown && !holder.has(index) && !altered.has(index)) missing.push(index);
  }
  return [...findings, ...missingFindings(missing, size)];
}

function recordFinding(
  item: PlacedRecord,
  o: { size: number; proven: ProvenLeaves; holder: ReadonlyMap<number, PlacedRecord> },
): AuditFinding | undefined {
  const { record, index, isProven } = item;
  const { file, offset, isSound, frame } = record;
  const entries = { first: index, last: index };
  const place = { file, offset };
  const base = { kind: "altered", entries, isExact: true, place } as const;
  if (frame === "differs") {
    return { ...base, detail: "the frame is not the one that its entry commits to" };
  }
  if (isProven) {
    if (isSound) return undefined;
    return { ...base, detail: "what the unit recorded beside the entry was changed" };
  }
  if (index >= o.size || o.proven.hashes[index] === undefined) {
    return isSound ? undefined : { ...base, detail: "the record is damaged" };
  }
  const detail = o.holder.has(index)
    ? "an entry that the chain does not have stands beside this one"
    : "the entry is not the one that the chain has";
  return { ...base, detail };
}

/** Neighbouring missing entries together; those up to the log's end were cut off. */
function missingFindings(missing: readonly number[], size: number): AuditFinding[] {
  const runs: { first: number; last: number }[] = [];
  for (const index of missing) {
    const run = runs.at(-1);
    if (run !== undefined && run.last === index - 1) run.last = index;
    else runs.push({ first: index, last: index });
  }
  return runs.map((entries) => {
    const isEnd = entries.last === size - 1;
    const count = entries.last - entries.first + 1;
    const what = `${count} ${count === 1 ? "entry" : "entries"} that the chain has`;
    return isEnd
      ? { kind: "truncated", entries, isExact: true, detail: `the log ends ${what} too early` }
      : {
          kind: "deleted",
          entries,
          isExact: true,
          detail: `${what} ${count === 1 ? "is" : "are"} gone`,
        };
  });
}

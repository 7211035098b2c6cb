import { type StatusClass, statusClasses } from "../status/status-class.ts";
import type { FeedSnapshot } from "./charger-feed.ts";

/** What a snapshot is judged by, small enough to keep many. */
export interface FeedSummary {
  readonly at_ms: number;
  readonly points: number;
  /** Points by class, in the order of `statusClasses`. */
  readonly counts: readonly number[];
  /** Of every point and its class; equal where nothing changed. */
  readonly digest: number;
  /** Newest time that the network wrote of any record; undefined where it writes none. */
  readonly updated_ms: number | undefined;
}

const hour_ms = 3_600_000;
const limits = {
  /** A smaller network may say anything by chance. */
  pointsMin: 20,
  /** Taken points that history must expect before their absence is strange, and so for free ones. */
  expectedMin: 10,
  historyMin: 3,
  /** A share below this part of the lowest ever seen is none that the network has. */
  lowestPart: 0.25,
  hourWindow_h: 3,
  still_ms: hour_ms,
  stillSnapshotsMin: 3,
  updatedAge_ms: 36 * hour_ms,
  keptPart: 0.5,
};
const taken: readonly StatusClass[] = ["charging", "occupied-not-charging", "reserved"];

/** Cost: one pass over the records. */
export function summariseFeed(snapshot: FeedSnapshot): FeedSummary {
  const counts = new Array<number>(statusClasses.length).fill(0);
  let digest = 0;
  let updated_ms: number | undefined;
  for (const { pointId, status, updated_ms: one_ms } of snapshot.records) {
    const place = statusClasses.indexOf(status);
    counts[place] = (counts[place] ?? 0) + 1;
    // A sum of hashes does not depend on the order in which a network lists its points.
    digest = (digest + hash(`${pointId} ${place}`)) >>> 0;
    if (one_ms !== undefined) updated_ms = Math.max(updated_ms ?? 0, one_ms);
  }
  const { at_ms, records } = snapshot;
  return { at_ms, points: records.length, counts, digest, updated_ms };
}

/**
 * Why a snapshot cannot be true, in a sentence; undefined where it may be. `history` is of the same network,
 * in rising time, without the snapshot; it need not be complete. Rules, each for at least 20 points:
 * - all points say the same;
 * - the share of points in service that are taken (or free) is below a quarter of the lowest that was ever
 *   seen at the same time of day ±3 h (at any time where there are under 3 such snapshots), though 10 or more
 *   would be expected;
 * - time stands still: not later than the newest, or nobody came or left in three snapshots over an hour
 *   while 20 or more were taken, or the newest record is over 36 h old;
 * - more than half of the points that are usual have gone.
 */
export function feedSuspicion(
  snapshot: FeedSummary,
  history: readonly FeedSummary[],
): string | undefined {
  return (
    allTheSame(snapshot) ??
    unlikeHistory(snapshot, history) ??
    standingStill(snapshot, history) ??
    missingPoints(snapshot, history)
  );
}

function allTheSame({ points, counts }: FeedSummary): string | undefined {
  if (points < limits.pointsMin) return undefined;
  const place = counts.indexOf(points);
  return place < 0 ? undefined : `All ${points} charge points say ${statusClasses[place]}.`;
}

function unlikeHistory(now: FeedSummary, history: readonly FeedSummary[]): string | undefined {
  const alike = history.filter(({ at_ms }) => hoursApart(at_ms, now.at_ms) <= limits.hourWindow_h);
  const past = (alike.length >= limits.historyMin ? alike : history).filter(
    (one) => inService(one) > 0,
  );
  const service = inService(now);
  if (past.length < limits.historyMin || service < limits.pointsMin) return undefined;
  for (const [name, count] of [
    ["taken", takenOf],
    ["free", freeOf],
  ] as const) {
    const shares = past.map((one) => count(one) / inService(one));
    const lowest = Math.min(...shares);
    const usual = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    const isStrange = count(now) / service < limits.lowestPart * lowest;
    if (!isStrange || usual * service < limits.expectedMin) continue;
    return (
      `${count(now)} of ${service} charge points in service are ${name}, ` +
      `where ${Math.round(usual * service)} are at this hour.`
    );
  }
  return undefined;
}

function standingStill(now: FeedSummary, history: readonly FeedSummary[]): string | undefined {
  const newest = history.at(-1);
  if (newest !== undefined && now.at_ms <= newest.at_ms) {
    return "The snapshot is not later than the one before it.";
  }
  if (now.updated_ms !== undefined && now.at_ms - now.updated_ms > limits.updatedAge_ms) {
    const age_h = Math.floor((now.at_ms - now.updated_ms) / hour_ms);
    return `No charge point has been written of for ${age_h} h.`;
  }
  const changed = history.findLastIndex(({ digest }) => digest !== now.digest);
  const same = history.slice(changed + 1);
  const since_ms = now.at_ms - (same[0]?.at_ms ?? now.at_ms);
  const isStill = same.length + 1 >= limits.stillSnapshotsMin && since_ms >= limits.still_ms;
  if (!isStill || takenOf(now) < limits.pointsMin) return undefined;
  return (
    `No charge point has changed for ${Math.floor(since_ms / 60_000)} min ` +
    `with ${takenOf(now)} taken.`
  );
}

function missingPoints(now: FeedSummary, history: readonly FeedSummary[]): string | undefined {
  const sizes = history.map(({ points }) => points).sort((a, b) => a - b);
  const usual = sizes[sizes.length >> 1] ?? 0;
  if (usual < limits.pointsMin || now.points >= limits.keptPart * usual) return undefined;
  return `Only ${now.points} of the usual ${usual} charge points are in the feed.`;
}

function freeOf({ counts }: FeedSummary): number {
  return counts[statusClasses.indexOf("available")] ?? 0;
}

function takenOf({ counts }: FeedSummary): number {
  return taken.reduce((sum, name) => sum + (counts[statusClasses.indexOf(name)] ?? 0), 0);
}

function inService(summary: FeedSummary): number {
  return freeOf(summary) + takenOf(summary);
}

/** Between two times of day, 0 to 12. */
function hoursApart(a_ms: number, b_ms: number): number {
  const apart_h = (Math.abs(a_ms - b_ms) / hour_ms) % 24;
  return Math.min(apart_h, 24 - apart_h);
}

/**
 * FNV-1a over UTF-16 units, then the finaliser of MurmurHash3 (both public domain), without which sums of
 * hashes of texts that differ in their last letter collide. Finds what stood still; resists nobody.
 */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}

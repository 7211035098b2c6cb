/** What is known of a file without reading it. */
export interface FileFact {
  /** Below the folder that was looked through, with slashes. */
  readonly path: string;
  readonly size_bytes: number;
  /** When it was made; some file systems do not say, then when it was changed. */
  readonly born_ms: number;
  readonly changed_ms: number;
}

/** What takes room in a process's folder. */
export type DiskKind =
  | "blocks"
  | "snapshots"
  | "votes"
  | "tiles"
  | "frames"
  | "index"
  | "logs"
  | "other";

export const diskKinds: readonly DiskKind[] = [
  "blocks",
  "snapshots",
  "votes",
  "tiles",
  "frames",
  "index",
  "logs",
  "other",
];

/** By where the file lies; the first that fits. */
const places: readonly (readonly [RegExp, DiskKind])[] = [
  [/(?:^|\/)blocks-[0-9]{16}\.seg$/, "blocks"],
  [/(?:^|\/)(?:state-[0-9]{16}\.snap(?:\.new)?|incoming\/[^/]*)$/, "snapshots"],
  [/(?:^|\/)votes\/[^/]*$/, "votes"],
  [/(?:^|\/)tile\//, "tiles"],
  // A unit's journal holds the signed frames, a vehicle's queue those that wait.
  [/(?:^|\/)journal\/[^/]*\.seg$/, "frames"],
  [/(?:^|\/)queue\/|\.frames$/, "frames"],
  [/(?:^|\/)telemetry\.duckdb/, "index"],
  [/\.log(?:\.[0-9]+)?$/, "logs"],
];

export function diskKindOf(path: string): DiskKind {
  return places.find(([place]) => place.test(path))?.[1] ?? "other";
}

/** These are written over and over: they have the size that they have. */
const level: ReadonlySet<DiskKind> = new Set(["votes", "snapshots", "other"]);

const day_ms = 86_400_000;
/** Growth is what came in the last week, or since the first file where that is less. */
const window_ms = 7 * day_ms;
/** Less than this says nothing of a day. */
const spanMin_ms = 3_600_000;

export interface KindUsage {
  readonly kind: DiskKind;
  readonly files: number;
  readonly size_bytes: number;
  /** null while there is too little to tell: less than an hour. */
  readonly growthPerDay_bytes: number | null;
}

/**
 * Bytes and growth by kind, those that are there in the order of {@link diskKinds}. A file grew evenly
 * from when it was made to when it was last changed: so the files themselves tell the growth, without a
 * record of earlier looks. What was removed in that time is not seen, so it is never too low.
 */
export function usageByKind(files: readonly FileFact[], now_ms: number): readonly KindUsage[] {
  return diskKinds.flatMap((kind) => {
    const mine = files.filter(({ path }) => diskKindOf(path) === kind);
    if (mine.length === 0) return [];
    const size_bytes = mine.reduce((sum, file) => sum + file.size_bytes, 0);
    const growthPerDay_bytes = level.has(kind) ? 0 : growthOf(mine, now_ms);
    return [{ kind, files: mine.length, size_bytes, growthPerDay_bytes }];
  });
}

function growthOf(files: readonly FileFact[], now_ms: number): number | null {
  const first_ms = files.reduce((least, { born_ms }) => Math.min(least, born_ms), now_ms);
  const from_ms = Math.max(first_ms, now_ms - window_ms);
  const span_ms = now_ms - from_ms;
  if (span_ms < spanMin_ms) return null;
  const came_bytes = files.reduce(
    (sum, file) => sum + file.size_bytes * shareSince(file, from_ms),
    0,
  );
  return Math.round((came_bytes * day_ms) / span_ms);
}

/** Which part of a file came after a time. */
function shareSince({ born_ms, changed_ms }: FileFact, from_ms: number): number {
  if (born_ms >= from_ms) return 1;
  if (changed_ms <= from_ms) return 0;
  return (changed_ms - from_ms) / (changed_ms - born_ms);
}

/** Below either of these a process warns. */
export interface DiskLimits {
  readonly free_bytes: number;
  readonly left_d: number;
}

export interface DiskForecast {
  readonly free_bytes: number;
  readonly growthPerDay_bytes: number | null;
  /** Days until nothing is free at this growth; null where it does not grow, or that is not known yet. */
  readonly left_d: number | null;
  /** The time at which the disk is full then. */
  readonly full_ms: number | null;
  /** Why somebody should act; null while nobody need. */
  readonly warning: "few-bytes" | "few-days" | null;
}

/** What is to be expected of a disk with so much free on which so much comes every day. */
export function diskForecast(options: {
  free_bytes: number;
  growthPerDay_bytes: number | null;
  limits: DiskLimits;
  now_ms: number;
}): DiskForecast {
  const { free_bytes, growthPerDay_bytes, limits, now_ms } = options;
  const isGrowing = growthPerDay_bytes !== null && growthPerDay_bytes > 0;
  const left_d = isGrowing ? free_bytes / growthPerDay_bytes : null;
  const full_ms = left_d === null ? null : Math.round(now_ms + left_d * day_ms);
  const hasFewDays = left_d !== null && left_d < limits.left_d;
  const warning = free_bytes < limits.free_bytes ? "few-bytes" : hasFewDays ? "few-days" : null;
  return { free_bytes, growthPerDay_bytes, left_d, full_ms, warning };
}

/** Of several kinds together; null where it is known of none. */
export function growthOfAll(usage: readonly KindUsage[]): number | null {
  const known = usage.flatMap(({ growthPerDay_bytes: growth }) =>
    growth === null ? [] : [growth],
  );
  return known.length === 0 ? null : known.reduce((sum, growth) => sum + growth, 0);
}

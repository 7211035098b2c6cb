import { accepted, type Outcome, type Problem, refused } from "@voltfog/runtime";
import { noStatus, statusClasses } from "../status/status-class.ts";
import type { FeedRecord, FeedSnapshot } from "./charger-feed.ts";

/** A recorded feed to be replayed, version 1: points once, then one character per point and snapshot. */
export interface ReplayFile {
  readonly version: 1;
  readonly network: string;
  readonly title: string;
  readonly attribution: string;
  readonly zone_min: number;
  readonly points: readonly Omit<FeedRecord, "status">[];
  /** Place of the class in `statusClasses`, "-" where the point said nothing. */
  readonly snapshots: readonly { readonly at_ms: number; readonly statuses: string }[];
}

export interface ReplayProblem extends Problem {
  readonly code: "REPLAY_INVALID";
  readonly detail: string;
}

const pointsMax = 20_000;
const snapshotsMax = 10_000;

/** The file's text; REPLAY_INVALID where it is no replay of this version or has no snapshot. */
export function decodeReplayFile(text: string): Outcome<ReplayFile, ReplayProblem> {
  let file: Partial<ReplayFile> | null;
  try {
    file = JSON.parse(text) as Partial<ReplayFile> | null;
  } catch {
    return problem("not JSON");
  }
  if (file?.version !== 1) return problem("version");
  const { points, snapshots } = file;
  if (typeof file.zone_min !== "number" || typeof file.network !== "string") return problem("head");
  if (typeof file.title !== "string" || typeof file.attribution !== "string") {
    return problem("head");
  }
  if (!Array.isArray(points) || points.length === 0 || points.length > pointsMax) {
    return problem("points");
  }
  if (!points.every(isPoint)) return problem("a point");
  if (!Array.isArray(snapshots) || snapshots.length === 0 || snapshots.length > snapshotsMax) {
    return problem("snapshots");
  }
  const wrong = snapshots.findIndex((one) => !isSnapshot(one, points.length));
  return wrong < 0 ? accepted(file as ReplayFile) : problem(`snapshot ${wrong}`);
}

/** One snapshot of the file as a feed would give it. */
export function replayedSnapshot(file: ReplayFile, index: number): FeedSnapshot {
  const { at_ms = 0, statuses = "" } = file.snapshots[index] ?? {};
  const records = file.points.flatMap((point, place): FeedRecord[] => {
    const status = statusClasses[Number.parseInt(statuses[place] ?? "-", 10)];
    return status === undefined ? [] : [{ ...point, status }];
  });
  return { at_ms, records };
}

/** A snapshot's classes as the file writes them. */
export function replayStatuses(statuses: ArrayLike<number>): string {
  return Array.from(statuses, (status) => (status === noStatus ? "-" : String(status))).join("");
}

function isPoint(value: unknown): boolean {
  const point = (value ?? {}) as Partial<Record<keyof FeedRecord, unknown>>;
  const isNumber = (one: unknown, min: number, max: number): boolean =>
    typeof one === "number" && one >= min && one <= max;
  return (
    [point.pointId, point.siteId, point.name].every((one) => typeof one === "string") &&
    isNumber(point.latitude, -90, 90) &&
    isNumber(point.longitude, -180, 180) &&
    isNumber(point.power_kW, 0, 10_000) &&
    isNumber(point.price_EURperkWh, 0, 100) &&
    Array.isArray(point.types)
  );
}

function isSnapshot(value: unknown, points: number): boolean {
  const { at_ms, statuses } = (value ?? {}) as { at_ms?: unknown; statuses?: unknown };
  return (
    typeof at_ms === "number" &&
    Number.isSafeInteger(at_ms) &&
    typeof statuses === "string" &&
    statuses.length === points &&
    /^[0-8-]*$/.test(statuses)
  );
}

function problem(detail: string): { readonly ok: false; readonly problem: ReplayProblem } {
  return refused({ code: "REPLAY_INVALID", detail });
}

import type { NetworkHistory, NetworkPoint, StatusClass } from "@voltfog/forecasting";

/** How one public dataset tells the status of a network. */
export interface NetworkSource {
  readonly name: "belib" | "esb";
  /** Folder below the root of the datasets, and the files in it. */
  readonly folder: string;
  readonly statusFile: string;
  readonly pointsFile: string;
  readonly classes: readonly StatusClass[];
  /** Minutes that local time is ahead of UTC in the period of the data. */
  readonly zone_min: number;
  /** Half-lives of moving shares, in snapshots. */
  readonly halfLives: readonly number[];
  /** Minutes ahead; "next" where snapshots come at no fixed pace. */
  readonly horizons_min: readonly (number | "next")[];
  /** Training ends before this time: what comes after is left to be scored. Absent: all is trained on. */
  readonly trainTo_ms?: number;
  /** First columns of a status file, by which it is recognised. */
  readonly statusColumns: readonly string[];
  readPoints(text: string): readonly NetworkPoint[];
  /** A row of a status file; undefined where a field is not what the format says. */
  readRow(fields: readonly string[]): StatusRow | undefined;
  /** A time as the file's own column shows it. */
  timeText(at_ms: number): string;
}

export interface StatusRow {
  readonly at_ms: number;
  readonly pointId: string;
  readonly status: StatusClass;
  readonly updated_ms?: number;
}

/** A status file with the points that it speaks of. */
export interface LoadedNetwork {
  readonly source: NetworkSource;
  readonly points: readonly NetworkPoint[];
  readonly history: NetworkHistory;
  /** Rows in the order of the file: place of the snapshot and of the point. */
  readonly rows: readonly { readonly snapshot: number; readonly point: number }[];
}

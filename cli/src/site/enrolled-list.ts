import { replaceFileSync } from "@voltfog/runtime/node";
import { complaint } from "../complaint.ts";
import { readInputFile } from "../input-file.ts";
import type { SitePaths } from "./site-folder.ts";

/** A key that another one took the place of, and the last frames that it signed. */
export interface EarlierKeyRow {
  readonly key: string;
  readonly telemetry: number;
  readonly urgent: number;
}

/** A vehicle in the list that the units follow; keys and salt in hex. */
export interface EnrolledRow {
  readonly id: string;
  readonly key: string;
  readonly salt: string;
  /** Whose vehicle it is; a token of another fleet sees nothing of it. */
  readonly fleet?: string;
  readonly revoked?: boolean;
  readonly earlier?: readonly EarlierKeyRow[];
}

/** The list as it is; ENROLLED_DAMAGED where it is none. To replace it, take a turn of the site first. */
export function readEnrolledRows(paths: SitePaths): readonly EnrolledRow[] {
  try {
    const rows: unknown = JSON.parse(new TextDecoder().decode(readInputFile(paths.enrolled)));
    if (Array.isArray(rows)) return rows as EnrolledRow[];
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown;
  }
  throw complaint({
    code: "ENROLLED_DAMAGED",
    what: `${paths.enrolled} is damaged`,
    remedy: "restore the site's list of vehicles",
  });
}

/** Those of these vehicles that are let in. ALL_REVOKED where none is. */
export function vehiclesLetIn(paths: SitePaths, ids: readonly string[]): readonly string[] {
  const rows = readEnrolledRows(paths);
  const found = ids.filter((id) => rows.some((row) => row.id === id && row.revoked !== true));
  if (found.length > 0) return found;
  throw complaint({
    code: "ALL_REVOKED",
    what: `every vehicle of ${paths.root} is revoked`,
    remedy: "start a new site with another --data",
  });
}

export function writeEnrolledRows(paths: SitePaths, rows: readonly EnrolledRow[]): void {
  replaceFileSync(paths.enrolled, `${JSON.stringify(rows, null, 2)}\n`, { mode: 0o600 });
}

import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import {
  type Clock,
  type DiskForecast,
  type DiskLimits,
  diskForecast,
  growthOfAll,
  type KindUsage,
  usageByKind,
} from "@voltfog/runtime";
import { folderFiles, freeSpace_bytes } from "@voltfog/runtime/node";
import { complaint } from "../complaint.ts";

/** What one process's folder holds. */
export interface FolderUsage {
  readonly id: string;
  readonly size_bytes: number;
  readonly kinds: readonly KindUsage[];
  readonly growthPerDay_bytes: number | null;
}

export interface SiteUsage {
  readonly folder: string;
  readonly size_bytes: number;
  readonly processes: readonly FolderUsage[];
  /** Of the disk of the folder, by the growth of all processes together. */
  readonly disk: DiskForecast;
}

/** What every process warns at unless it is told otherwise. */
export const limitsDefault: DiskLimits = { free_bytes: 1_000_000_000, left_d: 14 };

/**
 * Bytes by kind in each process's folder of a site, or in one such folder, with their growth and the day
 * on which the disk is full. Reads no file; a site that runs may be looked at too. FOLDER_UNREADABLE.
 */
export async function siteUsage(options: {
  folder: string;
  limits: DiskLimits;
  clock: Clock;
}): Promise<SiteUsage> {
  const folder = resolve(options.folder);
  if (!existsSync(folder)) {
    throw complaint({
      code: "FOLDER_UNREADABLE",
      what: `${folder}: there is no such folder`,
      remedy: "name the folder of a site, of a validator or of a unit",
    });
  }
  const now_ms = options.clock.wall_ms();
  const processes: FolderUsage[] = [];
  for (const [id, place] of processFolders(folder)) {
    const kinds = usageByKind(await folderFiles(place), now_ms);
    const size_bytes = kinds.reduce((sum, kind) => sum + kind.size_bytes, 0);
    processes.push({ id, size_bytes, kinds, growthPerDay_bytes: growthOfAll(kinds) });
  }
  const growthPerDay_bytes = growthOfAll(processes.flatMap(({ kinds }) => kinds));
  return {
    folder,
    size_bytes: processes.reduce((sum, one) => sum + one.size_bytes, 0),
    processes: processes.sort((a, b) => b.size_bytes - a.size_bytes),
    disk: diskForecast({
      free_bytes: await freeSpace_bytes(folder),
      growthPerDay_bytes,
      limits: options.limits,
      now_ms,
    }),
  };
}

/** What only a process's own folder has in it. */
const ownNames = ["blocks", "log", "votes", "telemetry.duckdb"];

/** Each folder in a site; the folder itself where it is a process's. */
function processFolders(folder: string): readonly (readonly [string, string])[] {
  if (ownNames.some((name) => existsSync(join(folder, name)))) return [[".", folder]];
  return readdirSync(folder, { withFileTypes: true })
    .filter((item) => item.isDirectory())
    .map(({ name }) => [name, join(folder, name)] as const);
}

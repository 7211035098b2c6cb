import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Below a unit's data folder: logs that it no longer writes, each in a folder named after its number. */
const earlierFolder = "earlier";

/** Where a unit keeps a log that another took the place of. */
export function earlierLogFolder(unitFolder: string, number: number): string {
  return join(unitFolder, earlierFolder, String(number));
}

/** The logs that a unit keeps beside the one it writes, by number. */
export function earlierLogs(unitFolder: string): readonly { number: number; folder: string }[] {
  const folder = join(unitFolder, earlierFolder);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => earlierNumber(`${earlierFolder}/${name}/`) !== undefined)
    .map(Number)
    .sort((a, b) => a - b)
    .map((number) => ({ number, folder: earlierLogFolder(unitFolder, number) }));
}

/** The number of the earlier log that a file of a unit's folder belongs to; undefined for other files. */
export function earlierNumber(file: string): number | undefined {
  const digits = /^earlier\/([1-9][0-9]{0,8})\//.exec(file)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

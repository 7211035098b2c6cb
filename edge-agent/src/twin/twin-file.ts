import { readFileSync } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { TwinStore } from "./vehicle-twin.ts";

/** The file in a vehicle's folder that holds the state of its twin. */
export function twinPath(folder: string): string {
  return join(folder, "twin.json");
}

/**
 * The state of one vehicle's twin on disk. It is replaced by renaming and not synced: it survives kill -9; a
 * power cut may take it back to an older one, and then the filters find their way again.
 */
export function twinFile(path: string): TwinStore {
  return {
    load: () => {
      try {
        return readFileSync(path, "utf8");
      } catch {
        // Missing at the first start; an unreadable one costs no more than the learning.
        return undefined;
      }
    },
    async save(text) {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(`${path}.new`, text);
      await rename(`${path}.new`, path);
    },
  };
}

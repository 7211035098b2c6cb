import { copyFileSync, readFileSync, statSync, truncateSync } from "node:fs";

/** A process's log never takes more than twice this. */
export const logMax_bytes = 10_485_760;

/**
 * Keeps a log file small: over the limit it becomes <file>.1 and begins anew. The writers append, so
 * they go on at the new beginning; lines written during the copy may be lost.
 */
export function capLog(path: string, limit_bytes: number = logMax_bytes): void {
  try {
    if (statSync(path).size <= limit_bytes) return;
    copyFileSync(path, `${path}.1`);
    truncateSync(path, 0);
  } catch {
    // A log that cannot be capped now is tried again at the next turn.
  }
}

/** The last line of a log, shortened to one line of a terminal; empty when there is none. */
export function lastLine(path: string): string {
  try {
    return readFileSync(path, "utf8").trimEnd().split("\n").at(-1)?.slice(0, 300) ?? "";
  } catch {
    return "";
  }
}

import { linkSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { messageOf } from "@voltfog/runtime";
import { complaint } from "../complaint.ts";
import { identityOf, isAlive, type ProcessIdentity } from "./process-identity.ts";

/**
 * Makes this process the only supervisor of a site; the returned function lets go. SITE_IN_USE while
 * another one lives, FOLDER_UNWRITABLE. The lock of a dead process is taken over.
 */
export function lockSite(path: string): () => void {
  const mine = identityOf(process.pid);
  for (let attempt = 0; attempt < 3; attempt++) {
    if (placeLock(path, mine)) return () => release(path, mine);
    const pid = lockHolder(path);
    if (pid !== undefined) {
      throw complaint({
        code: "SITE_IN_USE",
        what: `voltfog up already runs on this folder (process ${pid})`,
        remedy: "stop it with Ctrl-C, or choose another folder with --data",
      });
    }
    removeFile(path);
  }
  throw complaint({
    code: "SITE_IN_USE",
    what: "another voltfog up is starting on this folder",
    remedy: "try again in a moment",
  });
}

/** A link appears with its content or not at all, and never over another. False when there is a lock. */
function placeLock(path: string, mine: ProcessIdentity): boolean {
  const draft = `${path}.${mine.pid}`;
  try {
    writeFileSync(draft, JSON.stringify(mine));
  } catch (thrown) {
    throw complaint({
      code: "FOLDER_UNWRITABLE",
      what: `cannot write in ${dirname(path)}: ${messageOf(thrown)}`,
      remedy: "make the folder writable for this user; voltfog doctor shows more",
    });
  }
  try {
    linkSync(draft, path);
    return true;
  } catch (thrown) {
    if ((thrown as { code?: unknown }).code !== "EEXIST") throw thrown;
    return false;
  } finally {
    removeFile(draft);
  }
}

/** The process that holds the lock, undefined when none lives. */
export function lockHolder(path: string): number | undefined {
  const holder = readHolder(path);
  return holder !== undefined && isAlive(holder) ? holder.pid : undefined;
}

function release(path: string, mine: ProcessIdentity): void {
  if (readHolder(path)?.pid === mine.pid) removeFile(path);
}

function readHolder(path: string): ProcessIdentity | undefined {
  try {
    const { pid, started } = JSON.parse(readFileSync(path, "utf8")) as Partial<ProcessIdentity>;
    return typeof pid === "number" && typeof started === "string" ? { pid, started } : undefined;
  } catch {
    return undefined;
  }
}

function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch (thrown) {
    if ((thrown as { code?: unknown }).code !== "ENOENT") throw thrown;
  }
}

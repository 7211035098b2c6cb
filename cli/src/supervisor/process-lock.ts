import { linkSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { messageOf } from "@voltfog/runtime";
import { complaint } from "../complaint.ts";
import { isAlive, type ProcessIdentity } from "./process-identity.ts";

/**
 * Makes a file the lock of this process. False while another living process has it; the lock of a dead
 * one is taken over. FOLDER_UNWRITABLE where no file can be made.
 */
export function tryLock(path: string, mine: ProcessIdentity): boolean {
  if (place(path, mine)) return true;
  if (!isLeftBehind(path)) return false;
  takeAway(path, mine);
  return place(path, mine);
}

/** Lets go of the lock, where it is this process's own. */
export function unlock(path: string, mine: ProcessIdentity): void {
  const holder = readHolder(path);
  if (holder !== "nobody" && holder?.pid === mine.pid) remove(path);
}

/** The process that holds the lock, undefined when none lives. */
export function lockHolder(path: string): number | undefined {
  const holder = readHolder(path);
  return holder !== "nobody" && holder !== undefined && isAlive(holder) ? holder.pid : undefined;
}

/**
 * Two processes may see the same dead one at once, and the slower must not take away the lock that the
 * faster has placed since: only who holds a second lock takes away, and looks again before it does.
 */
function takeAway(path: string, mine: ProcessIdentity): void {
  const right = `${path}.clearing`;
  if (!place(right, mine)) {
    // Whoever died while it cleared leaves its right behind; the next try finds it gone.
    if (isLeftBehind(right)) remove(right);
    return;
  }
  try {
    if (isLeftBehind(path)) remove(path);
  } finally {
    remove(right);
  }
}

/** A link appears with its content or not at all, and never over another. */
function place(path: string, mine: ProcessIdentity): boolean {
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
    remove(draft);
  }
}

/** False also where there is no lock any more. */
function isLeftBehind(path: string): boolean {
  const holder = readHolder(path);
  if (holder === undefined) return false;
  return holder === "nobody" || !isAlive(holder);
}

/** Undefined without a file, "nobody" where the file names no process. */
function readHolder(path: string): ProcessIdentity | "nobody" | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
  try {
    const { pid, started } = JSON.parse(text) as Partial<ProcessIdentity>;
    if (typeof pid !== "number" || typeof started !== "string") return "nobody";
    return { pid, started };
  } catch {
    return "nobody";
  }
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch (thrown) {
    if ((thrown as { code?: unknown }).code !== "ENOENT") throw thrown;
  }
}

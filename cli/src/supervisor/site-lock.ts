import { linkSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { complaint } from "../complaint.ts";

/** Who holds a site: a process by number and, where the system says it, by its start. */
interface Holder {
  readonly pid: number;
  readonly started: string;
}

/**
 * Makes this process the only supervisor of a site; the returned function lets go. SITE_IN_USE while
 * another one lives. The lock of a dead process is taken over.
 */
export function lockSite(path: string): () => void {
  const mine: Holder = { pid: process.pid, started: startOf(process.pid) };
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
function placeLock(path: string, mine: Holder): boolean {
  const draft = `${path}.${mine.pid}`;
  writeFileSync(draft, JSON.stringify(mine));
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
  if (holder === undefined || !isAlive(holder.pid)) return undefined;
  // A number is used again after a restart of the machine; the start tells the two apart.
  return holder.started === startOf(holder.pid) ? holder.pid : undefined;
}

function release(path: string, mine: Holder): void {
  if (readHolder(path)?.pid === mine.pid) removeFile(path);
}

function readHolder(path: string): Holder | undefined {
  try {
    const { pid, started } = JSON.parse(readFileSync(path, "utf8")) as Partial<Holder>;
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

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return (thrown as { code?: unknown }).code === "EPERM";
  }
}

/** Start time in clock ticks since the machine's start (proc(5), field 22); empty where there is no /proc. */
function startOf(pid: number): string {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}

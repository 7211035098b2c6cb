import { linkSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "@voltfog/runtime";
import { complaint } from "../complaint.ts";
import { identityOf, isAlive, type ProcessIdentity } from "../supervisor/process-identity.ts";
import type { SitePaths } from "./site-folder.ts";

const look_ms = 20;
/** Whoever holds the turn writes a few small files. */
const wait_ms = 20_000;

/**
 * Runs a task that reads and replaces lists of the site, while no other process does: the registrar and
 * the commands that enrol, revoke and rotate. The turn of a process that died is over. SITE_BUSY after
 * twenty seconds. Not to be nested.
 */
export async function inSiteTurn<T>(
  { paths, clock }: { paths: SitePaths; clock: Clock },
  task: () => Promise<T> | T,
): Promise<T> {
  const lock = join(paths.root, "lists.lock");
  const mine = identityOf(process.pid);
  const until_ms = clock.monotonic_ms() + wait_ms;
  while (!place(lock, mine)) {
    if (clock.monotonic_ms() > until_ms) throw busy(lock);
    if (isLeftBehind(lock)) takeAway(lock, mine);
    else await new Promise<void>((resolve) => clock.after(look_ms, resolve));
  }
  try {
    return await task();
  } finally {
    remove(lock);
  }
}

/**
 * Two processes may see the same dead one at once, and the slower must not take away the lock that the
 * faster has placed since: only who holds a second lock takes away, and looks again before it does.
 */
function takeAway(lock: string, mine: ProcessIdentity): void {
  const right = `${lock}.clearing`;
  if (!place(right, mine)) return;
  try {
    if (isLeftBehind(lock)) remove(lock);
  } finally {
    remove(right);
  }
}

/** A link appears with its content or not at all, and never over another. */
function place(path: string, mine: ProcessIdentity): boolean {
  const draft = `${path}.${mine.pid}`;
  writeFileSync(draft, JSON.stringify(mine));
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
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return false;
  }
  try {
    const { pid, started } = JSON.parse(text) as Partial<ProcessIdentity>;
    if (typeof pid !== "number" || typeof started !== "string") return true;
    return !isAlive({ pid, started });
  } catch {
    return true;
  }
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch (thrown) {
    if ((thrown as { code?: unknown }).code !== "ENOENT") throw thrown;
  }
}

function busy(lock: string): Error {
  return complaint({
    code: "SITE_BUSY",
    what: `another command has held ${lock} for ${wait_ms / 1000} s`,
    remedy: "see whether it hangs; no harm is done by removing the file when none runs",
  });
}

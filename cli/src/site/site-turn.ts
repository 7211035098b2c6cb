import { join } from "node:path";
import type { Clock } from "@voltfog/runtime";
import { complaint } from "../complaint.ts";
import { identityOf } from "../supervisor/process-identity.ts";
import { tryLock, unlock } from "../supervisor/process-lock.ts";
import type { SitePaths } from "./site-folder.ts";

const look_ms = 20;
/** Whoever holds the turn writes a few small files, which on a machine with much else to do takes its time. */
const wait_ms = 60_000;

/**
 * Runs a task that reads and replaces lists of the site, while no other process does: the registrar and
 * the commands that enrol, revoke and rotate. The turn of a process that died is over. SITE_BUSY after
 * a minute. Not to be nested.
 */
export async function inSiteTurn<T>(
  { paths, clock }: { paths: SitePaths; clock: Clock },
  task: () => Promise<T> | T,
): Promise<T> {
  const lock = join(paths.root, "lists.lock");
  const mine = identityOf(process.pid);
  const until_ms = clock.monotonic_ms() + wait_ms;
  while (!tryLock(lock, mine)) {
    if (clock.monotonic_ms() > until_ms) throw busy(lock);
    await new Promise<void>((resolve) => clock.after(look_ms, resolve));
  }
  try {
    return await task();
  } finally {
    unlock(lock, mine);
  }
}

function busy(lock: string): Error {
  return complaint({
    code: "SITE_BUSY",
    what: `another command has held ${lock} for ${wait_ms / 1000} s`,
    remedy: "see whether it hangs; no harm is done by removing the file when none runs",
  });
}

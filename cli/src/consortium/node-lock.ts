import { existsSync } from "node:fs";
import { replaceFileSync } from "@voltfog/runtime/node";
import { complaint } from "../complaint.ts";
import { identityOf } from "../supervisor/process-identity.ts";
import { lockHolder, tryLock, unlock } from "../supervisor/process-lock.ts";
import type { NodePaths } from "./node-folder.ts";

/**
 * Makes this process the only one that runs a node; the returned function lets go. NODE_IN_USE while
 * another one lives, FOLDER_UNWRITABLE. The lock of a dead process is taken over.
 */
export function lockNode({ root, lock }: NodePaths): () => void {
  const mine = identityOf(process.pid);
  if (tryLock(lock, mine)) return () => unlock(lock, mine);
  const pid = lockHolder(lock);
  throw complaint({
    code: "NODE_IN_USE",
    what: `${root} runs already${pid === undefined ? "" : ` (process ${pid})`}`,
    remedy: "stop that process first: two of one node could vote against each other",
  });
}

/** The process that runs a node; undefined where none does. */
export function nodeProcess({ lock }: NodePaths): number | undefined {
  return lockHolder(lock);
}

/** From here on the node does not start any more. */
export function markLeft({ left }: NodePaths, height: number | undefined): void {
  const when = height === undefined ? "" : ` by block ${height}`;
  replaceFileSync(left, `This node left its consortium${when} and does not start any more.\n`);
}

/** NODE_LEFT where the node has left its consortium. */
export function requireNotLeft({ root, left }: NodePaths): void {
  if (!existsSync(left)) return;
  throw complaint({
    code: "NODE_LEFT",
    what: `${root} has left its consortium`,
    remedy: "to come back make a new folder with voltfog validator init and another id, then join",
  });
}

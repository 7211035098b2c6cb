import { complaint } from "../complaint.ts";
import { identityOf } from "./process-identity.ts";
import { lockHolder, tryLock, unlock } from "./process-lock.ts";

/**
 * Makes this process the only supervisor of a site; the returned function lets go. SITE_IN_USE while
 * another one lives, FOLDER_UNWRITABLE. The lock of a dead process is taken over.
 */
export function lockSite(path: string): () => void {
  const mine = identityOf(process.pid);
  if (tryLock(path, mine)) return () => unlock(path, mine);
  const pid = lockHolder(path);
  throw complaint({
    code: "SITE_IN_USE",
    what:
      pid === undefined
        ? "another voltfog up is starting on this folder"
        : `voltfog up already runs on this folder (process ${pid})`,
    remedy: "stop it with Ctrl-C, or choose another folder with --data",
  });
}

import { readFileSync, statSync } from "node:fs";
import { type Clock, type Crypto, type Logger, messageOf } from "@voltfog/runtime";
import { DeviceDirectory } from "./device-directory.ts";

/** Often enough that a revoked vehicle is out within a second. */
const look_ms = 500;

/**
 * Follows the file of enrolled devices while the unit runs: new vehicles are let in, revoked ones put
 * out, without a restart. A file that cannot be read or is no such list changes nothing and is said once.
 * Returns what ends it.
 */
export function watchDirectory(options: {
  path: string;
  directory: DeviceDirectory;
  crypto: Crypto;
  clock: Clock;
  logger: Logger;
  /** Vehicles whose key no longer holds: revoked, replaced or gone. */
  outcast: (vehicleIds: readonly string[]) => void;
}): () => Promise<void> {
  const { path, directory, crypto, clock, logger } = options;
  let cancel = (): void => {};
  let seen = stampOf(path);
  const look = (): void => {
    cancel = clock.after(look_ms, look);
    const stamp = stampOf(path);
    if (stamp === seen) return;
    seen = stamp;
    const fresh = read(path, crypto);
    if (typeof fresh === "string") {
      logger.error("list of vehicles not taken: what held before holds", { detail: fresh });
      return;
    }
    const outcasts = directory.become(fresh);
    logger.info("list of vehicles read again", { outcasts: outcasts.length });
    if (outcasts.length > 0) options.outcast(outcasts);
  };
  cancel = clock.after(look_ms, look);
  return async () => cancel();
}

/** What changes whenever the file is replaced or written. */
function stampOf(path: string): string {
  try {
    const { mtimeMs, ino, size } = statSync(path);
    return `${mtimeMs} ${ino} ${size}`;
  } catch {
    return "absent";
  }
}

function read(path: string, crypto: Crypto): DeviceDirectory | string {
  try {
    const parsed = DeviceDirectory.parse({ text: readFileSync(path, "utf8"), crypto });
    return parsed.ok ? parsed.value : parsed.problem.detail;
  } catch (thrown) {
    return messageOf(thrown);
  }
}

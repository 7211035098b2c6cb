import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";

/** `npm ci` when nothing is installed or the lock file is newer than what is; false when it failed. */
export function installIfNeeded(root) {
  const installed = join(root, "node_modules", ".package-lock.json");
  const lock = join(root, "package-lock.json");
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return true;
  process.stderr.write("Installing packages (npm ci) …\n");
  const flags = ["ci", "--no-audit", "--no-fund", "--no-progress", "--loglevel=error"];
  const npm = spawnSync("npm", flags, { cwd: root, stdio: ["ignore", 2, 2] });
  return npm.status === 0;
}

import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Where the sources are, and what else the build depends on. */
const watched = [
  "packages",
  "edge-agent",
  "fog-rsu",
  "sdn-controller",
  "cloud",
  "datasets",
  "bench",
  "cli",
  "web",
  "tsconfig.base.json",
  "tsconfig.json",
  "package-lock.json",
];
const passedOver = new Set(["node_modules", "dist", "data", "test-results", "bin"]);

function stampOf(root) {
  return join(root, "cli", "dist", ".built");
}

/** Notes that everything is built as of the moment when the build began. */
export function writeStamp(root, began) {
  const stamp = stampOf(root);
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, `${began.toISOString()}\n`);
}

/** True when something was changed since the last whole build began, or nothing was built yet. */
export function isStale(root) {
  const stamp = stampOf(root);
  if (!existsSync(stamp)) return true;
  const built = statSync(stamp).mtimeMs;
  return watched.some((path) => isNewer(join(root, path), built));
}

function isNewer(path, built) {
  if (!existsSync(path)) return false;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs > built && !path.endsWith(".tsbuildinfo");
  return readdirSync(path).some(
    (name) => !passedOver.has(name) && isNewer(join(path, name), built),
  );
}

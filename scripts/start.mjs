#!/usr/bin/env node
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { isStale } from "./build-stamp.mjs";
import { installIfNeeded } from "./install-if-needed.mjs";
import { nodeVersionComplaint } from "./node-version.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Installs and builds what is missing; the reason why the system cannot start, or undefined. */
function prepare() {
  const complaint = nodeVersionComplaint();
  if (complaint !== undefined) return complaint;
  if (!installIfNeeded(root))
    return "npm ci failed, its output is above; check the network and the disk";
  if (!isStale(root)) return undefined;
  process.stderr.write("Building …\n");
  const script = join(root, "scripts", "build.mjs");
  const build = spawnSync(process.execPath, [script], { cwd: root, stdio: ["ignore", 2, 2] });
  return build.status === 0 ? undefined : "the build failed, its output is above";
}

const reason = prepare();
if (reason === undefined) {
  // The command runs in this process, so that signals reach it as they are and only once.
  const main = join(root, "cli", "dist", "main.js");
  process.argv = [process.execPath, main, "up", ...process.argv.slice(2)];
  await import(pathToFileURL(main).href);
} else {
  process.stderr.write(`voltfog: ${reason}\n`);
  process.exitCode = 2;
}

#!/usr/bin/env node
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const engines = ["poa", "pbft", "linear", "sbft", "sbft:1", "hotstuff"];
const [seeds = "0..9999", ...flags] = process.argv.slice(2);

/** Every engine through the same seeds; a violation stays on the screen with the command that replays it. */
const isWell = engines.map((engine) => {
  const args = ["--conditions=source", "--import", "tsx", join("cli", "src", "main.ts")];
  args.push("simulate", "chain", "--engine", engine, "--seeds", seeds, ...flags);
  return spawnSync(process.execPath, args, { cwd: root, stdio: "inherit" }).status === 0;
});
process.exitCode = isWell.every(Boolean) ? 0 : 1;

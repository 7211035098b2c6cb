import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/**
 * The commit that this code was built from; "-dirty" where files differ from it, "unknown" without git.
 * Results are no sources: one bench writes them before the next looks.
 */
export function sourceCommit(): string {
  try {
    const commit = git("rev-parse", "HEAD");
    const changed = git("status", "--porcelain", "--untracked-files=no", "--", ":/", ":(top,exclude)bench/results"); // biome-ignore format: one command
    return changed === "" ? commit : `${commit}-dirty`;
  } catch {
    return "unknown";
  }
}

function git(...args: readonly string[]): string {
  return execFileSync("git", args, {
    cwd: fileURLToPath(new URL(".", import.meta.url)),
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  }).trim();
}

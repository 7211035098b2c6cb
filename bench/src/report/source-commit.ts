import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The commit that this code was built from; "-dirty" where files differ from it, "unknown" without git. */
export function sourceCommit(): string {
  try {
    return execFileSync("git", ["describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"], {
      cwd: fileURLToPath(new URL(".", import.meta.url)),
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  } catch {
    return "unknown";
  }
}

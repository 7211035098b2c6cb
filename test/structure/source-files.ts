import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** One TypeScript file that git knows or would take, with its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** Every TypeScript and Svelte source of the product, tests left out. */
export function sourceFiles(): readonly SourceFile[] {
  const listed = execFileSync(
    "git",
    ["ls-files", "--cached", "--others", "--exclude-standard", "*.ts", "*.svelte"],
    { encoding: "utf8" },
  );
  return [...new Set(listed.trim().split("\n"))]
    .filter((path) => /(^|\/)src\//.test(path) && !/\.(test|bench)\.ts$/.test(path))
    .map((path) => ({ path, text: readFileSync(path, "utf8") }));
}

/** The workspace folder that owns a file: "packages/ledger", "cloud". */
export function ownerOf(path: string): string {
  const parts = path.split("/");
  return parts[0] === "packages" ? `packages/${parts[1]}` : `${parts[0]}`;
}

import { readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import type { Logger } from "@voltfog/runtime";
import { replaceFileSync } from "@voltfog/runtime/node";

const format = 1;

/** The last term that this controller has led in, as a file; written before the term is used. */
export class TermFile {
  readonly path: string;

  constructor(options: { dataDir: string }) {
    this.path = join(options.dataDir, "term.json");
  }

  /** 0 without a file. A damaged one is set aside and said: the units know the highest term as well. */
  load(logger: Logger): number {
    let text: string;
    try {
      text = readFileSync(this.path, "utf8");
    } catch (thrown) {
      if ((thrown as { code?: unknown }).code === "ENOENT") return 0;
      throw thrown;
    }
    const term = readTerm(text);
    if (term !== undefined) return term;
    renameSync(this.path, `${this.path}.damaged`);
    logger.warn("term file damaged", { setAside: `${this.path}.damaged` });
    return 0;
  }

  /** Throws what the disk says. */
  save(term: number): void {
    replaceFileSync(this.path, `${JSON.stringify({ format, term })}\n`);
  }
}

/** The term in the text of the file, or undefined where it is anything else. */
export function readTerm(text: string): number | undefined {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof content !== "object" || content === null) return undefined;
  const { format: stored, term } = content as { format?: unknown; term?: unknown };
  if (stored !== format || !Number.isSafeInteger(term) || Number(term) < 0) return undefined;
  return Number(term);
}

import { setImmediate } from "node:timers/promises";
import { type BookMatch, decodeMatchBook, type MatchBook, playBook } from "@voltfog/market";
import { messageOf } from "@voltfog/runtime";
import type { CommandContext } from "../command-context.ts";
import { readInputFile } from "../input-file.ts";
import { progressText } from "../progress-text.ts";
import { matchesText } from "./match-text.ts";

interface MatchRun {
  readonly file: string;
  readonly isJson: boolean;
  readonly context: CommandContext;
}

interface BadBook {
  readonly code: string;
  readonly path: string;
  readonly detail: string;
}

/** Orders between two looks at the terminal. */
const stride = 2000;

/** Reads, matches and prints. Exit code 1 on a bad book, with one line that says what is wrong where. */
export async function runMatch({ file, isJson, context }: MatchRun): Promise<void> {
  const { terminal } = context;
  const read = readBook(file);
  if ("problem" in read) {
    context.exitCode = 1;
    const { code, detail } = read.problem;
    terminal.note(`voltfog: ${code} in ${file}: ${detail}; see docs/specs/v2v.md`);
    if (isJson) terminal.print(JSON.stringify({ refused: read.problem }, null, 2));
    return;
  }
  const { book, ignored } = read;
  if (ignored.length > 0) {
    terminal.note(
      `voltfog: without effect, as the format has no such field: ${ignored.join(", ")}`,
    );
  }
  const matches = await played(book, context);
  const matched = new Set(matches.flatMap(({ buy, sell }) => [buy, sell]));
  const unmatched = book.orders.map(({ id }) => id).filter((id) => !matched.has(id));
  terminal.print(
    isJson ? JSON.stringify({ matches, unmatched }, null, 2) : matchesText(matches, unmatched),
  );
}

/** All matches, with progress on the terminal where the book is large. */
async function played(book: MatchBook, { terminal }: CommandContext): Promise<BookMatch[]> {
  const matches: BookMatch[] = [];
  const total = book.orders.length;
  let done = 0;
  for (const match of playBook(book)) {
    if (match !== undefined) matches.push(match);
    if (++done % stride !== 0 || total <= stride) continue;
    terminal.progress(progressText({ done, total, doing: `${matches.length} matches` }));
    await setImmediate();
  }
  terminal.progressDone();
  return matches;
}

function readBook(
  file: string,
): { book: MatchBook; ignored: readonly string[] } | { problem: BadBook } {
  const bytes = readInputFile(file);
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (thrown) {
    return { problem: { code: "JSON_INVALID", path: "", detail: messageOf(thrown) } };
  }
  const decoded = decodeMatchBook(json);
  return decoded.ok ? decoded.value : { problem: decoded.problem };
}

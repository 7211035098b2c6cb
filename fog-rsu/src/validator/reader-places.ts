import { readFileSync } from "node:fs";
import { type Clock, type Logger, messageOf } from "@voltfog/runtime";
import { replaceFileSync } from "@voltfog/runtime/node";

interface Place {
  /** The next block that the reader has yet to fetch. */
  readonly from: number;
  readonly seen_ms: number;
}

/** Readers that are remembered; further ones hold nothing back. */
const readersMax = 16;
/** A reader that was not heard for so long is not waited for: a disk fills while nobody reads. */
const silenceMax_ms = 30 * 86_400_000;

/**
 * Up to where the readers of this validator's blocks have come, so that none is removed before they have
 * it. Kept in a file, so that a restart does not forget a reader that is away.
 */
export class ReaderPlaces {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #places: Map<string, Place>;

  constructor(options: { path: string; clock: Clock; logger: Logger }) {
    this.#path = options.path;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#places = new Map(readPlaces(options.path));
  }

  /** A reader asks for blocks from this height on, so it has those before. */
  note(reader: string, from: number): void {
    if (!this.#places.has(reader) && this.#places.size >= readersMax) return;
    this.#places.set(reader, { from, seen_ms: this.#clock.wall_ms() });
  }

  /** The lowest height that some reader has yet to fetch; infinity where none is known. Saves the places. */
  lowest(): number {
    const oldest_ms = this.#clock.wall_ms() - silenceMax_ms;
    for (const [reader, { seen_ms }] of this.#places) {
      if (seen_ms >= oldest_ms) continue;
      this.#places.delete(reader);
      this.#logger.warn("reader of blocks is not waited for any more", { reader });
    }
    this.#save();
    return Math.min(...[...this.#places.values()].map(({ from }) => from));
  }

  #save(): void {
    try {
      replaceFileSync(this.#path, `${JSON.stringify([...this.#places], null, 2)}\n`);
    } catch (thrown) {
      this.#logger.warn("places of readers not saved", { reason: messageOf(thrown) });
    }
  }
}

/** What an earlier run knew; nothing where the file is missing or is none. */
function readPlaces(path: string): readonly (readonly [string, Place])[] {
  let rows: unknown;
  try {
    rows = JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return [];
  }
  if (!Array.isArray(rows)) return [];
  return rows.flatMap((row: unknown) => {
    const [reader, place] = Array.isArray(row) ? row : [];
    const { from, seen_ms } = (place ?? {}) as { from?: unknown; seen_ms?: unknown };
    const isPlace = Number.isSafeInteger(from) && Number.isSafeInteger(seen_ms);
    if (typeof reader !== "string" || !isPlace) return [];
    return [[reader, { from: Number(from), seen_ms: Number(seen_ms) }] as const];
  });
}

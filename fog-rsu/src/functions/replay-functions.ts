import type { StoredEntry } from "@voltfog/ledger/node";
import { ConditionBook } from "../events/condition-book.ts";
import { DurableFrames } from "../log/durable-frame.ts";
import { FunctionRun } from "./function-run.ts";
import type { Finding, FunctionManifest, NetworkFunction } from "./network-function.ts";
import { type RecordedChange, RecordedDuties } from "./recorded-duties.ts";
import { arrivalsOf, packBatch } from "./sample-batch.ts";

/** A finding of a replay, with the function that said it. */
export interface ReplayedFinding {
  readonly manifest: FunctionManifest;
  readonly finding: Finding;
  /** False for a condition that is no news: it would not have become an event. */
  readonly isNews: boolean;
}

/**
 * Runs functions again over the entries of a log, in the log's order, as if the unit had just started with
 * no condition open. Findings follow from the samples alone, so a function that saw every sample since the
 * start of the log found the same then, with the settings of then. Memory: one page of entries and the functions' own state.
 */
export async function replayFunctions(options: {
  readonly functions: readonly NetworkFunction[];
  readonly pages: AsyncIterable<readonly StoredEntry[]>;
  readonly serves: (vehicleId: string) => boolean;
  /** What assignments changed while the log grew, as the unit recorded it. */
  readonly changes?: readonly RecordedChange[];
  readonly found: (replayed: ReplayedFinding) => void;
}): Promise<{ readonly frames: number; readonly samples: number }> {
  const { functions, pages, serves, found } = options;
  const runs = functions.map((definition) => ({
    manifest: definition.manifest,
    run: new FunctionRun(definition, { open: [] }),
  }));
  const duties = new RecordedDuties(options.changes ?? []);
  const durable = new DurableFrames();
  const book = new ConditionBook();
  let [frames, samples] = [0, 0];
  for await (const page of pages) {
    const arrivals = arrivalsOf(durable.ofStored(page)).filter((one) => serves(one.vehicleId));
    if (arrivals.length === 0) continue;
    frames += arrivals.length;
    samples += arrivals.reduce((sum, arrival) => sum + arrival.samples.length, 0);
    for (const group of duties.stretches(arrivals)) {
      const batch = packBatch(group);
      for (const { manifest, run } of runs) {
        run.configure(duties.settingsOf(manifest));
        const isServed = (vehicleId: string): boolean => duties.serves(manifest, vehicleId);
        for (const finding of run.findingsOf(batch, isServed)) {
          found({ manifest, finding, isNews: isNews(book, manifest, finding) });
        }
      }
    }
  }
  return { frames, samples };
}

function isNews(book: ConditionBook, manifest: FunctionManifest, finding: Finding): boolean {
  if (finding.kind !== "condition") return true;
  const { name, class: eventClass, state, level, standing } = finding.condition;
  const { vehicleId, at_ms, frame } = finding;
  const place = { functionId: manifest.id, condition: name, vehicleId };
  return book.note({
    ...place,
    class: eventClass,
    state,
    level,
    standing,
    at_ms,
    logIndex: frame.logIndex,
  });
}

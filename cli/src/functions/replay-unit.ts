import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  type Finding,
  type NetworkFunction,
  type RecordedEvent,
  type ReplayedFinding,
  readRecordedEvents,
  recordedChanges,
  replayFunctions,
} from "@voltfog/fog-rsu";
import { type LogReader, openLogReader, type StoredEntry } from "@voltfog/ledger/node";
import { nodeCrypto } from "@voltfog/runtime/node";
import type { ProgressStep } from "../progress-text.ts";

const pageEntries = 256;

/** An event that the unit recorded, as far as a replay can tell it again. */
export interface RecordedFinding {
  readonly functionId: string;
  readonly vehicleId: string;
  readonly condition: string;
  readonly state: string;
  readonly level: number;
  readonly at_ms: number;
  readonly logIndex: number;
  readonly sentence: string;
}

export interface FunctionReplay {
  readonly frames: number;
  readonly samples: number;
  /** What the functions find now that would be an event, in the log's order. */
  readonly events: readonly RecordedFinding[];
  readonly commands: readonly {
    readonly functionId: string;
    readonly vehicleId: string;
    readonly kind: string;
    readonly value: number;
    readonly because: string;
    readonly at_ms: number;
  }[];
  /** The newest estimate of each vehicle and name. */
  readonly estimates: readonly {
    readonly functionId: string;
    readonly vehicleId: string;
    readonly name: string;
    readonly value: number;
    readonly low: number;
    readonly high: number;
    readonly at_ms: number;
  }[];
  /** Events of these functions, in these versions, in the unit's journal, and which were not found again. */
  readonly recorded: number;
  readonly notReproduced: readonly RecordedFinding[];
  /** Found now and not recorded then. */
  readonly added: readonly RecordedFinding[];
}

/** Runs functions over a unit's log again and compares what they find with what the unit recorded. */
export async function replayUnit(options: {
  /** The unit's data folder. */
  readonly folder: string;
  readonly functions: readonly NetworkFunction[];
  /** Undefined replays every vehicle. */
  readonly vehicleId: string | undefined;
  readonly progress: (step: ProgressStep) => void;
}): Promise<FunctionReplay> {
  const { folder, functions, vehicleId } = options;
  const serves = (id: string): boolean => vehicleId === undefined || id === vehicleId;
  const log = await openLogReader(join(folder, "log"));
  const collector = new Collector();
  const journal = await journalOf(folder);
  const counts = await replayFunctions({
    functions,
    changes: recordedChanges(journal),
    pages: pagesOf(log, options.progress),
    serves,
    found: (replayed) => collector.take(replayed),
  });
  const recorded = recordedBy({ journal, functions, serves, before: log.size });
  const found = new Set(collector.events.map(identityOf));
  const known = new Set(recorded.map(identityOf));
  return {
    ...counts,
    events: collector.events,
    commands: collector.commands,
    estimates: [...collector.estimates.values()],
    recorded: recorded.length,
    notReproduced: recorded.filter((event) => !found.has(identityOf(event))),
    added: collector.events.filter((event) => !known.has(identityOf(event))),
  };
}

async function* pagesOf(
  log: LogReader,
  progress: (step: ProgressStep) => void,
): AsyncGenerator<readonly StoredEntry[]> {
  const pages = Math.ceil(log.size / pageEntries);
  let shown = -1;
  for (let page = 0; page < pages; page++) {
    const done = Math.floor((100 * page) / pages);
    if (done > shown) progress({ done, total: 100, doing: "% of the log replayed" });
    shown = done;
    yield await log.read({ from: page * pageEntries, limit: pageEntries });
  }
}

async function journalOf(folder: string): Promise<readonly RecordedEvent[]> {
  if (!existsSync(join(folder, "events"))) return [];
  return readRecordedEvents({ folder, crypto: nodeCrypto });
}

function recordedBy(options: {
  journal: readonly RecordedEvent[];
  functions: readonly NetworkFunction[];
  serves: (vehicleId: string) => boolean;
  before: number;
}): readonly RecordedFinding[] {
  const versions = new Map(
    options.functions.map(({ manifest }) => [manifest.id, manifest.version]),
  );
  return options.journal.flatMap(({ event, condition, logIndex }) => {
    const { functionId, functionVersion, vehicleId, state, level, at_ms, sentence } = event;
    const isMeant = versions.get(functionId) === functionVersion && options.serves(vehicleId);
    // What the unit did with a function is nothing that the function found.
    if (!isMeant || event.class === "function-change" || logIndex >= options.before) return [];
    return [{ functionId, vehicleId, condition, state, level, at_ms, logIndex, sentence }];
  });
}

function identityOf(event: RecordedFinding): string {
  const { functionId, vehicleId, condition, state, level, at_ms, logIndex, sentence } = event;
  return JSON.stringify([
    functionId,
    vehicleId,
    condition,
    state,
    level,
    at_ms,
    logIndex,
    sentence,
  ]);
}

class Collector {
  readonly events: RecordedFinding[] = [];
  readonly commands: FunctionReplay["commands"][number][] = [];
  readonly estimates = new Map<string, FunctionReplay["estimates"][number]>();

  take({ manifest, finding, isNews }: ReplayedFinding): void {
    const place = { functionId: manifest.id, vehicleId: finding.vehicleId };
    if (finding.kind === "condition") {
      if (isNews) this.events.push({ ...place, ...recordedForm(finding) });
    } else if (finding.kind === "command") {
      const { kind, value, because } = finding.request;
      this.commands.push({ ...place, kind, value, because, at_ms: finding.at_ms });
    } else {
      const { name, value, low, high, at_ms } = finding.estimate;
      const key = `${place.vehicleId} ${name}`;
      this.estimates.set(key, { ...place, name, value, low, high, at_ms });
    }
  }
}

function recordedForm(
  finding: Extract<Finding, { kind: "condition" }>,
): Omit<RecordedFinding, "functionId" | "vehicleId"> {
  const { name, state, level, sentence } = finding.condition;
  const { at_ms, frame } = finding;
  return { condition: name, state, level, at_ms, logIndex: frame.logIndex, sentence };
}

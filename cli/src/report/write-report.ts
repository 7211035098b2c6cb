import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { StoreReader } from "@voltfog/cloud";
import { messageOf, SeededRandom } from "@voltfog/runtime";
import { writingFile } from "../output-file.ts";
import type { SitePaths } from "../site/site-folder.ts";
import { openSiteRecord } from "../site/site-record.ts";
import { countChain } from "./count-chain.ts";
import { countSamples } from "./count-samples.ts";
import { type LostAfterBackup, lostAfterBackup } from "./lost-after-backup.ts";
import { type Quantiles, quantilesOf } from "./quantiles.ts";
import { readJournals } from "./read-journals.ts";
import { type LoggedEntries, readLogs } from "./read-logs.ts";
import { type VerifiedCount, verifySample } from "./verify-sample.ts";

/** What one run left on disk, counted without asking any of its processes. */
export interface RunReport {
  readonly samplesSent: number;
  readonly samplesDurable: number;
  readonly samplesStored: number;
  readonly gapsDeclared: number;
  readonly unexplainedLoss: number;
  readonly framesRefused: Readonly<Record<string, number>>;
  readonly blocksFinal: number;
  readonly checkpointsFinal: number;
  readonly eventsFinal: number;
  /** Who decides the next block, and how many changes of vote keys led from the genesis file's to them. */
  readonly validators: readonly string[];
  readonly epoch: number;
  readonly latencies_ms: {
    readonly sampleToDurable: Quantiles;
    readonly eventToFinal: Quantiles;
    readonly sampleToStored: Quantiles;
  };
  readonly verified: VerifiedCount;
  readonly seed: number;
  readonly duration_ms: number;
  readonly samplesLostAfterBackup: number;
  /** Logs that came back from a backup shorter than the chain has them. */
  readonly lostAfterBackup: readonly LostAfterBackup[];
  readonly samplesInGaps: number;
  readonly samplesRefused: number;
  readonly samplesInOutboxes: number;
  readonly vehicles: readonly object[];
  readonly notes: readonly string[];
}

/** Counts a stopped site from its disk and writes the report. Gives the lines that sum it up. */
export async function writeReport(options: {
  paths: SitePaths;
  file: string;
  facts: { seed: number; duration_ms: number; notes: readonly string[] };
}): Promise<readonly string[]> {
  const report = await countSite(options);
  const { file: path } = options;
  writingFile({ path, remedy: "choose another file with --report" }, () =>
    writeFileSync(path, `${JSON.stringify(report, null, 2)}\n`),
  );
  return [
    `samples: ${report.samplesSent} sent, ${report.samplesDurable} durable, ${report.samplesStored} stored, ${report.unexplainedLoss} lost without explanation`,
    `final: ${report.blocksFinal} blocks, ${report.checkpointsFinal} checkpoints, ${report.eventsFinal} events; ${report.validators.length} validators in epoch ${report.epoch}`,
    `verified offline: ${report.verified.checked - report.verified.failed} of ${report.verified.checked} frames`,
    ...report.lostAfterBackup.map(
      ({ unitId, logNumber, entries, unprovable }) =>
        `${unitId}: ${entries} entries of log ${logNumber} were lost after the backup that it came back from, ${unprovable} came back that nothing proves`,
    ),
    ...report.notes,
    `report: ${options.file}`,
  ];
}

/** Counts a stopped site from its disk. */
export async function countSite(options: {
  paths: SitePaths;
  facts: { seed: number; duration_ms: number; notes: readonly string[] };
}): Promise<RunReport> {
  const { paths, facts } = options;
  const record = await openSiteRecord(paths);
  const journals = await readJournals(paths.fleet);
  const logged = await readLogs(record);
  const lost = await lostAfterBackup(record);
  const { vehicles, ...samples } = countSamples({
    journals,
    logged: logged.entries,
    entriesLostAfterBackup: lost.reduce((total, { entries }) => total + entries, 0),
  });
  const store = await readStore(join(paths.root, "cloud"), logged);
  const verified = await verifySample({
    record,
    frames: journals.flatMap((journal) => journal.frames),
    random: new SeededRandom(facts.seed),
  });
  return {
    samplesSent: samples.samplesSent,
    samplesDurable: samples.samplesDurable,
    samplesStored: store.samplesStored,
    gapsDeclared: samples.gapsDeclared,
    unexplainedLoss: samples.unexplainedLoss,
    framesRefused: samples.framesRefused,
    ...(await countChain(paths, record.genesis)),
    latencies_ms: {
      sampleToDurable: quantilesOf(logged.sampleToDurable_ms),
      eventToFinal: quantilesOf(store.eventToFinal_ms),
      sampleToStored: quantilesOf(store.sampleToStored_ms),
    },
    verified,
    ...facts,
    notes: [...facts.notes, ...record.problems, ...store.problems],
    samplesLostAfterBackup: samples.samplesLostAfterBackup,
    lostAfterBackup: lost,
    samplesInGaps: samples.samplesInGaps,
    samplesRefused: samples.samplesRefused,
    samplesInOutboxes: samples.samplesInOutboxes,
    vehicles,
  };
}

interface StoreCount {
  readonly samplesStored: number;
  readonly sampleToStored_ms: readonly number[];
  readonly eventToFinal_ms: readonly number[];
  readonly problems: readonly string[];
}

/** What the cloud stored, and how long it took: from reading a sample, and from recording an event. */
async function readStore(folder: string, logged: LoggedEntries): Promise<StoreCount> {
  try {
    // The database client is loaded only by who counts.
    const { openStoreReader } = await import("@voltfog/cloud");
    const store = await openStoreReader(folder);
    try {
      return await countStore(store, logged);
    } finally {
      await store.close();
    }
  } catch (thrown) {
    const problems = [`the store cannot be read: ${messageOf(thrown)}`];
    return { samplesStored: 0, sampleToStored_ms: [], eventToFinal_ms: [], problems };
  }
}

async function countStore(store: StoreReader, logged: LoggedEntries): Promise<StoreCount> {
  const sampleToStored_ms: number[] = [];
  for (const { commitment, stored_ms } of await store.frames()) {
    for (const read_ms of logged.read_ms.get(commitment) ?? []) {
      sampleToStored_ms.push(stored_ms - read_ms);
    }
  }
  const eventToFinal_ms: number[] = [];
  for (const { recorded_ms, final_ms } of await store.events()) {
    if (final_ms !== null) eventToFinal_ms.push(final_ms - recorded_ms);
  }
  const samplesStored = await store.samplesStored();
  return { samplesStored, sampleToStored_ms, eventToFinal_ms, problems: [] };
}

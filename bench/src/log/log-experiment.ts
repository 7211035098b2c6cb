import { mkdirSync, rmSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { logOrigin } from "@voltfog/ledger";
import { fsckLog, TelemetryLog } from "@voltfog/ledger/node";
import {
  assert,
  type Facts,
  type Findings,
  type Goal,
  reportRow,
  rounded,
  silentLogger,
  summarise,
} from "@voltfog/runtime";
import { createSigningKey, nodeCrypto } from "@voltfog/runtime/node";
import { interleave } from "../measure/interleave.ts";
import { syncRate } from "../measure/sync-rate.ts";
import { fileSystemOf } from "../measure/work-folder.ts";
import type { Experiment, ExperimentContext } from "../report/experiment.ts";
import { type AppendLoad, appendAll } from "./append-load.ts";
import { type DigestForm, hashRate } from "./hash-limit.ts";

interface Setting extends AppendLoad {
  readonly name: string;
}

/** One run between two looks at the hash rate. */
interface Run {
  readonly entryRate_Hz: number;
  /** Tiles and checkpoint of all entries written too. */
  readonly rateWithTiles_Hz: number;
  readonly hashRate_Hz: Readonly<Record<DigestForm, number>>;
  readonly syncRate_Hz: number;
}

const goals: Readonly<Record<string, Goal>> = {
  // Ten times, hoped for a hundred times what transparency logs publish for small machines (2,900/s).
  "log.entries_per_s": { sense: "at-least", goal: 29_000, moonshot: 290_000 },
  "log.ratio_to_hash_limit": { sense: "at-least", goal: 0.4, moonshot: 0.8 },
};

/** About what 64 samples of a pack of 96 cells take, sealed. */
const body_bytes = 3000;
const headline = "20 writers × 256";

function settings(isQuick: boolean): readonly Setting[] {
  const entries = isQuick ? 262_144 : 1_048_576;
  return [
    { name: "1 writer × 1", writers: 1, group: 1, entries: isQuick ? 500 : 2000, body_bytes: 0 },
    { name: "20 writers × 1", writers: 20, group: 1, entries: entries / 32, body_bytes: 0 },
    { name: "1 writer × 1024", writers: 1, group: 1024, entries, body_bytes: 0 },
    { name: headline, writers: 20, group: 256, entries, body_bytes: 0 },
    {
      name: `${headline}, with bodies`,
      writers: 20,
      group: 256,
      entries: entries / 16,
      body_bytes,
    },
  ];
}

/** How many durable entries per second one log takes, beside what hashing alone would allow. */
export const logExperiment: Experiment = {
  name: "log",
  summary: "Durable entries per second of one telemetry log, beside the speed of hashing",
  async run(context) {
    const load = loadavg()[0] ?? 0;
    const cases = settings(context.isQuick);
    const repeats = context.isQuick ? 3 : 7;
    const total = cases.length * repeats;
    let done = 0;
    const runs = await interleave({
      cases,
      repeats,
      run: async ({ case: setting, repeat }) => {
        context.progress({ done: done++, total, doing: `${setting.name}, repeat ${repeat + 1}` });
        return await runOnce({ setting, repeat, context, isLast: repeat === repeats - 1 });
      },
    });
    context.progress({ done: total, total, doing: "done" });
    return findings({ runs, repeats, load, fileSystem: fileSystemOf(context.folder) });
  },
};

async function runOnce(o: {
  setting: Setting;
  repeat: number;
  context: ExperimentContext;
  isLast: boolean;
}): Promise<Run> {
  const { setting, context } = o;
  const { clock } = context;
  const folder = join(context.folder, `${setting.name.replaceAll(/\W+/g, "-")}-${o.repeat + 1}`);
  mkdirSync(folder);
  const before = hashRates(context);
  const syncRate_Hz = await syncRate({ folder, clock });
  const log = await TelemetryLog.open({
    folder: join(folder, "log"),
    origin: logOrigin({ chain: "bench", unitId: "unit-1" }),
    signer: createSigningKey(join(folder, "unit-1.key")),
    crypto: nodeCrypto,
    logger: silentLogger,
  });
  const { took_ms, entries } = await appendAll({ log, load: setting, clock });
  const closing_ms = clock.monotonic_ms();
  await log.close();
  const withTiles_ms = took_ms + clock.monotonic_ms() - closing_ms;
  const after = hashRates(context);
  assert(log.size === entries, "the log holds what was appended");
  if (o.isLast) await requireSound(join(folder, "log"), entries);
  if (!context.isKept) rmSync(folder, { recursive: true });
  const mean = (form: DigestForm): number => (before[form] + after[form]) / 2;
  return {
    entryRate_Hz: (1000 * entries) / took_ms,
    rateWithTiles_Hz: (1000 * entries) / withTiles_ms,
    hashRate_Hz: { hex: mean("hex"), buffer: mean("buffer"), binary: mean("binary") },
    syncRate_Hz,
  };
}

function hashRates({ clock }: ExperimentContext): Record<DigestForm, number> {
  return {
    hex: hashRate(clock, "hex"),
    buffer: hashRate(clock, "buffer"),
    binary: hashRate(clock, "binary"),
  };
}

async function requireSound(folder: string, entries: number): Promise<void> {
  const report = await fsckLog(folder);
  assert(report.ok && report.entries === entries, `the log checks out: ${JSON.stringify(report)}`);
}

function findings(o: {
  runs: ReadonlyMap<Setting, readonly Run[]>;
  repeats: number;
  /** Load average before the start: what else the machine was doing. */
  load: number;
  fileSystem: string;
}): Findings {
  const [setting, runs] = [...o.runs].find(([{ name }]) => name === headline) ?? [];
  assert(setting !== undefined && runs !== undefined, "the headline setting was measured");
  return {
    method: `TelemetryLog.append with ${setting.writers} writers in one process, each appending groups of ${setting.group} entries of 64 bytes without frame bodies and waiting until they are durable (one write and one fdatasync per group commit, ${o.fileSystem}); the clock runs from the first append to the last answer and includes making the entries and the tiles that the log writes by itself. The limit is half the rate of crypto.hash("sha256") on 64 bytes with its default hex digest, one thread, measured right before and after each run; ratio_to_buffer_hash_limit takes the digest as a Buffer, which is slower. An entry costs at least one hash of its leaf and one of an inner node. Settings are interleaved, ${o.repeats} repeats; the last log of each setting was checked byte by byte.`,
    inputs: {
      writers: setting.writers,
      entriesPerAppend: setting.group,
      entries: setting.entries,
      entry_bytes: 64,
      repeats: o.repeats,
      fileSystem: o.fileSystem,
      loadAverageBefore: rounded(o.load),
      goals,
    },
    rows: [
      reportRow({
        metric: "log.entries_per_s",
        unit: "entries/s",
        values: runs.map(({ entryRate_Hz }) => entryRate_Hz),
        goal: goals["log.entries_per_s"],
      }),
      reportRow({
        metric: "log.ratio_to_hash_limit",
        unit: "ratio",
        values: runs.map((run) => ratioTo(run, "hex")),
        goal: goals["log.ratio_to_hash_limit"],
      }),
      reportRow({
        metric: "log.ratio_to_buffer_hash_limit",
        unit: "ratio",
        values: runs.map((run) => ratioTo(run, "buffer")),
      }),
    ],
    items: [...o.runs].map(([one, itsRuns]) => itemOf(one, itsRuns)),
  };
}

function ratioTo(run: Run, form: DigestForm): number {
  return run.entryRate_Hz / (run.hashRate_Hz[form] / 2);
}

function itemOf(setting: Setting, runs: readonly Run[]): Facts {
  const over = (value: (run: Run) => number): Facts => {
    const { value: median, min, max } = summarise(runs.map(value));
    return { value: rounded(median), min: rounded(min), max: rounded(max) };
  };
  return {
    setting: setting.name,
    writers: setting.writers,
    entriesPerAppend: setting.group,
    entries: setting.entries,
    body_bytes: setting.body_bytes,
    n: runs.length,
    entries_per_s: over((run) => run.entryRate_Hz),
    entriesWithAllTiles_per_s: over((run) => run.rateWithTiles_Hz),
    body_bytes_per_s: over((run) => run.entryRate_Hz * setting.body_bytes),
    ratioToHalfOfHash: {
      hexDigest: over((run) => ratioTo(run, "hex")),
      bufferDigest: over((run) => ratioTo(run, "buffer")),
      binaryDigest: over((run) => ratioTo(run, "binary")),
    },
    hashHex_per_s: over((run) => run.hashRate_Hz.hex),
    hashBuffer_per_s: over((run) => run.hashRate_Hz.buffer),
    hashBinary_per_s: over((run) => run.hashRate_Hz.binary),
    loneSyncs_per_s: over((run) => run.syncRate_Hz),
  };
}

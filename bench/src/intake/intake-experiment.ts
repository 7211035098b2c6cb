import { mkdirSync, rmSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { openDuckDbStore, UnitIntake } from "@voltfog/cloud";
import {
  assert,
  type Clock,
  type Findings,
  type Goal,
  reportRow,
  rounded,
  summarise,
} from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import { type CpuTimes, cpuTimes } from "../measure/process-cpu.ts";
import { fileSystemOf } from "../measure/work-folder.ts";
import type { Experiment, ExperimentContext } from "../report/experiment.ts";
import { RecordedUnit } from "./recorded-unit.ts";

const goal: Goal = { sense: "at-least", goal: 200_000 };
const units = 4;
const vehicles = 10;
const entriesMax = 256;
const memoryMax_bytes = 2_000_000_000;

interface IntakeRun {
  readonly samples: number;
  readonly took_ms: number;
  /** Processor time of all threads, and of the one that runs JavaScript; undefined without /proc. */
  readonly cpu: CpuTimes | undefined;
}

/** How many samples per second one cloud takes from its units, checked and durable. */
export const intakeExperiment: Experiment = {
  name: "intake",
  summary: "Samples per second that the cloud takes from units' logs, checked and durable",
  async run(context): Promise<Findings> {
    const load = loadavg()[0] ?? 0;
    const framesPerVehicle = context.isQuick ? 120 : 400;
    const recorded = Array.from({ length: units }, (_, i) => {
      context.progress({ done: i, total: units, doing: "signing frames" });
      return new RecordedUnit({
        unitId: `unit-${i + 1}`,
        vehicles,
        framesPerVehicle,
        seed: 100 * i,
      });
    });
    const repeats = context.isQuick ? 3 : 7;
    const runs: IntakeRun[] = [];
    for (let repeat = 0; repeat < repeats; repeat++) {
      context.progress({ done: repeat, total: repeats, doing: "taking entries" });
      runs.push(await takeAll({ context, recorded, repeat }));
    }
    return findingsOf({ runs, load, fileSystem: fileSystemOf(context.folder) });
  },
};

async function takeAll(o: {
  context: ExperimentContext;
  recorded: readonly RecordedUnit[];
  repeat: number;
}): Promise<IntakeRun> {
  const { clock } = o.context;
  const folder = join(o.context.folder, `run-${o.repeat + 1}`);
  mkdirSync(folder);
  const store = await openDuckDbStore({ folder, memoryMax_bytes, clock });
  const intakes = o.recorded.map((unit) => ({ unit, intake: intakeOf({ unit, store, clock }) }));
  const before = cpuTimes(process.pid);
  const began_ms = clock.monotonic_ms();
  await Promise.all(
    intakes.map(async ({ unit, intake }) => {
      do await intake.step();
      while ((intake.position?.size ?? 0) < unit.size);
    }),
  );
  const took_ms = clock.monotonic_ms() - began_ms;
  const after = cpuTimes(process.pid);
  const samples = await store.sampleCount();
  await store.close();
  const sent = o.recorded.reduce((sum, unit) => sum + unit.samples, 0);
  assert(samples === sent, "every sample is stored once");
  if (!o.context.isKept) rmSync(folder, { recursive: true });
  const cpu =
    before === undefined || after === undefined
      ? undefined
      : {
          process_ms: after.process_ms - before.process_ms,
          mainThread_ms: after.mainThread_ms - before.mainThread_ms,
        };
  return { samples, took_ms, cpu };
}

function intakeOf(o: {
  unit: RecordedUnit;
  store: Awaited<ReturnType<typeof openDuckDbStore>>;
  clock: Clock;
}): UnitIntake {
  const { unit, store, clock } = o;
  return new UnitIntake({
    identity: { unitId: unit.unitId, origin: unit.origin, publicKey: unit.signer.publicKey },
    next: () => undefined,
    link: unit,
    store,
    vehicleNames: new Map(),
    listener: {
      stored: () => {},
      halted: (problem) => Promise.reject(new Error(problem.code)),
    },
    ...{ clock, crypto: nodeCrypto, signal: new AbortController().signal },
    ...{ entriesMax, longPoll_ms: 1000 },
  });
}

function findingsOf(o: { runs: readonly IntakeRun[]; load: number; fileSystem: string }): Findings {
  const [first] = o.runs;
  assert(first !== undefined, "something was measured");
  return {
    method: `UnitIntake of ${units} units at once over one DuckDB store in one process: pages of ${entriesMax} entries with signed frames of 64 samples of 96 cells and 24 sensors, from memory in the form in which units serve them. Each frame is hashed against its entry and decoded, each log's tree rebuilt to the unit's signed root, rows, samples and cursor committed durably, and samples settled and rolled up a million at a time. The clock runs from the first request to the last commit. Every run begins with an empty store, and its samples are counted by SQL at the end.`,
    inputs: {
      units,
      vehiclesPerUnit: vehicles,
      samples: first.samples,
      entriesPerPage: entriesMax,
      repeats: o.runs.length,
      cores: cpus().length,
      fileSystem: o.fileSystem,
      loadAverageBefore: rounded(o.load),
      goals: { "intake.samples_per_s": goal },
    },
    rows: [
      reportRow({
        metric: "intake.samples_per_s",
        unit: "samples/s",
        values: o.runs.map(({ samples, took_ms }) => (1000 * samples) / took_ms),
        goal,
      }),
    ],
    items: [
      {
        cpuPerSample_us: perSample_us(o.runs, ({ process_ms }) => process_ms),
        mainThreadPerSample_us: perSample_us(o.runs, ({ mainThread_ms }) => mainThread_ms),
        runs: o.runs.map(({ took_ms, cpu }) => ({ took_ms: rounded(took_ms), ...cpu })),
      },
    ],
  };
}

/** What a sample costs in processor time, which does not depend on what else the machine does. */
function perSample_us(runs: readonly IntakeRun[], of: (cpu: CpuTimes) => number): number | null {
  const costs_us = runs.flatMap(({ samples, cpu }) =>
    cpu === undefined ? [] : [(1000 * of(cpu)) / samples],
  );
  return costs_us.length === 0 ? null : rounded(summarise(costs_us).value);
}

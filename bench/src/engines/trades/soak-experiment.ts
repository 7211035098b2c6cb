import { loadavg } from "node:os";
import { join } from "node:path";
import { type EngineChoice, engineText } from "@voltfog/ledger";
import {
  CodedError,
  type Facts,
  type Findings,
  type Goal,
  messageOf,
  reportRow,
  rounded,
} from "@voltfog/runtime";
import type { ExperimentContext, ExperimentFlag } from "../../report/experiment.ts";
import type { EnginesPart } from "../engines-part.ts";
import { rateOf } from "./cell-figures.ts";
import { manyClients } from "./engine-run.ts";
import { TradeSite } from "./trade-site.ts";
import { parseTrades } from "./trades-settings.ts";

export const soakFlag: ExperimentFlag = {
  name: "soak",
  value: "operations",
  description: "how many the experiment soak sends to each engine, 1,000 to 10,000,000",
  fallback: "100000",
};

const limits = { min: 1000, max: 10_000_000 } as const;
const shares = [0.1, 0.5, 1] as const;
const quickOperations = 2000;
/** A part of the run that takes longer for each is ended; what is missing then shows. */
const operationMax_ms = 30;
const link = { mean_ms: 0, jitter_ms: 0 } as const;
const goals = {
  violations: { sense: "at-most", goal: 0 },
} as const satisfies Record<string, Goal>;

/** What one engine was after so many operations. */
interface Look {
  readonly operations: number;
  readonly resident_MB: number;
  readonly heap_MB: number;
  readonly rate_Hz: number;
}

interface SoakRun {
  readonly engine: EngineChoice;
  /** Distinct operations that f + 1 validators answered alike. */
  readonly answered: number;
  /** That each validator executed, the preparations left out; different numbers are a fault. */
  readonly executed: readonly number[];
  readonly stateRoots: readonly string[];
  readonly refused: number;
  readonly missing: number;
  readonly looks: readonly Look[];
}

/** One long run of every engine: nothing lost, nothing twice, one state everywhere, and memory that stays. */
export const soakPart: EnginesPart = {
  name: "soak",
  summary: "so many trades that what leaks or drifts shows (--soak)",
  async run(context): Promise<Findings> {
    const { engines, n } = parseTrades(context.flags);
    const operations = context.isQuick ? quickOperations : parseOperations(context.flags["soak"]);
    const load = loadavg()[0] ?? 0;
    const runs: SoakRun[] = [];
    const failures: Facts[] = [];
    for (const [done, engine] of engines.entries()) {
      context.progress({ done, total: engines.length, doing: engineText(engine) });
      try {
        runs.push(await soak({ engine, n, operations, context }));
      } catch (thrown) {
        const code = thrown instanceof CodedError ? thrown.code : "SOAK_FAILED";
        failures.push({
          engine: engineText(engine),
          kind: "failed",
          code,
          message: messageOf(thrown),
        });
      }
    }
    return {
      method: `${operations} orders of ${manyClients} pairs to each engine in turn, ${n} validators in processes of their own with their disks synced, clients that wait for f + 1 equal answers. soak_ops: distinct operations answered. soak_violations: operations that were answered and not executed or executed twice, refused or lost ones, and validators whose state differs from the first one's. Memory: of the largest process, whose state holds every order and trade there ever was.`,
      inputs: { engines: engines.map(engineText), n, operations, loadAverageBefore: rounded(load) },
      rows: runs.flatMap((run) => {
        const name = engineText(run.engine);
        const last = run.looks.at(-1);
        return [
          reportRow({
            metric: `engines.soak_ops.${name}`,
            unit: "operations",
            values: [run.answered],
          }),
          reportRow({
            metric: `engines.soak_violations.${name}`,
            unit: "counts",
            values: [violationsOf(run)],
            goal: goals.violations,
          }),
          reportRow({
            metric: `engines.soak_ops_per_s.${name}`,
            unit: "1/s",
            values: [last?.rate_Hz ?? 0],
          }),
          reportRow({
            metric: `engines.soak_heap_MB.${name}`,
            unit: "MB",
            values: [last?.heap_MB ?? 0],
          }),
        ];
      }),
      items: [...runs.flatMap(itemsOf), ...failures],
    };
  },
};

async function soak(o: {
  engine: EngineChoice;
  n: number;
  operations: number;
  context: ExperimentContext;
}): Promise<SoakRun> {
  const { engine, n, operations, context } = o;
  const folder = join(context.folder, `soak-${engineText(engine).replace(":", "-")}`);
  const { clock } = context;
  const site = await TradeSite.start({ engine, n, link, pairs: manyClients, folder, clock });
  try {
    const looks: Look[] = [];
    let [answered, refused, missing] = [0, 0, 0];
    for (const share of shares) {
      const run = await site.runClosed(
        { kind: "trades", clients: manyClients },
        {
          for_ms: operationMax_ms * operations,
          operations: Math.round(share * operations) - answered,
        },
      );
      answered += run.answered_ms.length;
      refused += run.refused;
      missing += run.missing + run.turnedAway;
      const { memory } = await site.consortium.collect();
      looks.push({
        operations: answered,
        resident_MB: memory.resident_bytes / 2 ** 20,
        heap_MB: memory.heap_bytes / 2 ** 20,
        rate_Hz: rateOf(run),
      });
    }
    await site.settled();
    const { stands } = await site.consortium.collect();
    return {
      ...{ engine, answered, refused, missing, looks },
      executed: stands.map(({ resultsSize }) => resultsSize - site.preparations),
      stateRoots: stands.map(({ stateRoot }) => stateRoot),
    };
  } finally {
    await site.stop();
  }
}

function violationsOf({ answered, executed, stateRoots, refused, missing }: SoakRun): number {
  const others = stateRoots.filter((root) => root !== stateRoots[0]).length;
  const off = executed.reduce((sum, count) => sum + Math.abs(count - answered - missing), 0);
  return refused + missing + others + off;
}

function itemsOf(run: SoakRun): Facts[] {
  const engine = engineText(run.engine);
  return [
    ...run.looks.map((look) => ({
      ...{ engine, operations: look.operations, ops_per_s: rounded(look.rate_Hz) },
      ...{ resident_MB: rounded(look.resident_MB), heap_MB: rounded(look.heap_MB) },
    })),
    ...run.executed.map((executed, index) => ({
      ...{ engine, validator: index + 1, executed, stateRoot: run.stateRoots[index] ?? "" },
    })),
  ];
}

function parseOperations(text: string | undefined): number {
  const operations = Number(text);
  if (Number.isInteger(operations) && operations >= limits.min && operations <= limits.max) {
    return operations;
  }
  throw new CodedError({
    code: "FLAG_INVALID",
    message: "--soak does not read",
    remedy: `--soak is a whole number from ${limits.min} to ${limits.max}`,
  });
}

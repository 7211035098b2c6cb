import { loadavg } from "node:os";
import { fileSystemOf } from "../../measure/work-folder.ts";
import type { ExperimentContext } from "../../report/experiment.ts";
import type { EnginesPart } from "../engines-part.ts";
import { batteryEngines } from "./battery-engine.ts";
import { batteryFindings } from "./battery-findings.ts";
import { type Round, roundsOf } from "./battery-rounds.ts";
import { type BatteryCell, type CellOutcome, type CellRun, runCell } from "./battery-run.ts";

/** The published interval is not stated; ours is short, so that it hides little of what engines take. */
export const blockInterval_ms = 250;

/** No cell begins after it: a full run ends within twelve minutes. */
const budget_ms = 660_000;
const quickBudget_ms = 130_000;

/** Battery records through the product's engines and those that it is compared with. */
export const batteryPart: EnginesPart = {
  name: "battery",
  summary: "signed battery records of 4, 7 and 10 replicas",
  async run(context) {
    const load = loadavg()[0] ?? 0;
    const plan = planOf(roundsOf(context));
    const end_ms = context.clock.monotonic_ms() + (context.isQuick ? quickBudget_ms : budget_ms);
    const runs: CellRun[] = [];
    for (const { cell, isWhole } of plan) {
      runs.push({ cell, outcome: await oneCell({ cell, isWhole, context, end_ms, runs, plan }) });
    }
    context.progress({ done: plan.length, total: plan.length, doing: "done" });
    return batteryFindings({ runs, load, fileSystem: fileSystemOf(context.folder) });
  },
};

interface PlannedCell {
  readonly cell: BatteryCell;
  readonly isWhole: boolean;
}

/** Every second round runs backwards, so that no engine always comes after the same other. */
function planOf(rounds: readonly Round[]): PlannedCell[] {
  return rounds.flatMap(({ n, link, isWhole }, round) => {
    const engines = round % 2 === 0 ? batteryEngines : batteryEngines.toReversed();
    return engines.map((engine) => ({ cell: { engine, n, link, blockInterval_ms }, isWhole }));
  });
}

async function oneCell(o: {
  cell: BatteryCell;
  isWhole: boolean;
  context: ExperimentContext;
  end_ms: number;
  runs: readonly CellRun[];
  plan: readonly PlannedCell[];
}): Promise<CellOutcome | undefined> {
  const { cell, isWhole, context, runs } = o;
  if (context.clock.monotonic_ms() > o.end_ms) return undefined;
  const { engine, n, link } = cell;
  const doing = `${engine}, n = ${n}, ${link.mean_ms} ms`;
  context.progress({ done: runs.length, total: o.plan.length, doing });
  return await runCell({ cell, isWhole, name: `${runs.length + 1}-${engine}-${n}`, context });
}

import { rmSync } from "node:fs";
import { join } from "node:path";
import { messageOf } from "@voltfog/runtime";
import type { Link } from "../../consensus/delayed-transport.ts";
import type { ExperimentContext } from "../../report/experiment.ts";
import { BatteryCluster } from "./battery-cluster.ts";
import type { BatteryEngine } from "./battery-engine.ts";
import { type LoadStep, runLoad } from "./load-step.ts";
import { leaveWithoutCharge } from "./powered-node.ts";

/** One engine at one size over one link. */
export interface BatteryCell {
  readonly engine: BatteryEngine;
  readonly n: number;
  readonly link: Link;
  readonly blockInterval_ms: number;
}

export interface BatteryRun {
  readonly light: LoadStep;
  /** At rising rates until one is too much; the first is the common one. Empty where only latency was asked. */
  readonly steps: readonly LoadStep[];
  /** Final blocks in the seconds after one node was gone. */
  readonly blocksAfterLoss: number | undefined;
}

export type CellOutcome =
  | { readonly isDone: true; readonly run: BatteryRun }
  | { readonly isDone: false; readonly reason: string };

export interface CellRun {
  readonly cell: BatteryCell;
  /** Undefined where no time was left for it. */
  readonly outcome: CellOutcome | undefined;
}

/** The same for all engines: proof of work's intervals are exponential, one in 3,000 is longer. */
export const boundIntervals = 8;

/** Records a second for latency: far below what the machine takes. */
export const lightRate_Hz = 25;

/** Rates of the steps: those of four replicas on two processors, fewer where there are more of them. */
export function stepRates(n: number): readonly number[] {
  return [800, 2400, 6400].map((rate_Hz) => Math.round(rate_Hz / n));
}

/** What fails is told and no more: one engine's trouble does not end the run of the others. */
export async function runCell(o: {
  cell: BatteryCell;
  isWhole: boolean;
  name: string;
  context: ExperimentContext;
}): Promise<CellOutcome> {
  const { cell, context } = o;
  const folder = join(context.folder, o.name);
  try {
    const { clock } = context;
    const cluster = await BatteryCluster.start({ setting: cell, folder, clock });
    try {
      return { isDone: true, run: await runOn(cluster, { ...o, isQuick: context.isQuick }) };
    } finally {
      await cluster.stop();
    }
  } catch (thrown) {
    return { isDone: false, reason: messageOf(thrown) };
  } finally {
    if (!context.isKept) rmSync(folder, { recursive: true, force: true });
  }
}

async function runOn(
  cluster: BatteryCluster,
  o: { cell: BatteryCell; isWhole: boolean; isQuick: boolean },
): Promise<BatteryRun> {
  const { n, blockInterval_ms } = o.cell;
  // Proof of work is final ⌊n/2⌋+1 blocks deep, and its blocks come when they come.
  const patience_ms = 2000 + (12 + n) * blockInterval_ms;
  const light = await runLoad({
    ...{ cluster, rate_Hz: lightRate_Hz, for_ms: o.isQuick ? 3000 : 4000, patience_ms },
    isBuried: true,
  });
  if (!o.isWhole) return { light, steps: [], blocksAfterLoss: undefined };
  const steps: LoadStep[] = [];
  for (const rate_Hz of stepRates(n)) {
    const step = await runLoad({ cluster, rate_Hz, for_ms: 2000, isBuried: false, patience_ms });
    steps.push(step);
    if (!isKeptUp(step, blockInterval_ms)) break;
  }
  return { light, steps, blocksAfterLoss: await leaveWithoutCharge(cluster) };
}

/** A rate counts where 99 of 100 records are in the chain after eight block intervals at most. */
export function isKeptUp({ inclusion, missing }: LoadStep, blockInterval_ms: number): boolean {
  return missing === 0 && inclusion.p99_ms <= boundIntervals * blockInterval_ms;
}

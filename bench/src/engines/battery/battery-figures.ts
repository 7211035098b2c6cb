import type { BatteryCell, BatteryRun } from "./battery-run.ts";
import { isKeptUp } from "./battery-run.ts";
import { statedModel } from "./energy-model.ts";
import { type LoadStep, workOf } from "./load-step.ts";
import { poweredNode } from "./powered-node.ts";
import type { Reorganisations } from "./record-fates.ts";

/** One figure of one run; undefined where the run does not have it. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly of: (run: BatteryRun, cell: BatteryCell) => number | undefined;
}

function light(name: string, unit: string, of: (step: LoadStep) => number | undefined): Figure {
  return { name, unit, of: (run) => of(run.light) };
}

/** Blocks that left the chain, in all loads of a run. */
function overall(name: string, of: (reorganised: Reorganisations) => number): Figure {
  const total = (run: BatteryRun): number =>
    loadsOf(run).reduce((sum, { reorganised }) => sum + of(reorganised), 0);
  return { name, unit: "blocks", of: total };
}

function loadsOf({ light: first, steps }: BatteryRun): readonly LoadStep[] {
  return [first, ...steps];
}

/** At the rate that all engines of a size have in common. */
function common(name: string, unit: string, of: (step: LoadStep) => number | undefined): Figure {
  return { name, unit, of: ({ steps: [step] }) => (step === undefined ? undefined : of(step)) };
}

const perBlock = (of: (step: LoadStep) => number) => (step: LoadStep) =>
  step.blocks === 0 ? undefined : of(step) / step.blocks;

/** Those that are rows too, for the engines at the headline's size. */
export const rowNames: ReadonlySet<string> = new Set([
  "inclusion_ms",
  "finality_ms",
  "finality_p99_ms",
  "inclusion_and_6_ms",
  "reorganised_blocks",
  "cpu_share",
  "cpu_us_per_record",
  "bytes_per_record",
  "messages_per_block",
  "signatures_per_record",
  "energy_mJ",
  "battery_transactions",
  "tx_per_s",
]);

/** What is told of every engine at every size, in this order. */
export const batteryFigures: readonly Figure[] = [
  light("inclusion_ms", "ms", ({ inclusion }) => inclusion.p50_ms),
  light("inclusion_p95_ms", "ms", ({ inclusion }) => inclusion.p95_ms),
  light("inclusion_p99_ms", "ms", ({ inclusion }) => inclusion.p99_ms),
  light("finality_ms", "ms", ({ finality }) => finality.p50_ms),
  light("finality_p95_ms", "ms", ({ finality }) => finality.p95_ms),
  light("finality_p99_ms", "ms", ({ finality }) => finality.p99_ms),
  light("inclusion_and_6_ms", "ms", ({ inclusionAnd6 }) => inclusionAnd6.p50_ms),
  light("inclusion_and_6_p95_ms", "ms", ({ inclusionAnd6 }) => inclusionAnd6.p95_ms),
  light("missing", "records", ({ missing }) => missing),
  light("block_interval_ms", "ms", ({ interval_ms }) => interval_ms),
  overall("reorganised_blocks", ({ blocks }) => blocks),
  overall("reorganised_final_blocks", ({ finalBlocks }) => finalBlocks),
  {
    name: "deepest_reorganisation",
    unit: "blocks",
    of: (run) => Math.max(...loadsOf(run).map(({ reorganised }) => reorganised.deepest)),
  },
  light("cpu_share", "ratio", (step) => workOf(step).cpu_ms / step.for_ms / step.works.length),
  common("common_rate", "1/s", ({ offered_Hz }) => offered_Hz),
  common("cpu_us_per_record", "us", (step) => (1000 * workOf(step).cpu_ms) / step.records),
  common("bytes_per_record", "bytes", (step) => workOf(step).sent_bytes / step.records),
  common("signatures_per_record", "1", (step) => workOf(step).signaturesVerified / step.records),
  common(
    "records_per_block",
    "records",
    perBlock(({ records }) => records),
  ),
  common(
    "messages_per_block",
    "messages",
    perBlock((step) => workOf(step).messages),
  ),
  common(
    "bytes_per_block",
    "bytes",
    perBlock((step) => workOf(step).sent_bytes),
  ),
  common(
    "signatures_per_block",
    "1",
    perBlock((step) => workOf(step).signaturesVerified),
  ),
  common(
    "hashes_per_block",
    "1",
    perBlock((step) => workOf(step).hashes),
  ),
  common("energy_mJ", "mJ", (step) => poweredNode(step, statedModel)?.energyPerRecord_mJ),
  common("battery_transactions", "records", (step) => poweredNode(step, statedModel)?.untilEmpty),
  common(
    "battery_transactions_idling",
    "records",
    (step) => poweredNode(step, statedModel)?.untilEmptyIdling,
  ),
  {
    name: "tx_per_s",
    unit: "1/s",
    of: ({ steps }, { blockInterval_ms }) =>
      steps.findLast((step) => isKeptUp(step, blockInterval_ms))?.offered_Hz,
  },
  {
    name: "most_tx_per_s",
    unit: "1/s",
    of: ({ steps }) =>
      steps.length === 0 ? undefined : Math.max(...steps.map(({ final_Hz }) => final_Hz)),
  },
  { name: "blocks_after_loss", unit: "blocks", of: ({ blocksAfterLoss }) => blocksAfterLoss },
];

import { cpus } from "node:os";
import { type EngineChoice, engineText, faultyMaxOf } from "@voltfog/ledger";
import {
  type Facts,
  type Findings,
  type Goal,
  type ReportRow,
  reportRow,
  rounded,
} from "@voltfog/runtime";
import { roundTimeout_ms } from "../../consensus/bench-validator.ts";
import type { CellFigures } from "./cell-figures.ts";
import { type EngineRun, fewClients, manyClients, unsyncedCell } from "./engine-run.ts";
import { blockInterval_ms } from "./trade-site.ts";

/** A rate of the open loop counts where 99 of 100 are answered within this. */
const bound_ms = 500;
/** Of four orders of a trade two carry a vehicle's statement, which is one signature more. */
const signaturesPerOp = 1.5;

const gapGoal: Goal = { sense: "at-most", goal: 2 * roundTimeout_ms };
/** By the metric's name without the engine. */
const goals: Readonly<Record<string, Goal>> = {
  "engines.ops_per_s": { sense: "at-least", goal: 27_000 },
  "engines.cpu_us_per_op": { sense: "at-most", goal: 600, moonshot: 180 },
  "engines.durable_ratio": { sense: "at-least", goal: 0.6, moonshot: 0.9 },
  "engines.crash_gap_ms": gapGoal,
  "engines.mute_gap_ms": gapGoal,
  "engines.switch_gap_ms": gapGoal,
  "engines.state_equal": { sense: "at-least", goal: 1 },
};

interface Measured {
  readonly runs: readonly EngineRun[];
  readonly engines: readonly EngineChoice[];
  readonly n: number;
  readonly load: number;
  /** Signatures that one thread verified a second, before and after. */
  readonly verify_Hz: readonly number[];
  readonly fileSystem: string;
}

export function tradesFindings(o: Measured): Findings {
  const { runs, engines, n } = o;
  const failed = runs.flatMap(({ failures }) => failures).length;
  const bounds = o.verify_Hz.map((one) => boundOf(one, n));
  return {
    method: method(o),
    inputs: {
      engines: engines.map(engineText),
      n,
      T_s: blockInterval_ms / 1000,
      roundTimeout_ms,
      repeats: Math.max(0, ...engines.map((engine) => runsOf(runs, engine).length)),
      fileSystem: o.fileSystem,
      loadAverageBefore: rounded(o.load),
      goals,
    },
    rows: [
      ...engines.flatMap((engine) => rowsOf(runsOf(runs, engine), engineText(engine))),
      ...row({ metric: "engines.cells_failed", unit: "cells", values: [failed] }),
      ...row({ metric: "engines.verify_per_s", unit: "1/s", values: o.verify_Hz }),
      ...row({ metric: "engines.verify_bound_ops_per_s", unit: "1/s", values: bounds }),
    ],
    items: runs.flatMap(itemsOf),
  };
}

function runsOf(runs: readonly EngineRun[], engine: EngineChoice): readonly EngineRun[] {
  return runs.filter((run) => engineText(run.engine) === engineText(engine));
}

/** What verification alone would let through with nothing else to do on any core. */
function boundOf(verify_Hz: number, n: number): number {
  return (cpus().length * verify_Hz) / (n * signaturesPerOp);
}

function rowsOf(runs: readonly EngineRun[], engine: string): ReportRow[] {
  const of = (cell: string, value: (figures: CellFigures) => number): readonly number[] =>
    runs.flatMap(({ cells }) => cells.filter((one) => one.cell === cell).map(value));
  const gaps = (disturbance: string): readonly number[] =>
    runs.flatMap((run) =>
      run.gaps.filter((one) => one.disturbance === disturbance).map(({ gap_ms }) => gap_ms),
    );
  const [few, many] = [`closed-${fewClients}`, `closed-${manyClients}`];
  const own = (metric: string, unit: string, values: readonly number[]): ReportRow[] =>
    row({ metric: `${metric}.${engine}`, unit, values, goal: goals[metric] });
  return [
    ...own("engines.ops_per_s", "1/s", of(many, cellRate)),
    ...own("engines.open_ops_per_s", "1/s", runs.flatMap(openRate)),
    ...own(
      "engines.p50_ms",
      "ms",
      of(few, ({ p50_ms }) => p50_ms),
    ),
    ...own(
      "engines.p99_ms",
      "ms",
      of(few, ({ p99_ms }) => p99_ms),
    ),
    ...own("engines.ops_per_s_10", "1/s", of(few, cellRate)),
    ...own("engines.ops_per_s_published", "1/s", of("published", cellRate)),
    ...own("engines.cpu_us_per_op", "us", of(few, cellCpu)),
    ...own("engines.cpu_us_per_op_400", "us", of(many, cellCpu)),
    ...own("engines.messages_per_decision", "messages", of(few, cellVotes)),
    ...own("engines.durable_ratio", "ratio", runs.flatMap(durableRatio)),
    ...own("engines.crash_gap_ms", "ms", gaps("kill-leader")),
    ...own("engines.mute_gap_ms", "ms", gaps("mute-leader")),
    ...own("engines.switch_gap_ms", "ms", gaps("mute-follower")),
    ...own("engines.state_equal", "bool", runs.flatMap(stateEqual)),
  ];
}

/** None where nothing could be measured. */
function row(o: {
  metric: string;
  unit: string;
  values: readonly number[];
  goal?: Goal | undefined;
}): ReportRow[] {
  const values = o.values.filter(Number.isFinite);
  return values.length === 0 ? [] : [reportRow({ ...o, values })];
}

function cellRate({ rate_Hz }: CellFigures): number {
  return rate_Hz;
}

function cellVotes({ votesPerBlock }: CellFigures): number {
  return votesPerBlock;
}

function cellCpu({ cpuPerOp_us }: CellFigures): number {
  return cpuPerOp_us;
}

/** The highest offered rate that met the bound; nothing where none did. */
function openRate({ cells }: EngineRun): readonly number[] {
  const met = cells.filter(({ loop, p99_ms }) => loop === "open" && p99_ms <= bound_ms);
  return met.length === 0 ? [] : [Math.max(...met.map(({ offered_Hz = 0 }) => offered_Hz))];
}

function durableRatio({ cells }: EngineRun): readonly number[] {
  const synced = cells.find(({ cell }) => cell === `closed-${manyClients}`);
  const unsynced = cells.find(({ cell }) => cell === unsyncedCell);
  return synced === undefined || unsynced === undefined ? [] : [synced.rate_Hz / unsynced.rate_Hz];
}

function stateEqual({ isStateEqual }: EngineRun): readonly number[] {
  return isStateEqual === undefined ? [] : [isStateEqual ? 1 : 0];
}

function itemsOf(run: EngineRun): Facts[] {
  const about = {
    engine: run.engine.name,
    c: run.engine.redundant,
    n: run.n,
    f: faultyMaxOf(run.engine, run.n),
    ...{ link_ms: 0, mode: "processes", tls: true, inFlight: 1 },
    auth: "Ed25519 of every client at every replica",
  };
  return [
    ...run.cells.map((cell) => ({ ...about, ...cellFacts(cell) })),
    ...run.gaps.map((gap) => ({
      ...{ ...about, cell: gap.disturbance, clients: fewClients, gap_ms: rounded(gap.gap_ms) },
      ...{ timers: rounded(gap.timers), afterwards_ops_per_s: rounded(gap.afterwards_Hz) },
    })),
    ...run.failures.map((failure) => ({ ...about, ...failure, kind: "failed" })),
  ];
}

function cellFacts(cell: CellFigures): Facts {
  return {
    ...{ cell: cell.cell, loop: cell.loop, clients: cell.clients, fsync: cell.isDurable },
    offered_per_s: cell.offered_Hz ?? null,
    payload_bytes: rounded(cell.payload_bytes),
    ops_per_s: rounded(cell.rate_Hz),
    p50_ms: finite(cell.p50_ms),
    p99_ms: finite(cell.p99_ms),
    cpu_us_per_op: rounded(cell.cpuPerOp_us),
    bytes_per_op: rounded(cell.perOp_bytes),
    ...{ answered: cell.answered, refused: cell.refused, turnedAway: cell.turnedAway },
    ...{ missing: cell.missing, blocks: cell.blocks },
    batch: rounded(cell.answered / Math.max(1, cell.blocks)),
    messages_per_decision: rounded(cell.votesPerBlock),
    ...{ retries: cell.votesAgain, messages: cell.messages },
  };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? rounded(value) : null;
}

function method({ n }: Measured): string {
  return `Orders of vehicles (sell, buy, both counts) of ${manyClients} pairs against ${n} validators in processes of their own, mutual TLS on loopback, disks synced before a vote or a block is told, blocks at least ${blockInterval_ms} ms apart, one height in flight; every validator verifies every client's signature. Clients are a process of their own with a TLS link to each validator: an order goes to one of them, and is answered when f + 1 say the same outcome at the same height. Everything is signed before it is sent, so no client's signing is in a figure. Rates: what was answered over the time from the first sending to the last answer. ops_per_s: ${manyClients} clients that wait for their answers; cpu_us_per_op, p50, p99 and messages: ${fewClients} such clients, all validators' CPU together; ops_per_s_published: 10 clients with 200 orders each, right after the start. open_ops_per_s: highest of three offered rates (0.5, 0.75, 0.9 of ops_per_s) at which 99 of 100 were answered ${bound_ms} ms after they were due. messages_per_decision: votes of any kind for each block, all validators together, what was said twice left out. durable_ratio: ops_per_s over the same without fdatasync. Gaps: the longest silence of answers to 10 clients after the leader was killed or said no more, and for sbft after one follower voted no more; the first round timer is ${roundTimeout_ms} ms. An order's payload is some 100 bytes, there is none of 8; lists are the authority's lists of meeting points. verify_bound: what all cores could verify with nothing else to do.`;
}

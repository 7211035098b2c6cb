import {
  assert,
  type Facts,
  type Findings,
  type Goal,
  type ReportRow,
  reportRow,
  rounded,
  summarise,
} from "@voltfog/runtime";
import { boundIntervals, type ConsensusCase, type ConsensusRun } from "./consensus-run.ts";
import type { ConsensusSettings } from "./consensus-settings.ts";
import type { JoinTime } from "./join-time.ts";
import { publishedDepth } from "./load-figures.ts";
import type { SimulatorFigures } from "./simulator-figures.ts";

/** Published for proof of authority with 20 validators, counted to six blocks. */
const published_ms = 8510;

const goals: Readonly<Record<string, Goal>> = {
  "consensus.finality_p50_ms": { sense: "at-most", goal: 1000, moonshot: 250 },
  "consensus.inclusion_and_6_blocks_ms": { sense: "at-most", goal: published_ms },
  "consensus.finality_over_ideal": { sense: "at-most", goal: 1.25, moonshot: 1.05 },
  "consensus.crash_gap_ms": { sense: "at-most", goal: 2000, moonshot: 1020 },
  "consensus.durable_ratio": { sense: "at-least", goal: 0.6, moonshot: 0.9 },
  "join.seconds": { sense: "at-most", goal: 120 },
  "sim.scenarios_per_cpu_h": { sense: "at-least", goal: 100_000, moonshot: 1_000_000 },
};

interface Measured {
  readonly runs: ReadonlyMap<ConsensusCase, readonly ConsensusRun[]>;
  readonly settings: ConsensusSettings;
  readonly simulator: SimulatorFigures;
  readonly joined: JoinTime;
  readonly repeats: number;
  readonly load: number;
  readonly fileSystem: string;
}

export function consensusFindings(o: Measured): Findings {
  const n = o.settings.sizes.at(-1);
  const runsOf = (name: string): readonly ConsensusRun[] =>
    [...o.runs].find(([one]) => one.name === name)?.[1] ?? [];
  const [head, ideal, unsynced] = [`n${n}`, `n${n}-ideal`, `n${n}-unsynced`].map(runsOf);
  assert(head !== undefined && ideal !== undefined && unsynced !== undefined, "three lists");
  return {
    method: method(o),
    inputs: {
      engine: "poa",
      n: [...o.settings.sizes],
      link_ms: `${o.settings.link.mean_ms}±${o.settings.link.jitter_ms}`,
      T_s: o.settings.blockInterval_ms / 1000,
      repeats: o.repeats,
      fileSystem: o.fileSystem,
      loadAverageBefore: rounded(o.load),
      goals,
    },
    rows: [
      ...rowsOf([
        ["consensus.finality_p50_ms", "ms", head.map((run) => run.light.p50_ms)],
        ["consensus.finality_p99_ms", "ms", head.map((run) => run.light.p99_ms)],
        ["consensus.inclusion_and_6_blocks_ms", "ms", head.map((run) => run.light.sixBlocksP50_ms)],
        ["consensus.finality_over_ideal", "ratio", ideal.map((run) => overIdeal(run, o))],
        ["consensus.tx_per_s", "tx/s", head.map((run) => run.full?.offered_Hz)],
        ["consensus.saturated_tx_per_s", "tx/s", head.map((run) => run.saturated_Hz)],
        ["consensus.crash_gap_ms", "ms", head.map((run) => run.crashGap_ms)],
        ["consensus.durable_ratio", "ratio", durableRatios(head, unsynced)],
        ["consensus.cpu_us_per_tx", "us", head.map((run) => run.full?.cpuPerTx_us)],
        ["consensus.bytes_per_tx", "B", head.map((run) => run.full?.perTx_bytes)],
        ["consensus.verify_per_s", "1/s", head.map((run) => run.verifyRate_Hz)],
        ["consensus.fdatasync_per_s", "1/s", head.map((run) => run.syncRate_Hz)],
        ["join.seconds", "s", [o.joined.join_s]],
        ["sim.scenarios_per_cpu_h", "1/h", [o.simulator.scenariosPerCpuHour]],
        ["sim.violations", "scenarios", [o.simulator.violations]],
        ["sim.mutations_caught", "mutations", [o.simulator.gate?.caught]],
        ["sim.mutations_total", "mutations", [o.simulator.gate?.total]],
      ]),
    ],
    items: [
      ...[...o.runs].map(([one, runs]) => itemOf(one, runs)),
      { setting: "join", ...o.joined },
    ],
  };
}

/** What could not be measured has no row. */
function rowsOf(
  rows: readonly (readonly [string, string, readonly (number | undefined)[]])[],
): ReportRow[] {
  return rows.flatMap(([metric, unit, each]) => {
    const values = each.filter(isFigure);
    return values.length === 0 ? [] : [reportRow({ metric, unit, values, goal: goals[metric] })];
  });
}

function isFigure(value: number | undefined): value is number {
  return value !== undefined && Number.isFinite(value);
}

/** No engine of three phases is faster than half the block interval and three delays. */
function overIdeal(run: ConsensusRun, { settings }: Measured): number {
  return run.light.p50_ms / (1000 / 2 + 3 * settings.link.mean_ms);
}

function durableRatios(
  synced: readonly ConsensusRun[],
  unsynced: readonly ConsensusRun[],
): (number | undefined)[] {
  return synced.map(({ saturated_Hz: with_Hz }, i) => {
    const without_Hz = unsynced[i]?.saturated_Hz;
    return with_Hz === undefined || without_Hz === undefined ? undefined : with_Hz / without_Hz;
  });
}

function method({ settings, simulator, joined, repeats, fileSystem }: Measured): string {
  const { mean_ms, jitter_ms } = settings.link;
  const T_s = settings.blockInterval_ms / 1000;
  const gate =
    simulator.gate === undefined
      ? " The mutation gate takes minutes and is left out of a quick run (voltfog simulate chain --gate)."
      : " Mutations are the known mistakes that the simulator's checkers caught, each within 10,000 scenarios.";
  return `Real consensus nodes, chain and vote files (${fileSystem}), TLS 1.3 over TCP on this machine; up to 10 validators have a process each, more share five, and the first has its own. Every message between two validators is held back ${mean_ms}±${jitter_ms} ms (uniform, order kept) by a wrapper of the transport before it is written, a timer of whole milliseconds; clients sit beside their validators and are not delayed. Load is open loop: signed event transactions of one unit per validator, evenly spaced over all validators but the last, signed beforehand. Latency runs from the moment a transaction was meant to be sent until a client of the last validator has its block and has verified the quorum's signatures one by one. finality is at 25 transactions a second, T = ${T_s} s; inclusion_and_6_blocks is the time until the sixth block above is final there too, which is what the published 8.51 s for proof of authority counts (20 validators; their block interval is not ours). finality_over_ideal is p50 at T = 1 s over T/2 + 3δ. tx_per_s is the highest offered rate of which 99 of 100 are final within ${boundIntervals} T; cpu_us_per_tx and bytes_per_tx (frames before TLS, all directions) are those of all validators and clients together at that rate. durable_ratio is the rate of final transactions when twice that rate is offered, over the same with fdatasync made a no-op in the processes; as many writers of votes and of blocks as validators, on one disk. crash_gap is the time from kill -9 of the validator whose turn it is to the next final block, less T; its first timer is 1 s. verify_per_s (Ed25519, one thread) and fdatasync_per_s (one writer, 4 KiB) are this machine's limits in the same run. Cases are interleaved, ${repeats} repeats. join.seconds runs from the first of a newcomer's three commands to its seat counting, with ${joined.blocks} blocks of history and ${joined.validators} members that vote at once. sim.* run in this process; hours are of one core.${gate}`;
}

function itemOf(one: ConsensusCase, runs: readonly ConsensusRun[]): Facts {
  const over = (value: (run: ConsensusRun) => number | undefined): Facts | null => {
    const values = runs.map(value).filter(isFigure);
    if (values.length === 0) return null;
    const { value: median, min, max } = summarise(values);
    return { value: rounded(median), min: rounded(min), max: rounded(max) };
  };
  return {
    setting: one.name,
    n: one.n,
    link_ms: `${one.link.mean_ms}±${one.link.jitter_ms}`,
    T_s: one.blockInterval_ms / 1000,
    durable: one.isDurable,
    writers: one.n,
    processes: runs[0]?.processes ?? null,
    repeats: runs.length,
    finality_p50_ms: over((run) => run.light.p50_ms),
    finality_p95_ms: over((run) => run.light.p95_ms),
    finality_p99_ms: over((run) => run.light.p99_ms),
    inclusionAnd6Blocks_ms: over((run) => run.light.sixBlocksP50_ms),
    blocksCounted: publishedDepth,
    tx_per_s: over((run) => run.full?.offered_Hz),
    p99AtThatRate_ms: over((run) => run.full?.p99_ms),
    saturated_tx_per_s: over((run) => run.saturated_Hz),
    crashGap_ms: over((run) => run.crashGap_ms),
    cpu_us_per_tx: over((run) => run.full?.cpuPerTx_us),
    bytes_per_tx: over((run) => run.full?.perTx_bytes),
    messages_per_tx: over((run) => run.full?.messagesPerTx),
    verify_per_s: over((run) => run.verifyRate_Hz),
    fdatasync_per_s: over((run) => run.syncRate_Hz),
  };
}

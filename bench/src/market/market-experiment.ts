import { loadavg } from "node:os";
import { type Findings, type Goal, type ReportRow, reportRow, rounded } from "@voltfog/runtime";
import type { LoadedRun } from "../consensus/consensus-run.ts";
import type { Experiment } from "../report/experiment.ts";
import type { Replayed } from "./market-replay.ts";
import { type MatchTime, matchTime } from "./match-time.ts";
import { ringSize, ringTimes } from "./ring-time.ts";
import { sessions, settleRate } from "./settle-rate.ts";
import { blockInterval_ms, runTrades, type TradedRun, validators } from "./traded-run.ts";

const goals: Readonly<Record<string, Goal>> = {
  "market.match_us_per_order": { sense: "at-most", goal: 500 },
  "market.ops_per_s": { sense: "at-least", goal: 1000 },
  "market.conservation_violations": { sense: "at-most", goal: 0 },
  "market.replay_equal": { sense: "at-least", goal: 1 },
};

/** What matching costs, how many orders become final, and whether any money was lost on the way. */
export const marketExperiment: Experiment = {
  name: "market",
  summary: "Matching, final and durable market operations, and money counted again",
  async run(context) {
    const load = loadavg()[0] ?? 0;
    const repeats = context.isQuick ? 1 : 3;
    const matches: MatchTime[] = [];
    const rings: number[] = [];
    const settled: number[] = [];
    const runs: TradedRun[] = [];
    let first_Hz = 500;
    for (let repeat = 0; repeat < repeats; repeat++) {
      context.progress({ done: repeat, total: repeats, doing: "matching" });
      matches.push(matchTime({ ...context, arrivals: 1000, seed: repeat + 1 }));
      settled.push(settleRate({ ...context, seed: repeat + 1 }));
      rings.push(...ringTimes({ ...context, count: 20 }));
      context.progress({ done: repeat, total: repeats, doing: "four validators" });
      const run = await runTrades({ context, repeat, first_Hz });
      first_Hz = Math.round(0.8 * (run.full?.offered_Hz ?? first_Hz));
      runs.push(run);
    }
    return findings({ matches, rings, settled, runs, load });
  },
};

function findings(o: {
  matches: readonly MatchTime[];
  rings: readonly number[];
  settled: readonly number[];
  runs: readonly TradedRun[];
  load: number;
}): Findings {
  const { matches, rings, settled, runs } = o;
  const row = (metric: string, unit: string, values: readonly number[]): ReportRow =>
    reportRow({ metric, unit, values, goal: goals[metric] });
  const reached = runs.flatMap(({ full }) => full ?? []);
  const replays: readonly Replayed[] = runs.map(({ replayed }) => replayed);
  return {
    method: `Matching: orders that arrive at a book of ${matches[0]?.openOrders} open ones that agree with nobody, over ${matches[0]?.meetingPoints} meeting points; the time of all arrivals by their number. Operations: three of four are charging sessions of 1,800 drivers at as many charge points (authorise, start, settle), the others trades of 240 pairs of vehicles, others at each rate (sell, buy, both counts), against ${validators} validators in processes of their own, over TLS on loopback, with their disks synced; intervals of ${blockInterval_ms} ms; offered at even intervals by three clients, seen final by the fourth with its certificate verified. ops_per_s is the highest offered rate at which 99 of 100 were final within five intervals of their intended moment, times the share that no module refused. Replay: one validator's blocks are executed again from the genesis file, all accounts and pots summed every ten blocks and compared with what came in; the last block must be another validator's too. settle_sessions_per_s: a day of ${sessions} sessions among twenty operators is cleared in memory. ring_verify_ms: a linkable ring signature of ${ringSize} members.`,
    inputs: { validators, T_s: blockInterval_ms / 1000, loadAverageBefore: rounded(o.load), goals },
    rows: [
      row(
        "market.match_us_per_order",
        "us",
        matches.map(({ mean_us }) => mean_us),
      ),
      row(
        "market.ops_per_s",
        "1/s",
        runs.map(({ full }) => acceptedRate(full)),
      ),
      ...(reached.length === 0 ? [] : [row("market.cpu_us_per_op", "us", reached.map(cpuOf))]),
      row(
        "market.conservation_violations",
        "counts",
        replays.map(({ violations }) => violations),
      ),
      row(
        "market.replay_equal",
        "bool",
        replays.map(({ isEqual }) => (isEqual ? 1 : 0)),
      ),
      row("market.settle_sessions_per_s", "1/s", settled),
      row("market.ring_verify_ms", "ms", rings),
    ],
    items: [
      ...matches.map((one) => ({ kind: "matching", ...one })),
      ...runs.map(({ full, replayed }) => ({
        kind: "operations",
        ...replayed,
        offered_Hz: full?.offered_Hz ?? 0,
        p50_ms: full?.p50_ms ?? 0,
        p99_ms: full?.p99_ms ?? 0,
        sent: full?.sent ?? 0,
        refusedByModule: full?.refusedByModule ?? 0,
        messagesPerTx: full?.messagesPerTx ?? 0,
      })),
    ],
  };
}

/** 0 where no rate met the bound. */
function acceptedRate(full: LoadedRun | undefined): number {
  if (full === undefined) return 0;
  return full.offered_Hz * (1 - full.refusedByModule / Math.max(1, full.sent));
}

function cpuOf({ cpuPerTx_us }: LoadedRun): number {
  return cpuPerTx_us;
}

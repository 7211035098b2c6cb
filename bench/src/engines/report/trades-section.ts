import { engineNames } from "@voltfog/ledger";
import type { ReportRow } from "@voltfog/runtime";
import { type EngineResults, rowsIn } from "./engine-results.ts";
import { type Cell, tableText } from "./html-text.ts";
import { rowValue } from "./result-items.ts";

const figures = [
  ["ops_per_s", "operations a second, 400 clients in a closed loop"],
  ["open_ops_per_s", "operations a second, open loop, 99 of 100 within the bound"],
  ["ops_per_s_10", "operations a second, 10 clients"],
  ["ops_per_s_published", "operations a second, 10 clients with 200 requests each, not warm"],
  ["p50_ms", "median latency, 10 clients, ms"],
  ["p99_ms", "99th percentile, 10 clients, ms"],
  ["cpu_us_per_op", "processor time for an operation, 10 clients, all validators, µs"],
  ["cpu_us_per_op_400", "the same, 400 clients, µs"],
  ["messages_per_decision", "messages for a block"],
  ["durable_ratio", "rate with synced disks over the rate without"],
  ["crash_gap_ms", "silence after the leader was killed, ms"],
  ["mute_gap_ms", "silence after the leader went mute, ms"],
  ["switch_gap_ms", "silence after a follower went mute, fast path to slow, ms"],
  ["state_equal", "state of all validators equal (1: yes)"],
  ["soak_ops", "operations answered in the long run"],
  ["soak_violations", "of them lost, twice, or with another state somewhere"],
] as const;

/** Validators of the table. */
const usualSize = 4;

/** What the thesis could not do: load, faults and long runs, each engine with real processes. */
export function tradesSection(results: EngineResults): string {
  const rows = [
    ...rowsIn(
      { trades: (results.trades ?? []).filter(({ inputs }) => inputs["n"] === usualSize) },
      "trades",
    ),
    ...rowsIn(results, "soak"),
  ];
  const engines = enginesIn(rows);
  const body =
    engines.length === 0
      ? "<p>Not measured yet.</p>"
      : tableText({
          caption: `Trades with ${usualSize} validators in processes of their own, medians`,
          heads: ["figure", ...engines],
          lines: figures.map(([metric, words]): Cell[] => [
            words,
            ...engines.map((engine) => rowValue(rows, `engines.${metric}.${engine}`)),
          ]),
        });
  return `<section aria-labelledby="trades"><h2 id="trades">What the published work could not do</h2>
<p>Many clients, an open loop, synced disks, a leader that dies or goes mute, the switch from the fast path to the slow one, and a long run. A Java library for such consensus takes 1,800 µs of processor for an operation with 10 clients and does 896 operations a second on a machine of this size, 373 µs and 2,700 to 3,100 a second with 400 (n = 4, 8 B, no disk).</p>
${body}</section>`;
}

function enginesIn(rows: readonly ReportRow[]): string[] {
  const named = rows.flatMap(
    ({ metric }) => /^engines\.ops_per_s\.([\w:]+)$/.exec(metric)?.[1] ?? [],
  );
  const known: readonly string[] = engineNames;
  return named.sort((a, b) => known.indexOf(a) - known.indexOf(b));
}

import type { Facts } from "@voltfog/runtime";
import { type EngineResults, itemsIn } from "./engine-results.ts";
import { type Cell, tableText } from "./html-text.ts";
import { type Dot, dotPlot } from "./plot/dot-plot.ts";
import { linePlot } from "./plot/line-plot.ts";
import type { Ink } from "./plot/mark.ts";
import { deliverableFigures } from "./published-deliverable.ts";
import { itemsOf, medianOf, numbersOf } from "./result-items.ts";

/** Engines of the battery experiment, with the name of the published figures that each stands beside. */
const engines: readonly { engine: Ink; name: string; published: string | undefined }[] = [
  { engine: "poa-published", name: "PoA as published", published: "poa" },
  { engine: "poa", name: "poa, the default", published: undefined },
  { engine: "pbft", name: "PBFT", published: "pbft" },
  { engine: "pow", name: "PoW", published: "pow" },
  { engine: "raft", name: "raft (crashes only)", published: undefined },
];

/** Links at which the figures stand. */
const usual = { link_ms: 5, loss: 0 } as const;

interface Panel {
  readonly id: string;
  readonly title: string;
  readonly xLabel: string;
  readonly xScale: "linear" | "log";
  /** Of the published figures, before the engine's name. */
  readonly figure: string;
  readonly metric: string;
  readonly factor: number;
}

const panels: readonly Panel[] = [
  {
    id: "d53-throughput",
    title: "Figure 7, throughput: published, and ours with 4 replicas in processes",
    xLabel: "transactions a second",
    xScale: "log",
    ...{ figure: "throughput", metric: "tx_per_s", factor: 1 },
  },
  {
    id: "d53-battery",
    title:
      "Figure 8, transactions until a battery is empty: published, and ours by the stated model",
    xLabel: "transactions",
    xScale: "log",
    ...{ figure: "battery", metric: "battery_transactions", factor: 1 },
  },
  {
    id: "d53-energy",
    title: "Figure 9, energy: published, and ours for one record by the stated model",
    xLabel: "mJ",
    xScale: "log",
    ...{ figure: "energy", metric: "energy_mJ", factor: 1 },
  },
  {
    id: "d53-cpu",
    title: "Figure 10, use of the processor: published, and ours of one core at a light load",
    xLabel: "%",
    xScale: "log",
    ...{ figure: "cpu", metric: "cpu_share", factor: 100 },
  },
];

/** Figures 7 to 10 of D5.3 again; empty where nothing was measured. */
export function batteryPlots(results: EngineResults): string {
  const all = itemsIn(results, "battery");
  const items = itemsOf(all, usual);
  if (items.length === 0) return "";
  return [
    latencies(items),
    ...panels.map((panel) => panelText(panel, items)),
    byBlockSize(itemsOf(items, { n: 4 })),
    overTime(itemsOf(items, { n: 4 })),
    overview(all),
  ].join("\n");
}

function publishedDots({ figure, factor }: Panel, published: string | undefined): Dot[] {
  const value = deliverableFigures.find(({ id }) => id === `${figure}-${published}`)?.value;
  return value === undefined
    ? []
    : [{ kind: "published", ink: "published", value: value * factor }];
}

function panelText(panel: Panel, items: readonly Facts[]): string {
  const rows = engines.map(({ engine, name, published }) => {
    const own = medianOf(itemsOf(items, { engine, n: 4 }), panel.metric);
    const ours: Dot[] =
      own === undefined || own <= 0
        ? []
        : [{ kind: "ours", ink: "final", value: own * panel.factor }];
    return { name, dots: [...publishedDots(panel, published), ...ours] };
  });
  const { id, title, xLabel, xScale } = panel;
  return dotPlot({ id, title, xLabel, xScale, rows });
}

/** All three latencies at the largest number of replicas that ran in processes. */
function latencies(items: readonly Facts[]): string {
  const n = Math.max(...numbersOf(items, "n"));
  const kinds = [
    ["inclusion_and_6_ms", "six blocks above", "six-blocks"],
    ["inclusion_ms", "included", "included"],
    ["finality_ms", "final", "final"],
  ] as const;
  const rows = engines.map(({ engine, name }) => {
    const own = itemsOf(items, { engine, n });
    const dots = kinds.flatMap(([metric, kind, ink]): Dot[] => {
      const time_ms = medianOf(own, metric);
      return time_ms === undefined ? [] : [{ kind, ink, value: time_ms / 1000 }];
    });
    return { name, dots };
  });
  const interval_s = numbersOf(items, "T_s")[0];
  return dotPlot({
    id: "battery-latency",
    title: `Three latencies, ${n} replicas in processes, a block each ${interval_s} s at the earliest, 5±2 ms`,
    xLabel: "median latency, s",
    xScale: "linear",
    rows,
  });
}

/** What the text says grows linearly: throughput over the records of a block. */
function byBlockSize(items: readonly Facts[]): string {
  return linePlot({
    id: "battery-block-size",
    title: "Figure 7 again: final records a second, by records in a block (4 replicas, processes)",
    xLabel: "records in a block, mean",
    yLabel: "final records a second",
    xScale: "linear",
    yScale: "linear",
    series: engines.map(({ engine, name }) => ({
      ...{ name, ink: engine },
      points: itemsOf(items, { engine })
        .flatMap(stepPoints)
        .sort((a, b) => a.x - b.x),
    })),
  });
}

function stepPoints(item: Facts): { x: number; y: number }[] {
  const steps = (Array.isArray(item["steps"]) ? item["steps"] : []).flat() as readonly Facts[];
  return steps.flatMap(({ records_per_block: x, final_per_s: y }) =>
    typeof x === "number" && typeof y === "number" ? [{ x, y }] : [],
  );
}

const columns = [
  ["inclusion_ms", "included, ms"],
  ["finality_ms", "final, ms"],
  ["inclusion_and_6_ms", "six blocks above, ms"],
  ["reorganised_blocks", "blocks that left again"],
  ["messages_per_block", "messages a block"],
  ["bytes_per_record", "bytes a record"],
  ["signatures_per_record", "signatures a record"],
  ["cpu_us_per_record", "processor a record, µs"],
  ["energy_mJ", "energy a record, mJ (model)"],
  ["tx_per_s", "records a second"],
] as const;

/** Every size and every link, so that what a lost segment or a longer way costs stands beside. */
function overview(items: readonly Facts[]): string {
  const lines = engines.flatMap(({ engine, name }) =>
    itemsOf(items, { engine }).map((item): Cell[] => [
      name,
      Number(item["n"]),
      linkText(item),
      ...columns.map(([metric]) => medianOf([item], metric)),
    ]),
  );
  return tableText({
    caption: "Engines for battery data in processes, medians",
    heads: ["engine", "n", "links", ...columns.map(([, words]) => words)],
    lines,
  });
}

function linkText({ link_ms, jitter_ms, loss }: Facts): string {
  const lost = typeof loss === "number" && loss > 0 ? `, ${100 * loss} % lost` : "";
  return `${String(link_ms)}±${String(jitter_ms)} ms${lost}`;
}

/** Figure 6 again: latency over the time of a run. */
function overTime(items: readonly Facts[]): string {
  return linePlot({
    id: "battery-over-time",
    title: "Figure 6 again: time until final, by the second of a run (4 replicas, processes)",
    xLabel: "second of the run",
    yLabel: "median time until final, ms",
    xScale: "linear",
    yScale: "log",
    series: engines.map(({ engine, name }) => ({
      ...{ name, ink: engine },
      points: secondsOf(itemsOf(items, { engine })[0]?.["finalityOverTime_ms"]),
    })),
  });
}

function secondsOf(each: unknown): { x: number; y: number }[] {
  const values: readonly unknown[] = Array.isArray(each) ? each : [];
  return values.flatMap((y, i) => (typeof y === "number" && y > 0 ? [{ x: i + 1, y }] : []));
}

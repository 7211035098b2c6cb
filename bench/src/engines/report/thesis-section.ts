import { comparisonHeads, comparisonLine } from "./comparison.ts";
import { type EngineResults, itemsIn } from "./engine-results.ts";
import { tableText } from "./html-text.ts";
import { linePlot } from "./plot/line-plot.ts";
import { axisMax_Hz, thesisFigures, thesisSetup } from "./published-thesis.ts";
import { itemsOf } from "./result-items.ts";
import { seriesBy } from "./series.ts";
import { thesisComparisons } from "./thesis-comparisons.ts";

/** The thesis's chapter 7: the engines for trades between vehicles. */
export function thesisSection(results: EngineResults): string {
  const lines = thesisFigures.map((figure) =>
    comparisonLine(
      figure,
      thesisComparisons.find(({ id }) => id === figure.id),
      results,
    ),
  );
  const { clients, requestsEach, nodes } = thesisSetup;
  return `<section aria-labelledby="thesis"><h2 id="thesis">Engines for trades between vehicles: Jindal, Edinburgh 2023, chapter 7</h2>
<p>Published: BFT (a Java library), Linear BFT and SBFT on its fast path alone, ${clients} clients with ${requestsEach} requests each, ${nodes.join(", ")} nodes on one machine, 8 B, 1 KB and 10 KB. Of its six plots no curve is in the text that we have, so they cannot be drawn again: what stands below as published are its sentences, and the ends of two axes.</p>
${cells.map((cell) => plotsOf(results, cell)).join("")}
${loadPlot(results)}
${tableText({ caption: "Every published figure of the thesis about an engine, beside ours", heads: comparisonHeads, lines })}
</section>`;
}

/** Cells of the trades that stand for the published payloads; an order itself has about a hundred bytes. */
const cells = [
  { cell: "published", payload: "8 B", own: "orders of about 100 B" },
  { cell: "list-1024", payload: "1 KB", own: "lists of 1 KB" },
  { cell: "list-10240", payload: "10 KB", own: "lists of 10 KB" },
] as const;

/** Figures 7.1 to 7.6 again: latency and throughput by nodes, for one payload. */
function plotsOf(results: EngineResults, { cell, payload, own }: (typeof cells)[number]): string {
  const items = itemsOf(itemsIn(results, "trades"), { cell });
  const common = { xLabel: "validators", yScale: "linear" } as const;
  const title = `by validators, ${own} for the published ${payload}, 10 clients in a closed loop (processes)`;
  return [
    linePlot({
      ...common,
      id: `latency-${cell}`,
      title: `Latency ${title}`,
      yLabel: "median latency, ms",
      series: seriesBy(items, { x: "n", y: "p50_ms" }),
    }),
    linePlot({
      ...common,
      id: `throughput-${cell}`,
      title: `Throughput ${title}`,
      yLabel: "operations a second",
      series: seriesBy(items, { x: "n", y: "ops_per_s" }),
      limits: [{ name: "end of the published axis", value: axisMax_Hz }],
    }),
  ].join("");
}

/** What ten clients cannot show: throughput by clients. */
function loadPlot(results: EngineResults): string {
  const items = itemsOf(itemsIn(results, "trades"), { n: 4, loop: "closed", fsync: true });
  const warm = items.filter(({ cell }) => String(cell).startsWith("closed-"));
  return linePlot({
    id: "throughput-clients",
    title: "Throughput by clients, 4 validators, closed loop, warm (processes)",
    xLabel: "clients",
    yLabel: "operations a second",
    yScale: "log",
    series: seriesBy(warm, { x: "clients", y: "ops_per_s" }),
  });
}

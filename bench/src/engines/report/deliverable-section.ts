import { batteryPlots } from "./battery-plots.ts";
import { comparisonHeads, comparisonLine } from "./comparison.ts";
import { deliverableComparisons, throughputReasons } from "./deliverable-comparisons.ts";
import { type EngineResults, itemsIn } from "./engine-results.ts";
import { escaped, tableText } from "./html-text.ts";
import { type Dot, dotPlot } from "./plot/dot-plot.ts";
import { linePlot } from "./plot/line-plot.ts";
import { deliverableFigures } from "./published-deliverable.ts";
import { itemsOf, numbersOf } from "./result-items.ts";
import { seriesBy } from "./series.ts";

/** D5.3, §5.1: the engines for battery data. */
export function deliverableSection(results: EngineResults): string {
  const lines = deliverableFigures.map((figure) =>
    comparisonLine(
      figure,
      deliverableComparisons.find(({ id }) => id === figure.id),
      results,
    ),
  );
  return `<section aria-labelledby="deliverable"><h2 id="deliverable">Engines for battery data: ENERGETIC D5.3 (2024), §5.1</h2>
<p>Published: a prototype on Ethereum with 20 nodes; proof of authority of its own against PBFT and proof of work. Machine, links, block interval, load and size of a transaction are not stated.</p>
${latencyDots(results)}
${latencyByInterval(results)}
${claims()}
${batteryPlots(results)}
${tableText({ caption: "Every published figure of D5.3 about an engine, beside ours", heads: comparisonHeads, lines })}
</section>`;
}

/** The published means beside inclusion, finality and inclusion plus six of our engines, T = 1 s. */
function latencyDots(results: EngineResults): string {
  const rows = virtualEngines.map(({ engine, published, name }) => {
    const item = itemsOf(itemsIn(results, "virtual"), {
      ...{ part: "interval", engine, n: 20, link_ms: 5, interval_ms: 1000 },
    })[0];
    const dots: Dot[] = [
      ...(published === undefined
        ? []
        : [
            {
              kind: "published, six blocks above",
              ink: "published",
              value: publishedLatency_s(published),
            } as const,
          ]),
      ...dotOf(item?.["inclusion_and_6_ms"], "ours, six blocks above", "six-blocks"),
      ...dotOf(item?.["inclusion_ms"], "ours, included", "included"),
      ...dotOf(item?.["finality_ms"], "ours, final", "final"),
    ];
    return { name, dots };
  });
  return dotPlot({
    id: "d53-latency",
    title:
      "Latency: published means, and ours with a block each second (20 validators, 5±2 ms, virtual time)",
    xLabel: "latency, s",
    xScale: "linear",
    rows,
  });
}

const virtualEngines: readonly { engine: string; published: string | undefined; name: string }[] = [
  { engine: "poa-published", published: "poa", name: "PoA as published" },
  { engine: "poa", published: undefined, name: "poa, the default" },
  { engine: "pbft", published: "pbft", name: "PBFT" },
  { engine: "pow", published: "pow", name: "PoW" },
];

function publishedLatency_s(name: string): number {
  return deliverableFigures.find(({ id }) => id === `latency-${name}`)?.value ?? 0;
}

function dotOf(time_ms: unknown, kind: string, ink: Dot["ink"]): Dot[] {
  return typeof time_ms === "number" ? [{ kind, ink, value: time_ms / 1000 }] : [];
}

/** Which block interval would show the published mean. */
function latencyByInterval(results: EngineResults): string {
  const items = itemsOf(itemsIn(results, "virtual"), { part: "interval", n: 20, link_ms: 5 });
  const intervals = numbersOf(items, "interval_ms");
  if (intervals.length === 0) return "";
  return `<h3>The interval that the text leaves out</h3>
<p>Inclusion plus six blocks grows by 6.5 block intervals. The three published means are three heights on this plot; which interval they belong to is all that the published comparison can mean, since engines with the same phases lie on one another.</p>
${linePlot({
  id: "d53-interval",
  title: "Inclusion and six more blocks, by block interval (20 validators, 5±2 ms, virtual time)",
  xLabel: "block interval, s",
  yLabel: "mean latency, s",
  yScale: "linear",
  xScale: "linear",
  limits: [
    { name: "published PoA", value: publishedLatency_s("poa") },
    { name: "published PBFT", value: publishedLatency_s("pbft") },
    { name: "published PoW", value: publishedLatency_s("pow") },
  ],
  series: seriesBy(items, {
    x: "interval_ms",
    y: "inclusion_and_6_ms",
    xScale: 0.001,
    yScale: 0.001,
  }),
})}`;
}

function claims(): string {
  return `<h3>5, 4 and 3 million transactions a second</h3><ul>${throughputReasons.map((each) => `<li>${escaped(each)}</li>`).join("")}</ul>`;
}

import { engineNames } from "@voltfog/ledger";
import type { Facts } from "@voltfog/runtime";
import { type EngineResults, itemsIn, rowsIn } from "./engine-results.ts";
import { type Cell, numeral, tableText } from "./html-text.ts";
import { linePlot } from "./plot/line-plot.ts";
import { itemsOf, rowValue } from "./result-items.ts";
import { seriesBy } from "./series.ts";

const kinds = [
  "proposal",
  "prepare",
  "prepare-certificate",
  "commit",
  "commit-certificate",
  "round-change",
] as const;

/** Messages, bytes and phases of each engine, from 4 to 64 validators. */
export function messagesSection(results: EngineResults): string {
  const flows = itemsOf(itemsIn(results, "virtual"), { part: "flow" });
  const even = itemsOf(flows, { jitter_ms: 0, silent: 0, redundant: 0 });
  return `<section aria-labelledby="messages"><h2 id="messages">Messages, bytes and phases, 4 to 64 validators</h2>
${flows.length === 0 ? "<p>Not measured yet.</p>" : ""}<p>Counted in one process on virtual time with the product's own engines. No processor time and no throughput is claimed of these runs. Blocks follow one another at once, so hotstuff's deciding certificate travels in the next proposal; where no block follows it goes alone, n − 1 messages more.</p>
${linePlot({
  id: "messages-plot",
  title: "Messages for one block, by validators (virtual time)",
  xLabel: "validators",
  yLabel: "messages a block",
  yScale: "log",
  series: seriesBy(even, { x: "n", y: "messages_per_decision" }),
})}
${linePlot({
  id: "bytes-plot",
  title:
    "Bytes of votes for one block, by validators; certificates as lists of signatures (virtual time)",
  xLabel: "validators",
  yLabel: "bytes a block",
  yScale: "log",
  series: seriesBy(even, { x: "n", y: "bytes_per_decision" }),
})}
<p>A certificate that lists its signatures grows with n, and goes to n validators: a collector saves most of the messages and a part of the bytes. An aggregate signature would save the rest; the certificates below say at what price.</p>
${tableText({
  caption: "How messages and bytes grow: exponent over n − 1, 4 to 64 validators",
  heads: ["engine", "messages", "bytes"],
  lines: engineNames.map((engine): Cell[] => [
    engine,
    rowValue(rowsIn(results, "virtual"), `engines.message_exponent.${engine}`),
    rowValue(rowsIn(results, "virtual"), `engines.byte_exponent.${engine}`),
  ]),
})}
${tableText({
  caption: "Messages for one block by kind, and links from proposal to decision",
  heads: ["engine", "n", "links", ...kinds, "all", "formula", "bytes", "links to decide"],
  lines: flows.filter(isShown).map(flowLine),
})}
${phasesPlot(even)}
</section>`;
}

function isShown(item: Facts): boolean {
  const { n, silent, redundant } = item;
  return [4, 20, 64].includes(Number(n)) || silent !== 0 || redundant !== 0;
}

function flowLine(item: Facts): readonly Cell[] {
  const messages = item["messages"] as Readonly<Partial<Record<string, number>>>;
  const { jitter_ms, silent, redundant } = item;
  const faulty = silent === 0 ? "" : `, ${String(silent)} silent`;
  const spare = redundant === 0 ? "" : `, c = ${String(redundant)}`;
  return [
    `${String(item["engine"])}${spare}${faulty}`,
    Number(item["n"]),
    jitter_ms === 0
      ? `${String(item["link_ms"])} ms`
      : `${String(item["link_ms"])}±${String(jitter_ms)} ms`,
    ...kinds.map((kind) => messages[kind] ?? 0),
    Number(item["messages_per_decision"]),
    item["byFormula"] === null ? undefined : Number(item["byFormula"]),
    Number(item["bytes_per_decision"]),
    Number(item["committedLinks"]),
  ];
}

function phasesPlot(even: readonly Facts[]): string {
  const ratio = linePlot({
    id: "phases-plot",
    title: "From a proposal to its decision at another validator, links of 25 ms (virtual time)",
    xLabel: "validators",
    yLabel: "median, ms",
    yScale: "linear",
    series: seriesBy(even, { x: "n", y: "committed_ms" }),
  });
  const [fast, linear] = ["sbft", "linear"].map((engine) => itemsOf(even, { engine, n: 4 })[0]);
  if (fast === undefined || linear === undefined) return ratio;
  return `${ratio}<p>sbft's fast path takes ${numeral(Number(fast["committedLinks"]))} links, linear ${numeral(Number(linear["committedLinks"]))}.</p>`;
}

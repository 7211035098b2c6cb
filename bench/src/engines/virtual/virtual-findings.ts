import { type EngineName, engineNames } from "@voltfog/ledger";
import { type Facts, type Findings, type Goal, type ReportRow, reportRow } from "@voltfog/runtime";
import { deliverableFigures } from "../report/published-deliverable.ts";
import { itemsOf, medianOf } from "../report/result-items.ts";
import { fittedExponent, fittedLine } from "./power-law.ts";

/** Goals of the design: the exponent over n − 1, and the fast path over the linear one. */
const exponentMost: Readonly<Partial<Record<EngineName, number>>> = {
  pbft: 2,
  linear: 1.05,
  sbft: 1.05,
  hotstuff: 1.05,
};
const fastOverLinear: Goal = { sense: "at-most", goal: 0.75, moonshot: 0.62 };

const method =
  "One process, virtual time: the engines of the product, each with its state, over links that take exactly what is stated and keep the order of each pair. Engines, disks and blocks' execution take no time and signatures are keyed hashes, so this tells messages, bytes and phases, and nothing of processor time or throughput. flow: blocks without transactions, one after the other; six blocks are not counted before. Messages are counted where they are sent, one for each receiver, without those of clients and of transactions; what is said again to the same voter is counted apart as retries. Bytes are of the encoded votes before TLS; certificates are lists of Ed25519 signatures. committed is from the sending of a proposal until it is decided at another voter, the median over voters and blocks. Exponents are fitted against n − 1 by least squares over logarithms. interval: n = 20, a block each T, ten transactions for each block, submitted to the validators by turns at even times, which tell each other; the observer is the last validator; inclusion and six more blocks is the published latency (D5.3, §5.1.4), and published_interval_s is the T at which it would have the published mean. pow and poa-published are there for comparison: three seeds, an interval is the mean of an exponential distribution in pow and a slot in poa-published (a committee of three); final is ⌊n/2⌋ + 1 blocks deep in pow and at once in poa-published, and reorganised blocks are counted.";

/** Rows and items of `--experiment virtual`. */
export function virtualFindings(o: {
  flows: readonly Facts[];
  intervals: readonly Facts[];
  decisions: number;
}): Findings {
  const { flows, intervals, decisions } = o;
  const clean = flows.filter((item) => item["silent"] === 0 && item["redundant"] === 0);
  const even = clean.filter((item) => item["jitter_ms"] === 0);
  const rows = [
    ...engineNames.flatMap((engine) => exponentRows(engine, even)),
    ratioRow(even),
    exactRow(even),
    ...intervalRows(intervals),
  ];
  return {
    method,
    inputs: { decisions, warmUp: 6, seed: 1, link_ms: 25 },
    rows,
    items: [...flows, ...intervals],
  };
}

function exponentRows(engine: EngineName, even: readonly Facts[]): ReportRow[] {
  const items = even.filter((item) => item["engine"] === engine);
  const goal = exponentMost[engine];
  const fit = (name: string): number =>
    fittedExponent(items.map((item) => ({ x: Number(item["n"]) - 1, y: Number(item[name]) })));
  return [
    reportRow({
      metric: `engines.message_exponent.${engine}`,
      unit: "exponent",
      values: [fit("messages_per_decision")],
      goal: goal === undefined ? undefined : { sense: "at-most", goal },
    }),
    reportRow({
      metric: `engines.byte_exponent.${engine}`,
      unit: "exponent",
      values: [fit("bytes_per_decision")],
    }),
  ];
}

/** Fast path over linear, of each size. */
function ratioRow(even: readonly Facts[]): ReportRow {
  const of = (engine: EngineName): readonly Facts[] =>
    even.filter((item) => item["engine"] === engine);
  const values = of("sbft").map((fast) => {
    const linear = of("linear").find((item) => item["n"] === fast["n"]);
    return Number(fast["committed_ms"]) / Number(linear?.["committed_ms"]);
  });
  return reportRow({
    metric: "engines.sbft_fast_over_linear",
    unit: "ratio",
    values,
    goal: fastOverLinear,
  });
}

/** Share of the counts that are the formula's. */
function exactRow(even: readonly Facts[]): ReportRow {
  const exact = even.filter((item) => item["messages_per_decision"] === item["byFormula"]);
  return reportRow({
    metric: "engines.messages_as_formula",
    unit: "ratio",
    values: [exact.length / even.length],
    goal: { sense: "at-least", goal: 1 },
  });
}

/** The block interval at which our engine would show a published latency, and what pbft adds to poa. */
function intervalRows(intervals: readonly Facts[]): ReportRow[] {
  const at = (wanted: Facts): readonly Facts[] => itemsOf(intervals, { link_ms: 5, ...wanted });
  const published = [
    { name: "poa", id: "latency-poa" },
    { name: "poa-published", id: "latency-poa" },
    { name: "pbft", id: "latency-pbft" },
    { name: "pow", id: "latency-pow" },
  ];
  const rows = published.map(({ name, id }) => {
    const line = fittedLine(
      at({ engine: name }).map((item) => ({
        x: Number(item["interval_ms"]),
        y: Number(item["inclusion_and_6_ms"]),
      })),
    );
    const latency_s = deliverableFigures.find((each) => each.id === id)?.value ?? 0;
    const values = [(latency_s - line.start / 1000) / line.slope];
    return reportRow({ metric: `engines.published_interval_s.${name}`, unit: "s", values });
  });
  const difference = (link_ms: number): number[] =>
    [...new Set(intervals.map((item) => item["interval_ms"]))].map((interval_ms) => {
      const of = (engine: string): number =>
        medianOf(itemsOf(intervals, { engine, link_ms, interval_ms }), "inclusion_and_6_ms") ?? 0;
      return of("pbft") - of("poa");
    });
  return [
    ...rows,
    ...[5, 25].map((link_ms) =>
      reportRow({
        metric: `engines.pbft_after_poa_ms.link${link_ms}`,
        unit: "ms",
        values: difference(link_ms),
      }),
    ),
  ];
}

import type { Comparison } from "./comparison.ts";
import { itemsIn, rowsIn } from "./engine-results.ts";
import { numeral } from "./html-text.ts";
import { itemsOf, medianOf, numbersOf, rowValue } from "./result-items.ts";

/** Signatures that one core recovers in a second (secp256k1, on the machine of the results). */
const recoveriesPerCore_Hz = 19_000;
/** A signed battery record. */
const record_bytes = 200;
const claimed_Hz = 5_000_000;

/** Why 5, 4 and 3 million transactions a second cannot have been reached; each check by itself is enough. */
export const throughputReasons: readonly string[] = [
  `Each of the nodes has to check each transaction's signature. One core recovers ${numeral(recoveriesPerCore_Hz)} a second, so 5 million a second need ${Math.round(claimed_Hz / recoveriesPerCore_Hz)} cores in every node; the published use is 5 % of a processor.`,
  `Records of ${record_bytes} B are ${numeral((claimed_Hz * record_bytes) / 1e9)} GB a second into every node, and ${numeral((19 * claimed_Hz * record_bytes * 8) / 1e9)} Gbit/s out of a leader that sends its blocks to 19 others.`,
  "At these rates the published battery is empty after 7 seconds with PBFT and after 6 with PoW.",
  "The text says that throughput grows linearly with the block's size: transactions that stand in a proposed block seem to have been counted, not those that were checked, executed and kept.",
];

function latencyOurs(engine: string): Comparison["ours"] {
  return (results) => {
    const at20 = itemsOf(itemsIn(results, "virtual"), {
      part: "interval",
      engine,
      n: 20,
      link_ms: 5,
    });
    const parts = [250, 1000, 2500].map((interval_ms) => {
      const items = itemsOf(at20, { interval_ms });
      const buried_ms = medianOf(items, "inclusion_and_6_ms");
      const final_ms = medianOf(items, "finality_ms");
      return buried_ms === undefined || final_ms === undefined
        ? undefined
        : `T = ${numeral(interval_ms / 1000)} s: ${seconds(buried_ms)}, final after ${seconds(final_ms)}`;
    });
    const known = parts.filter((part) => part !== undefined);
    if (known.length === 0) return undefined;
    const interval_s = rowValue(
      rowsIn(results, "virtual"),
      `engines.published_interval_s.${engine}`,
    );
    const asked =
      interval_s === undefined ? "" : `; the published mean at T = ${numeral(interval_s)} s`;
    return `20 validators, 5±2 ms links, virtual time; ${known.join("; ")}${asked}`;
  };
}

function seconds(time_ms: number): string {
  return `${numeral(time_ms / 1000)} s`;
}

/** What was measured with real processes at 5±2 ms, at the largest size that has this figure. */
function batteryOurs(
  engine: string,
  metric: string,
  say: (value: number) => string,
): Comparison["ours"] {
  return (results) => {
    const items = itemsOf(itemsIn(results, "battery"), { engine, link_ms: 5, loss: 0 });
    for (const n of numbersOf(items, "n").reverse()) {
      const value = medianOf(itemsOf(items, { n }), metric);
      if (value !== undefined) return `${say(value)} (${n} replicas, processes)`;
    }
    return undefined;
  };
}

const latencyReason =
  "Six blocks above are 6.5 block intervals in the mean, and theirs is not stated: the means alone ask for a T of about 1.3 s (PoA), 1.9 s (PBFT) and 2.0 s (PoW, whose chance adds half an interval). At one T and one link poa and pbft differ by a few milliseconds, since both take three links; seconds between them come from the block interval or from a loaded machine.";
const throughputReason =
  "Cannot be: see the four checks above. Ours are final, durable and executed by every node.";
const batteryReason =
  "Theirs names no battery. Ours: one stated battery and a stated model of energy, at the measured rates.";
const energyReason =
  "Theirs does not say of what. Ours is a model, not a meter: watts by processor time and joules by byte, for one record.";
const cpuReason =
  "Theirs names no machine and no load. Ours is the share of one core that a node takes at a light load.";

const tx = (value: number): string => `${numeral(value)} final transactions a second`;
const mJ = (value: number): string => `${numeral(value)} mJ for a record`;
const share = (value: number): string => `${numeral(100 * value)} % of a core`;
const until = (value: number): string => `${numeral(value)} transactions`;

/** What stands beside each figure of the deliverable. */
export const deliverableComparisons: readonly Comparison[] = [
  {
    id: "latency-poa",
    ours: latencyOurs("poa-published"),
    reason: latencyReason,
  },
  { id: "latency-pbft", ours: latencyOurs("pbft"), reason: latencyReason },
  {
    id: "latency-pow",
    ours: latencyOurs("pow"),
    reason: latencyReason,
  },
  ...(["poa", "pbft", "pow"] as const).flatMap((name): Comparison[] => {
    const engine = name === "poa" ? "poa-published" : name;
    return [
      {
        id: `throughput-${name}`,
        ours: batteryOurs(engine, "tx_per_s", tx),
        reason: throughputReason,
      },
      {
        id: `battery-${name}`,
        ours: batteryOurs(engine, "battery_transactions", until),
        reason: batteryReason,
      },
      { id: `energy-${name}`, ours: batteryOurs(engine, "energy_mJ", mJ), reason: energyReason },
      { id: `cpu-${name}`, ours: batteryOurs(engine, "cpu_share", share), reason: cpuReason },
    ];
  }),
  {
    id: "rounds-poa",
    ours: () => "1 broadcast in poa-published, forks counted; 3 in poa, no forks",
    reason: "One round proposes; nobody knows who agrees. A quorum that signs takes two more.",
  },
  {
    id: "rounds-pow",
    ours: () => "1 broadcast of a block",
    reason: "Which four rounds are meant was in the picture alone.",
  },
  {
    id: "rounds-pbft",
    ours: () => "3: proposal, prepare, commit; 2n(n − 1) messages, counted",
    reason: "The same; Castro and Liskov, 1999.",
  },
  {
    id: "latency-over-time",
    ours: (results) =>
      results.battery === undefined ? undefined : "drawn above, by the second of a run",
    reason: "Their curves are lost; a mean says nothing of its spread.",
  },
  {
    id: "throughput-by-block",
    ours: (results) => (results.battery === undefined ? undefined : "drawn above"),
    reason: "A larger block spreads the votes over more records; each record's own check stays.",
  },
  {
    id: "reads",
    ours: () => undefined,
    reason:
      "No property of an engine: a read asks one node's own state, whichever engine decided it.",
  },
];

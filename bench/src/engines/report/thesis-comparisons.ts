import type { Comparison } from "./comparison.ts";
import { type EngineResults, itemsIn, rowsIn } from "./engine-results.ts";
import { numeral } from "./html-text.ts";
import { itemsOf, medianOf, rowValue } from "./result-items.ts";

/** One cell of the trades at four validators, for the engines that the thesis compares. */
function tradesOurs(
  cell: string,
  metric: string,
  say: (value: number) => string,
): Comparison["ours"] {
  return (results) => {
    const items = itemsOf(itemsIn(results, "trades"), { n: 4, cell });
    const parts = ["pbft", "linear", "sbft"].flatMap((engine) => {
      const value = medianOf(itemsOf(items, { engine }), metric);
      return value === undefined ? [] : [`${engine} ${say(value)}`];
    });
    return parts.length === 0 ? undefined : `${parts.join(", ")} (4 validators, processes)`;
  };
}

const rate = (value: number): string => `${numeral(value)}/s`;
const time = (value: number): string => `${numeral(value)} ms`;

function row(results: EngineResults, metric: string): string | undefined {
  const names = ["virtual", "trades", "soak"] as const;
  const value = names
    .map((name) => rowValue(rowsIn(results, name), metric))
    .find((each) => each !== undefined);
  return value === undefined ? undefined : numeral(value);
}

const axisReason =
  "Ten clients that wait for each answer cannot have more than ten requests under way: 200 a second are at least 50 ms for each. 2,000 requests last ten seconds on a virtual machine of Java that was just started. Ours: warm, every signature checked by every validator, every block synced.";
const pictureReason = "Their curve is lost, so no number can be held against ours.";

/** What stands beside each figure of the thesis. */
export const thesisComparisons: readonly Comparison[] = [
  {
    id: "throughput-8",
    ours: tradesOurs("published", "ops_per_s", rate),
    reason: axisReason,
  },
  {
    id: "throughput-1024",
    ours: tradesOurs("list-1024", "ops_per_s", rate),
    reason: axisReason,
  },
  {
    id: "picture-7.1",
    ours: tradesOurs("published", "p50_ms", time),
    reason: pictureReason,
  },
  {
    id: "picture-7.3",
    ours: tradesOurs("list-1024", "p50_ms", time),
    reason: pictureReason,
  },
  {
    id: "picture-7.5",
    ours: tradesOurs("list-10240", "p50_ms", time),
    reason: pictureReason,
  },
  {
    id: "picture-7.6",
    ours: tradesOurs("list-10240", "ops_per_s", rate),
    reason: pictureReason,
  },
  {
    id: "small-networks",
    ours: (results) => {
      const of = (engine: string): number | undefined =>
        medianOf(itemsOf(flows(results), { engine, n: 4, silent: 0 }), "committedLinks");
      const parts = ["pbft", "linear", "sbft"].flatMap((engine) => {
        const links = of(engine);
        return links === undefined ? [] : [`${engine} ${numeral(links)}`];
      });
      return parts.length === 0
        ? undefined
        : `links from proposal to decision: ${parts.join(", ")}`;
    },
    reason:
      "All nodes on one machine have no links to wait for, so only processor time is left, and four nodes say little. With real links the phases tell them apart.",
  },
  {
    id: "large-networks",
    ours: (results) => {
      const of = (engine: string): string =>
        row(results, `engines.message_exponent.${engine}`) ?? "–";
      return results.virtual === undefined
        ? undefined
        : `messages grow with (n − 1) to the power of ${of("pbft")} (pbft), ${of("linear")} (linear), ${of("sbft")} (sbft)`;
    },
    reason:
      "Agrees in the number of messages. In bytes a list of signatures grows with n too: see below.",
  },
  {
    id: "payload",
    ours: tradesOurs("list-10240", "p50_ms", (value) => `${time(value)} at 10 KB`),
    reason:
      "A block goes once to every other node in all three; beside it 8 B and 1 KB are little.",
  },
  {
    id: "payload-throughput",
    ours: tradesOurs("list-10240", "ops_per_s", (value) => `${rate(value)} at 10 KB`),
    reason:
      "With ten waiting clients throughput is ten over the latency, so it cannot be stable while latency doubles.",
  },
  {
    id: "best-range",
    ours: (results) => {
      const at = (engine: string): number | undefined =>
        medianOf(
          itemsOf(flows(results), { engine, n: 32, silent: 0, jitter_ms: 0 }),
          "messages_per_decision",
        );
      const [pbft, linear, sbft] = [at("pbft"), at("linear"), at("sbft")];
      if (pbft === undefined || linear === undefined || sbft === undefined) return undefined;
      return `messages a block at 32 nodes: pbft ${numeral(pbft)}, linear ${numeral(linear)}, sbft ${numeral(sbft)}`;
    },
    reason:
      "64 processes of Java on one machine share its processor: then the machine is measured, not the engine.",
  },
  {
    id: "sbft-as-linear",
    ours: (results) => {
      const ratio = row(results, "engines.sbft_fast_over_linear");
      return ratio === undefined ? undefined : `fast path over linear: ${ratio} (25 ms links)`;
    },
    reason:
      "Three links against five show only where links take time; theirs took none. Ours leaves the phase out, and with 25 ms between nodes it shows.",
  },
  {
    id: "no-switch",
    ours: (results) => {
      const gap_ms = row(results, "engines.switch_gap_ms.sbft");
      const soak = row(results, "engines.soak_ops.sbft");
      const parts = [
        gap_ms === undefined ? [] : [`the switch takes ${gap_ms} ms`],
        soak === undefined ? [] : [`${soak} operations in one run`],
      ].flat();
      return parts.length === 0 ? undefined : parts.join("; ");
    },
    reason: "Built here: timer to the slow path, and back where the fast one works again.",
  },
  {
    id: "set-up",
    ours: (results) => {
      const own = itemsOf(itemsIn(results, "certificates"), { form: "bls-threshold", n: 64 });
      const messages = medianOf(own, "set_up_messages");
      const bytes = medianOf(own, "set_up_bytes");
      if (messages === undefined || bytes === undefined) return undefined;
      return `64 validators: ${numeral(messages)} messages, ${numeral(bytes / 1e6)} MB (certificates below)`;
    },
    reason:
      "The bytes do grow with n³, for each of n² messages carries a list. Lists and aggregates need each member's own key alone: who is replaced sends one.",
  },
];

function flows(results: EngineResults): ReturnType<typeof itemsOf> {
  return itemsOf(itemsIn(results, "virtual"), { part: "flow", redundant: 0 });
}

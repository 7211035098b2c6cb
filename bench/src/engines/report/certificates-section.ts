import type { Facts } from "@voltfog/runtime";
import { type EngineResults, itemsIn, rowsIn } from "./engine-results.ts";
import { type Cell, numeral, tableText } from "./html-text.ts";
import { type LineSeries, linePlot } from "./plot/line-plot.ts";
import type { Ink } from "./plot/mark.ts";
import { itemsOf, medianOf, numbersOf, rowValue } from "./result-items.ts";

const forms: readonly { readonly form: string; readonly name: string; readonly ink: Ink }[] = [
  { form: "ed25519-list", name: "list of Ed25519 signatures", ink: "poa" },
  { form: "bls-aggregate", name: "BLS aggregate", ink: "pbft" },
  { form: "bls-aggregate-own-delay", name: "BLS aggregate, each over its delay", ink: "linear" },
  { form: "bls-threshold", name: "BLS threshold, Joint-Feldman", ink: "sbft" },
];

const columns = [
  ["certificate_bytes", "bytes"],
  ["sign_us", "sign, µs"],
  ["combine_us", "combine, µs"],
  ["verify_us", "verify, µs"],
  ["set_up_messages", "set-up, messages"],
  ["set_up_bytes", "set-up, bytes"],
  ["set_up_cpu_ms", "set-up, ms of each"],
  ["re_key_messages", "one replaced, messages"],
  ["re_key_bytes", "one replaced, bytes"],
] as const;

const shownSizes = [4, 20, 64];

/** What a certificate costs in each form: the thesis's threshold keys, measured. */
export function certificatesSection(results: EngineResults): string {
  const items = itemsIn(results, "certificates");
  const body = items.length === 0 ? "<p>Not measured yet.</p>" : measured(results, items);
  return `<section aria-labelledby="certificates"><h2 id="certificates">Certificates: list, aggregate, threshold</h2>
<p>Linear BFT and SBFT rest on threshold signatures, whose keys all validators make together and make again for every change of the members (thesis, §3.3.3: O(n³) messages, not measured there).</p>
${body}</section>`;
}

function measured(results: EngineResults, items: readonly Facts[]): string {
  const even = rowValue(rowsIn(results, "certificates"), "certificates.break_even_validators");
  const when =
    even === undefined
      ? ""
      : `<p>From ${numeral(even)} validators on an aggregate is cheaper to verify than a list.</p>`;
  const plots = [
    { metric: "certificate_bytes", title: "Bytes of a certificate", yLabel: "bytes" },
    { metric: "verify_us", title: "Verifying a certificate", yLabel: "processor time, µs" },
    { metric: "set_up_bytes", title: "Making the keys, all traffic", yLabel: "bytes" },
  ].map(({ metric, title, yLabel }) =>
    linePlot({
      ...{ id: `certificates-${metric.replaceAll("_", "-")}`, yLabel },
      ...{ title: `${title}, by validators`, xLabel: "validators", yScale: "log" },
      series: forms.map(({ form, name, ink }) => ({
        name,
        ink,
        points: pointsOf(items, form, metric),
      })),
    }),
  );
  return `${when}${plots.join("")}${tableText({
    caption: "Certificates by form, medians",
    heads: ["form", "n", ...columns.map(([, words]) => words)],
    lines: forms.flatMap(({ form, name }) =>
      shownSizes.map((n): Cell[] => {
        const own = itemsOf(items, { form, n });
        return [name, n, ...columns.map(([metric]) => medianOf(own, metric))];
      }),
    ),
  })}`;
}

/** A logarithmic axis has no place for nothing. */
function pointsOf(items: readonly Facts[], form: string, metric: string): LineSeries["points"] {
  const own = itemsOf(items, { form });
  return numbersOf(own, "n").flatMap((n) => {
    const y = medianOf(itemsOf(own, { n }), metric);
    return y === undefined || y <= 0 ? [] : [{ x: n, y }];
  });
}

import type { Report, ReportRow } from "@voltfog/runtime";
import { goalText, numberText } from "../../report/number-text.ts";
import type { EngineResults, ResultName } from "./engine-results.ts";
import { escaped } from "./html-text.ts";

/** How each part is made. */
const commands: Readonly<Record<ResultName, string>> = {
  battery: "voltfog bench engines --experiment battery",
  trades: "voltfog bench engines --experiment trades",
  soak: "voltfog bench engines --experiment soak",
  virtual: "voltfog bench engines --experiment virtual",
  certificates: "voltfog bench certificates",
};

/** Everything that was promised of the engines beside what came out, and what is not there yet. */
export function goalsSection(results: EngineResults): string {
  const rows = Object.values(results)
    .flat()
    .flatMap(({ rows: own }: Report) => own.filter(({ goal }) => goal !== null));
  const missing = Object.keys(commands).filter((name) => results[name as ResultName] === undefined);
  const met = rows.filter((row) => row.met === true).length;
  const absent =
    missing.length === 0
      ? ""
      : `<p>Not measured yet, so left out below: ${missing.map((name) => `<code>${commands[name as ResultName]}</code>`).join(", ")}.</p>`;
  return `<section aria-labelledby="goals"><h2 id="goals">Goals</h2>${absent}<p>${met} of ${rows.length} met.</p>
<div class="scroll" tabindex="0" role="group" aria-label="Goals"><table><caption>Goals of the design, and the medians reached</caption>
<thead><tr><th scope="col">metric</th><th scope="col">median</th><th scope="col">min – max</th><th scope="col">values</th><th scope="col">unit</th><th scope="col">goal</th><th scope="col">met</th></tr></thead>
<tbody>${rows.map(lineText).join("\n")}</tbody></table></div></section>`;
}

function lineText(row: ReportRow): string {
  const said =
    row.met === true ? '<span class="met">met</span>' : '<span class="missed">missed</span>';
  return `<tr><th scope="row">${escaped(row.metric)}</th><td class="n">${numberText(row.value)}</td><td class="n">${numberText(row.min)} – ${numberText(row.max)}</td><td class="n">${row.n}</td><td>${escaped(row.unit)}</td><td class="n">${goalText(row)}</td><td>${said}</td></tr>`;
}

import type { Report, ReportRow } from "@voltfog/runtime";

/** One result on the page. */
export interface ShownReport {
  readonly name: string;
  readonly title: string;
  readonly command: string;
  readonly report: Report;
}

const style = `
:root { color-scheme: light dark; --ink: #16202a; --paper: #fff; --line: #c9d2da; --good: #1b7f4d; --bad: #b3261e; --bar: #5b7fa6; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --paper: #10161c; --line: #36424d; --good: #5fd39a; --bad: #ff8a80; --bar: #7fa6d1; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 62rem; margin: 0 auto; padding: 1rem; }
table { border-collapse: collapse; width: 100%; } th, td { border-bottom: 1px solid var(--line); padding: .25rem .5rem; text-align: left; }
td.n { text-align: right; font-variant-numeric: tabular-nums; } .scroll { overflow-x: auto; }
caption { text-align: left; font-weight: 600; } code { overflow-wrap: anywhere; }
.met { color: var(--good); } .missed { color: var(--bad); font-weight: 600; }
svg { vertical-align: middle; }`;

/** A page without scripts or anything from elsewhere: every result beside its goal, and how to make it again. */
export function reportPage(shown: readonly ShownReport[]): string {
  const goals = shown.flatMap(({ report }) => report.rows.filter(({ goal }) => goal !== null));
  const met = goals.filter((row) => row.met === true).length;
  const machine = shown[0]?.report.machine;
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Voltfog: evaluations</title><style>${style}</style></head>
<body>
<h1>Evaluations</h1>
<p>${met} of ${goals.length} goals met. Bars show a value against its goal, which is the line: beyond it is better for
“at least”, before it for “at most”. Results on packs that were simulated say so. Made by <code>voltfog evaluate report</code>${machine === undefined ? "" : `, Node ${text(machine.node)}`}.</p>
<nav aria-label="Results"><ul>${shown.map(({ name, title }) => `<li><a href="#${name}">${text(title)}</a></li>`).join("")}</ul></nav>
<section aria-labelledby="looks"><h2 id="looks">Looks at test data</h2>
<p>Models and rules were chosen on training data. Each look at a test split is noted where its figures stand:
docs/specs/battery-models.md, health-models.md, thermal-alert.md and pack-simulator.md. Where
a look shaped a choice, those pages say so. Every making of this page is one more look.</p></section>
${shown.map(section).join("\n")}
</body></html>
`;
}

function section({ name, title, command, report }: ShownReport): string {
  const rows = report.rows.map((row) => line(row)).join("");
  return `<section aria-labelledby="${name}"><h2 id="${name}">${text(title)}</h2>
<p>${text(report.method)}</p><p><code>${text(command)}</code>, commit ${text(report.commit)}</p>
<div class="scroll" tabindex="0" role="group" aria-label="${text(title)}"><table><caption>${text(title)}: figures</caption>
<thead><tr><th scope="col">metric</th><th scope="col">value</th><th scope="col">unit</th><th scope="col">goal</th><th scope="col">against the goal</th></tr></thead>
<tbody>${rows}</tbody></table></div></section>`;
}

function line(row: ReportRow): string {
  const said =
    row.met === null ? "" : row.met ? '<span class="met">met</span>' : '<span class="missed">missed</span>'; // biome-ignore format: one choice
  // Which side is good shows in whether it was met.
  const sign = row.value === row.goal ? "" : row.met === row.value < (row.goal ?? 0) ? "≤" : "≥";
  const wanted = row.goal === null ? "" : `${sign} ${number(row.goal)}`;
  return `<tr><th scope="row">${text(row.metric)}</th><td class="n">${number(row.value)}</td><td>${text(row.unit)}</td><td class="n">${wanted}</td><td>${bar(row)} ${said}</td></tr>`;
}

/** A bar whose full width is twice the goal. */
function bar({ value, goal }: ReportRow): string {
  if (goal === null || goal === 0) return "";
  const width = Math.round(100 * Math.min(2, Math.max(0, value / goal)));
  return `<svg width="204" height="14" role="img" aria-label="${number(value)} of ${number(goal)}"><rect x="0" y="2" width="${width}" height="10" fill="var(--bar)"/><line x1="100" x2="100" y1="0" y2="14" stroke="var(--ink)" stroke-width="2"/></svg>`;
}

function number(value: number): string {
  return new Intl.NumberFormat("en-GB", { maximumSignificantDigits: 4 }).format(value);
}

function text(value: string): string {
  return value
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

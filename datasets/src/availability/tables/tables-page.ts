import { statusClasses } from "@voltfog/forecasting";
import type { ScoredModel, TimedModel } from "../scored-model.ts";
import type { PublishedRow } from "./published-figures.ts";

/** One charge point's forecast, as the published figures 12 and 13 show five. */
export interface PointPanel {
  readonly pointId: string;
  readonly at_ms: number;
  /** Place of the class that it then was. */
  readonly truth: number;
  readonly shares: readonly number[];
}

/** How far ahead the boosted trees are of the best baseline, by the Brier score. */
export interface HorizonSkill {
  readonly horizon_min: number | "next";
  readonly brier: number;
  readonly ece: number;
  readonly best: string;
  readonly bestBrier: number;
  readonly skill: number;
}

/** Everything that the page says of one network. */
export interface NetworkTables {
  readonly network: "belib" | "esb";
  readonly classes: readonly string[];
  readonly published: Readonly<Partial<Record<string, PublishedRow>>>;
  /** Rows that were learnt from. */
  readonly rows: { readonly leaky: number; readonly honest: number };
  readonly trackP: readonly TimedModel[];
  readonly trackPBaselines: readonly ScoredModel[];
  readonly trackH: readonly TimedModel[];
  readonly trackHBaselines: readonly ScoredModel[];
  readonly ahead: readonly HorizonSkill[];
  /** Brier score of the logistic regression without a group of features; 0 features: it is in no file. */
  readonly ablation: readonly {
    readonly left: string;
    readonly brier: number;
    readonly features: number;
  }[];
  readonly panels: readonly PointPanel[];
}

const titles = {
  belib: "Belib', Paris (published table 1)",
  esb: "ESB ecars, Ireland, for Enefit VOLT (published table 2)",
} as const;
const longNames: Readonly<Record<string, string>> = {
  ann: "Artificial neural network",
  knn: "k nearest neighbours",
  lr: "Logistic regression",
  rf: "Random forest",
  svm: "Support vector machine",
  gbt: "Boosted trees",
};
/** Told apart by lightness too, for eyes that do not tell colours apart. */
const inks = ["#1b7f4d", "#c77700", "#7a1f2b", "#5b7fa6", "#777777"];

const style = `
:root { color-scheme: light dark; --ink: #16202a; --paper: #fff; --line: #c9d2da; --own: #2f6db3; --theirs: #b8860b; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --paper: #10161c; --line: #36424d; --own: #7fb0e6; --theirs: #e0b64a; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 64rem; margin: 0 auto; padding: 1rem; }
table { border-collapse: collapse; width: 100%; } th, td { border-bottom: 1px solid var(--line); padding: .25rem .5rem; text-align: left; }
td { text-align: right; font-variant-numeric: tabular-nums; } caption { text-align: left; font-weight: 600; padding: .5rem 0; }
.scroll { overflow-x: auto; } .panels { display: flex; flex-wrap: wrap; gap: 1rem; padding: 0; list-style: none; } svg { max-width: 100%; height: auto; }`;

/** A page without scripts or anything from elsewhere. */
export function tablesPage(made: readonly NetworkTables[], method: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Voltfog: charger availability, published and honest</title><style>${style}</style></head>
<body>
<h1>Charger availability: the published tables, and an honest one</h1>
<p>${text(method)}</p>
<p>Made by <code>voltfog evaluate tables</code>.</p>
${made.map(section).join("\n")}
</body></html>
`;
}

function section(tables: NetworkTables): string {
  const { network, rows } = tables;
  return `<section aria-labelledby="${network}"><h2 id="${network}">${text(titles[network])}</h2>
${scores(`Track P: split by chance, leaky by construction; ${rows.leaky} rows learnt from`, [...tables.trackPBaselines, ...tables.trackP], tables.published)}
${bars(tables)}
${scores(`Track H: split by time; ${rows.honest} rows learnt from`, [...tables.trackHBaselines, ...tables.trackH], {})}
${aheadTable(tables)}
${times(tables)}
${ablationTable(tables)}
${panels(tables)}
</section>`;
}

function scores(
  caption: string,
  models: readonly ScoredModel[],
  published: NetworkTables["published"],
): string {
  const hasPublished = Object.keys(published).length > 0;
  const lines = models.map(({ name, scores: { accuracy, weighted, macro, mcc, brier, ece } }) => {
    const theirs = published[name];
    const own = [
      ...[weighted.recall, weighted.precision, weighted.f1, weighted.f1OfAverages],
      ...[macro.f1, accuracy].map((one) => one),
    ].map(percent);
    const said =
      theirs === undefined
        ? ["", "", ""]
        : [theirs.recall_pct, theirs.precision_pct, theirs.f1_pct].map((one) => one.toFixed(2));
    const cells = [...own, mcc.toFixed(3), brier.toFixed(3), ece.toFixed(3)];
    return row(longNames[name] ?? `${name} (baseline)`, [...cells, ...(hasPublished ? said : [])]);
  });
  const heads = [
    ...["recall %", "precision %", "F1 %", "F1 of averages %", "macro F1 %", "accuracy %"],
    ...["MCC", "Brier", "calibration error"],
    ...(hasPublished ? ["published recall %", "precision %", "F1 %"] : []),
  ];
  return table(caption, ["model", ...heads], lines);
}

function aheadTable({ ahead }: NetworkTables): string {
  return table(
    "Further ahead: boosted trees against the best baseline (Track H)",
    ["ahead", "Brier", "best baseline", "its Brier", "skill %", "calibration error"],
    ahead.map(({ horizon_min, brier, best, bestBrier, skill, ece }) =>
      row(horizon_min === "next" ? "next snapshot" : `${horizon_min} min`, [
        ...[brier.toFixed(4), best, bestBrier.toFixed(4), percent(skill), ece.toFixed(4)],
      ]),
    ),
  );
}

function times({ trackH }: NetworkTables): string {
  return table(
    "Time: fitting, and one prediction through ONNX",
    ["model", "fit s", "prediction ms, median", "99th percentile"],
    trackH.map(({ name, fit_s, predict_ms }) =>
      row(longNames[name] ?? name, [
        fit_s.toFixed(1),
        predict_ms.p50.toFixed(3),
        predict_ms.p99.toFixed(3),
      ]),
    ),
  );
}

function ablationTable({ ablation, trackH }: NetworkTables): string {
  const whole = trackH.find(({ name }) => name === "lr")?.scores.brier ?? 0;
  return table(
    "What features are worth: logistic regression without them (Track H)",
    ["left out", "features", "Brier", "worse by"],
    [
      ...ablation.map(({ left, brier, features }) =>
        features === 0
          ? row(left, ["0", "absent", ""])
          : row(left, [String(features), brier.toFixed(4), (brier - whole).toFixed(4)]),
      ),
      row("traffic", ["0", "absent", ""]),
      row("weather", ["0", "absent", ""]),
      row("nothing", ["", whole.toFixed(4), ""]),
    ],
  );
}

/** F1 of each model beside the published one, as in figure 11. */
function bars({ trackP, published, network }: NetworkTables): string {
  const [height, step, most] = [180, 110, 150];
  const parts = trackP.map(({ name, scores: { weighted } }, i) => {
    const own = most * weighted.f1;
    const theirs = (most * (published[name]?.f1_pct ?? 0)) / 100;
    const x = 40 + i * step;
    return `<rect x="${x}" y="${160 - own}" width="34" height="${own}" fill="var(--own)"/><rect x="${x + 38}" y="${160 - theirs}" width="34" height="${theirs}" fill="var(--theirs)"/><text x="${x}" y="176" fill="currentColor" font-size="13">${name}</text><text x="${x}" y="${154 - own}" fill="currentColor" font-size="11">${percent(weighted.f1)}</text><text x="${x + 38}" y="${154 - theirs}" fill="currentColor" font-size="11">${(published[name]?.f1_pct ?? 0).toFixed(1)}</text>`;
  });
  const said = trackP
    .map(
      ({ name, scores: { weighted } }) =>
        `${name} ${percent(weighted.f1)} against ${published[name]?.f1_pct ?? 0}`,
    )
    .join(", ");
  return `<figure><svg viewBox="0 0 600 ${height}" width="600" height="${height}" role="img" aria-label="Weighted F1 in per cent, ours against published: ${said}" id="bars-${network}">${parts.join("")}</svg><figcaption>Weighted F1 in %, Track P: ours left (blue), published right (ochre).</figcaption></figure>`;
}

/** Class percentages of five points, as in figures 12 and 13. */
function panels({ panels: shown, classes }: NetworkTables): string {
  const items = shown.map(({ pointId, at_ms, truth, shares }) => {
    const at = new Date(at_ms).toISOString().slice(0, 16).replace("T", " ");
    const lines = classes.map((name, c) => {
      const share = shares[c] ?? 0;
      const y = 8 + 22 * c;
      return `<rect x="0" y="${y}" width="${(180 * share).toFixed(1)}" height="12" fill="${inks[c % inks.length]}"/><text x="186" y="${y + 11}" fill="currentColor" font-size="12">${text(name)} ${(100 * share).toFixed(2)} %</text>`;
    });
    return `<li><strong>${text(pointId)}</strong><br>${at} UTC, was ${text(classes[truth] ?? "")}<br><svg viewBox="0 0 360 ${10 + 22 * classes.length}" width="360" height="${10 + 22 * classes.length}" role="img" aria-label="${classes.map((name, c) => `${text(name)} ${(100 * (shares[c] ?? 0)).toFixed(2)} %`).join(", ")}">${lines.join("")}</svg></li>`;
  });
  return `<h3>Class percentages of five points, by the neural network (Track H)</h3><p>From the surest to the least sure. Classes that this network never says: ${absent(classes)}.</p><ul class="panels">${items.join("")}</ul>`;
}

function absent(classes: readonly string[]): string {
  return statusClasses.filter((name) => !classes.includes(name)).join(", ");
}

function table(caption: string, heads: readonly string[], lines: readonly string[]): string {
  const head = heads.map((one) => `<th scope="col">${text(one)}</th>`).join("");
  return `<div class="scroll" tabindex="0" role="group" aria-label="${text(caption)}"><table><caption>${text(caption)}</caption><thead><tr>${head}</tr></thead><tbody>${lines.join("")}</tbody></table></div>`;
}

function row(name: string, cells: readonly string[]): string {
  return `<tr><th scope="row">${text(name)}</th>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
}

function percent(share: number): string {
  return (100 * share).toFixed(2);
}

function text(value: string): string {
  return value
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

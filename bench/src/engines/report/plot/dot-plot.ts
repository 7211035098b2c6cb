import { escaped, numeral } from "../html-text.ts";
import { figureText, type LegendEntry } from "./figure.ts";
import { type Ink, markText, round } from "./mark.ts";
import { linearScale, logScale, tickText } from "./scale.ts";

/** One value of a row; a row may have several of different kinds. */
export interface Dot {
  /** What kind of value it is, as in the legend. */
  readonly kind: string;
  readonly ink: Ink;
  readonly value: number;
}

export interface DotPlot {
  readonly id: string;
  readonly title: string;
  /** With the unit. */
  readonly xLabel: string;
  readonly xScale: "linear" | "log";
  /** Those without dots are left out; where none is left there is no figure. */
  readonly rows: readonly { readonly name: string; readonly dots: readonly Dot[] }[];
}

const [width, left, right, rowHeight, top] = [640, 150, 622, 34, 10];

/** Rows of dots along one axis: published values beside measured ones, also where they lie far apart. */
export function dotPlot(plot: DotPlot): string {
  const rows = plot.rows.filter(({ dots }) => dots.length > 0);
  if (rows.length === 0) return "";
  const dots = rows.flatMap((row) => row.dots);
  const values = dots.map(({ value }) => value);
  const scale = plot.xScale === "log" ? logScale(values) : linearScale(values);
  const column = (value: number): number => left + (right - left) * scale.place(value);
  const bottom = top + rowHeight * rows.length;
  const ticks = scale.ticks.map((tick) => {
    const x = round(column(tick));
    return `<line class="grid" x1="${x}" x2="${x}" y1="${top}" y2="${bottom}"/><text x="${x}" y="${bottom + 18}" text-anchor="middle">${tickText(tick)}</text>`;
  });
  const lines = rows.map((row, i) => {
    const y = top + rowHeight * (i + 0.5);
    const columns = row.dots.map(({ value }) => column(value));
    const [from, to] = [round(Math.min(...columns)), round(Math.max(...columns))];
    const marks = row.dots.map(({ ink, value }) => markText(ink, { x: column(value), y }));
    return `<text x="${left - 10}" y="${y + 4}" text-anchor="end">${escaped(row.name)}</text><line class="axis" x1="${from}" x2="${to}" y1="${y}" y2="${y}"/>${marks.join("")}`;
  });
  const label = `<text x="${(left + right) / 2}" y="${bottom + 38}" text-anchor="middle">${escaped(plot.xLabel)}</text>`;
  const kinds = kindsOf(dots);
  return figureText({
    id: plot.id,
    title: plot.title,
    summary: `${plot.xLabel}: ${rows.map((row) => `${row.name}: ${row.dots.map(({ kind, value }) => `${kind} ${numeral(value)}`).join(", ")}`).join("; ")}`,
    width,
    height: bottom + 46,
    drawing: [...ticks, ...lines, label].join(""),
    legend: kinds,
    table: {
      caption: `${plot.title}, ${plot.xLabel}`,
      heads: ["engine", ...kinds.map(({ name }) => name)],
      lines: rows.map((row) => [
        row.name,
        ...kinds.map(({ name }) => row.dots.find(({ kind }) => kind === name)?.value),
      ]),
    },
  });
}

function kindsOf(dots: readonly Dot[]): LegendEntry[] {
  const kinds = new Map<string, Ink>();
  for (const { kind, ink } of dots) if (!kinds.has(kind)) kinds.set(kind, ink);
  return [...kinds].map(([name, ink]) => ({ name, ink, isLine: false }));
}

import { escaped, type TableText, tableText } from "../html-text.ts";
import { dashOf, type Ink, markText } from "./mark.ts";

/** One entry of a legend. */
export interface LegendEntry {
  readonly name: string;
  readonly ink: Ink;
  /** Whether it is drawn as a line too. */
  readonly isLine: boolean;
}

export interface FigureText {
  readonly id: string;
  readonly title: string;
  /** What the eye sees, in a sentence, for who does not see it. */
  readonly summary: string;
  readonly width: number;
  readonly height: number;
  readonly drawing: string;
  readonly legend: readonly LegendEntry[];
  /** The same figures as text. */
  readonly table: TableText;
}

/** A drawing with its title, its legend and its figures as a table. */
export function figureText(figure: FigureText): string {
  const { id, title, summary, width, height, drawing, legend, table } = figure;
  return `<figure id="${id}"><figcaption>${escaped(title)}</figcaption>
<ul class="legend">${legend.map(entryText).join("")}</ul>
<div class="scroll" tabindex="0" role="group" aria-label="${escaped(title)}"><svg class="plot" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(summary)}">${drawing}</svg></div>
<details><summary>${escaped(`${title}: figures`)}</summary>${tableText(table)}</details></figure>`;
}

function entryText({ name, ink, isLine }: LegendEntry): string {
  const line = isLine
    ? `<line x1="0" x2="28" y1="7" y2="7" stroke="var(--${ink})" stroke-width="2" stroke-dasharray="${dashOf(ink)}"/>`
    : "";
  return `<li><svg width="28" height="14" viewBox="0 0 28 14" aria-hidden="true">${line}${markText(ink, { x: 14, y: 7 })}</svg> ${escaped(name)}</li>`;
}

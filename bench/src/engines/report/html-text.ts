/** Text that may stand anywhere in a page. */
export function escaped(value: string): string {
  return value
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/** A cell: text, or a number, which stands to the right. Empty where nothing is known. */
export type Cell = string | number | undefined;

const digits = new Intl.NumberFormat("en-GB", { maximumSignificantDigits: 4 });

/** Four digits, thousands apart. */
export function numeral(value: number): string {
  return digits.format(value);
}

export interface TableText {
  readonly caption: string;
  readonly heads: readonly string[];
  /** The first cell of a line is its head. */
  readonly lines: readonly (readonly Cell[])[];
}

/** A table that scrolls by itself where the page is narrow. */
export function tableText({ caption, heads, lines }: TableText): string {
  const head = heads.map((each) => `<th scope="col">${escaped(each)}</th>`).join("");
  const body = lines.map((line) => `<tr>${line.map(cellText).join("")}</tr>`).join("\n");
  return `<div class="scroll" tabindex="0" role="group" aria-label="${escaped(caption)}"><table><caption>${escaped(caption)}</caption>
<thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}

function cellText(cell: Cell, place: number): string {
  const said = cell === undefined ? "–" : typeof cell === "number" ? numeral(cell) : escaped(cell);
  if (place === 0) return `<th scope="row">${said}</th>`;
  return typeof cell === "number" ? `<td class="n">${said}</td>` : `<td>${said}</td>`;
}

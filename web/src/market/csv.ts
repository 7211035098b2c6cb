/** A cell of a table; null is empty. */
type Cell = string | number | boolean | null;

/** The address of a CSV file (RFC 4180) with these rows, for a link that downloads it; all rows have the same keys. */
export function csvAddress(rows: readonly Readonly<Record<string, Cell>>[]): string {
  const [first] = rows;
  const heads = first === undefined ? [] : Object.keys(first);
  const lines = [heads, ...rows.map((row) => heads.map((head) => row[head] ?? null))];
  const text = lines.map((line) => line.map(cellText).join(",")).join("\r\n");
  return `data:text/csv;charset=utf-8,${encodeURIComponent(text)}`;
}

function cellText(cell: Cell): string {
  const text = cell === null ? "" : String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

import type { PlainTable } from "../store/side-database.ts";

/**
 * A table as CSV (RFC 4180, CRLF, a line of names first). A text that a spreadsheet would take for a formula
 * gets an apostrophe before it; nulls are empty.
 */
export function csvOf({ columns, rows }: PlainTable): string {
  const lines = [columns.map(({ name }) => cellOf(name)), ...rows.map((row) => row.map(cellOf))];
  return lines.map((line) => `${line.join(",")}\r\n`).join("");
}

function cellOf(value: number | string | null): string {
  if (value === null) return "";
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : "";
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

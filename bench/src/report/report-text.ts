import type { Report, ReportRow } from "@voltfog/runtime";
import { goalText, numberText } from "./number-text.ts";

const columns = ["metric", "median", "min", "max", "n", "unit", "goal", ""];

/** The report for a terminal: a table of its rows, then how it was measured. */
export function reportText(report: Report): string {
  const lines = [columns, ...report.rows.map((row) => cells(row))];
  const widths = columns.map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)));
  const table = lines.map((line) =>
    line
      .map((text, i) =>
        i > 0 && i < 5 ? text.padStart(widths[i] ?? 0) : text.padEnd(widths[i] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
  const { cpu, cores, os, node } = report.machine;
  return [
    ...table,
    "",
    report.method,
    `${cores} × ${cpu}, ${os}, Node ${node}; commit ${report.commit}`,
  ].join("\n");
}

function cells(row: ReportRow): string[] {
  const verdict = row.met === null ? "" : row.met ? "met" : "MISSED";
  return [
    row.metric,
    numberText(row.value),
    numberText(row.min),
    numberText(row.max),
    String(row.n),
    row.unit,
    goalText(row),
    verdict,
  ];
}

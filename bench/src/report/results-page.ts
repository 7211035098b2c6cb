import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Report, ReportRow } from "@voltfog/runtime";
import { replaceFileSync } from "@voltfog/runtime/node";
import { goalText, numberText } from "./number-text.ts";

/** Keeps the report as <name>.json in a folder and makes the folder's README.md anew from all that are there. */
export function saveResult(folder: string, report: Report): void {
  replaceFileSync(join(folder, `${report.name}.json`), `${JSON.stringify(report, null, 2)}\n`);
  replaceFileSync(join(folder, "README.md"), resultsPage(readReports(folder)));
}

function readReports(folder: string): Report[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .sort()
    .map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as unknown)
    .filter(isReport);
}

function isReport(value: unknown): value is Report {
  const { name, rows, machine } = value as Partial<Report>;
  return typeof name === "string" && Array.isArray(rows) && typeof machine === "object";
}

/** A page of tables, one per report. */
export function resultsPage(reports: readonly Report[]): string {
  const intro =
    "# Results\n\nMade by the commands that stand above the tables; the JSON files beside this page hold every repeat and setting. Values are medians, with the least and the greatest of the repeats.\n";
  return [intro, ...reports.map(section)].join("\n");
}

function section(report: Report): string {
  const { cpu, cores, memory_MB, os, node } = report.machine;
  return [
    `## ${report.name}\n`,
    "```sh",
    commandOf(report),
    "```\n",
    `${report.method}\n`,
    "| metric | median | min – max | n | unit | goal | met |",
    "|---|--:|--:|--:|---|---|---|",
    ...report.rows.map((row) => tableLine(row)),
    "",
    `Machine: ${cores} × ${cpu}, ${Math.round(memory_MB / 1024)} GB, ${os}, Node ${node}. Commit ${report.commit}.`,
    "",
  ].join("\n");
}

/** A command that is no bench says in its inputs how it was called. */
function commandOf({ name, inputs }: Report): string {
  const own = inputs["command"];
  return typeof own === "string" ? own : `voltfog bench ${name} --out bench/results`;
}

function tableLine(row: ReportRow): string {
  const cells = [
    row.metric,
    numberText(row.value),
    `${numberText(row.min)} – ${numberText(row.max)}`,
    String(row.n),
    row.unit,
    goalText(row),
    row.met === null ? "" : row.met ? "yes" : "**no**",
  ];
  return `| ${cells.join(" | ")} |`;
}

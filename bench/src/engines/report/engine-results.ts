import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CodedError, type Facts, type Report, type ReportRow } from "@voltfog/runtime";

/** The parts that the page is made of. */
export type ResultName = "battery" | "trades" | "soak" | "virtual" | "certificates";

/** The files of each part: one for each size that was run. */
const resultFiles: Readonly<Record<ResultName, RegExp>> = {
  battery: /^engines-battery(?:-[\w-]+)?\.json$/,
  trades: /^engines-trades(?:-[\w-]+)?\.json$/,
  soak: /^engines-soak(?:-[\w-]+)?\.json$/,
  virtual: /^engines-virtual\.json$/,
  certificates: /^certificates\.json$/,
};

/** What was measured so far. */
export type EngineResults = Readonly<Partial<Record<ResultName, readonly Report[]>>>;

/**
 * The results of the engines' experiments in a folder; those that are not there are left out.
 * RESULT_UNREADABLE where one of them is no result.
 */
export function readEngineResults(folder: string): EngineResults {
  const files = existsSync(folder) ? readdirSync(folder).sort() : [];
  const found = Object.entries(resultFiles).map(([name, pattern]) => {
    const own = files.filter((file) => pattern.test(file));
    return [name, own.map((file) => readReport(join(folder, file)))] as const;
  });
  return Object.fromEntries(found.filter(([, reports]) => reports.length > 0));
}

/** All items of one part. */
export function itemsIn(results: EngineResults, name: ResultName): readonly Facts[] {
  return (results[name] ?? []).flatMap(({ items }) => items);
}

/** All rows of one part. */
export function rowsIn(results: EngineResults, name: ResultName): readonly ReportRow[] {
  return (results[name] ?? []).flatMap(({ rows }) => rows);
}

function readReport(file: string): Report {
  try {
    const report = JSON.parse(readFileSync(file, "utf8")) as Partial<Report>;
    const { name, method, rows, items, machine } = report;
    const isReport =
      [name, method].every((each) => typeof each === "string") &&
      [rows, items].every((each) => Array.isArray(each)) &&
      typeof machine === "object";
    if (isReport) return report as Report;
  } catch {
    // Said below, as for every other file that is no result.
  }
  throw new CodedError({
    code: "RESULT_UNREADABLE",
    message: `${file} holds no result`,
    remedy: "run the experiment again with --out",
  });
}

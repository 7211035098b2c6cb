import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Report } from "@voltfog/runtime";
import { replaceFileSync, systemClock } from "@voltfog/runtime/node";
import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { complaint } from "../complaint.ts";
import { showTaskProgress } from "../task-flags.ts";

interface ReportFlags {
  readonly datasets?: string;
  readonly out: string;
  readonly only?: string;
  readonly quick?: boolean;
}

/** `voltfog evaluate report`: all evaluations, one page. */
export function evaluateReportCommand({ terminal, self }: CommandContext): Command {
  return new Command("report")
    .summary("Run every evaluation on the public datasets and make one page of all results")
    .description(
      "Runs every evaluation and writes one JSON file per result and index.html, with goals beside results. Needs all public datasets; takes some minutes.",
    )
    .option("--datasets <dir>", "folder of the datasets; VOLTFOG_DATASETS, else the shipped ones")
    .option("--out <dir>", "folder of the page", "bench/results/evaluations")
    .option(
      "--only <text>",
      "run only results whose name begins so, as in soc or thermal-; the page shows the others as they stand in the folder",
    )
    .option("--quick", "less of each")
    .addHelpText("after", "\nExample:\n  voltfog evaluate report --datasets DIR --out report")
    .action(async (flags: ReportFlags) => {
      const { datasetRoot, reportJobs, reportPage } = await import("@voltfog/datasets");
      const { runExperiment } = await import("@voltfog/bench");
      const root = datasetRoot({ flag: flags.datasets, environment: process.env });
      const jobs = reportJobs(root);
      if (!jobs.some(({ name }) => name.startsWith(flags.only ?? ""))) {
        throw complaint({
          code: "FLAG_INVALID",
          what: `no result's name begins with ${JSON.stringify(flags.only)}`,
          remedy: `names are ${jobs.map(({ name }) => name).join(", ")}`,
        });
      }
      const show = showTaskProgress(terminal);
      mkdirSync(flags.out, { recursive: true });
      const shown: { name: string; title: string; command: string; report: Report }[] = [];
      for (const [done, { name, title, command, evaluation, flags: own }] of jobs.entries()) {
        const file = join(flags.out, `${name}.json`);
        if (!name.startsWith(flags.only ?? "")) {
          const kept = keptReport(file);
          if (kept !== undefined) shown.push({ name, title, command, report: kept });
          continue;
        }
        show({ done, total: jobs.length, doing: title });
        const run = async (): Promise<Report> => {
          const progress = (): void => {};
          const isQuick = flags.quick === true;
          return runExperiment(
            {
              name,
              summary: title,
              run: async ({ clock }) =>
                (await evaluation.run({ flags: own, clock, isQuick, progress })).findings,
            },
            { clock: systemClock, self, isQuick, keep: undefined, out: undefined, progress },
          );
        };
        const report = await run();
        // Where somebody keeps the datasets is no part of a result.
        const text = JSON.stringify(report, null, 1).replaceAll(join(root, "/"), "");
        replaceFileSync(file, `${text}\n`);
        shown.push({ name, title, command, report });
      }
      terminal.progressDone();
      replaceFileSync(join(flags.out, "index.html"), reportPage(shown));
      terminal.print(`${shown.length} results in ${join(flags.out, "index.html")}`);
    });
}

/** A result that an earlier run left; undefined where there is none. */
function keptReport(file: string): Report | undefined {
  if (!existsSync(file)) return undefined;
  return JSON.parse(readFileSync(file, "utf8")) as Report;
}

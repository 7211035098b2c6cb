import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Clock, Report } from "@voltfog/runtime";
import { replaceFileSync } from "@voltfog/runtime/node";
import { openWorkFolder } from "./measure/work-folder.ts";
import type { Experiment, ShowProgress } from "./report/experiment.ts";
import { thisMachine } from "./report/machine.ts";
import { saveResult } from "./report/results-page.ts";
import { sourceCommit } from "./report/source-commit.ts";

export interface RunOptions {
  readonly clock: Clock;
  /** The command that starts the product's command line. */
  readonly self: readonly string[];
  readonly isQuick: boolean;
  /** Empty or new folder that keeps what the figures were counted from, and the report. */
  readonly keep: string | undefined;
  /** Folder of result files and their page; this result goes there too. */
  readonly out: string | undefined;
  readonly progress: ShowProgress;
  /** The experiment's own flags; its fallbacks where not given. */
  readonly flags?: Readonly<Record<string, string>>;
}

/** Runs one experiment and gives its report. Its files are gone afterwards unless they are to be kept. */
export async function runExperiment(experiment: Experiment, options: RunOptions): Promise<Report> {
  const folder = openWorkFolder(options.keep);
  const isKept = options.keep !== undefined;
  const remove = (): void => {
    if (!isKept) rmSync(folder, { recursive: true, force: true });
  };
  process.once("exit", remove); // A run that a signal ends does not come to the last line below.
  const commit = sourceCommit(); // Before the run: sources may change while it lasts.
  try {
    const { clock, self, isQuick, progress } = options;
    const fallbacks = (experiment.flags ?? []).map(({ name, fallback }) => [name, fallback]);
    const flags = { ...Object.fromEntries(fallbacks), ...options.flags };
    const findings = await experiment.run({
      ...{ clock, self, isQuick, folder, isKept, progress, flags },
    });
    const report: Report = {
      name: experiment.resultName?.(flags) ?? experiment.name,
      commit,
      machine: thisMachine(),
      ...findings,
    };
    if (isKept) {
      replaceFileSync(join(folder, "report.json"), `${JSON.stringify(report, null, 2)}\n`);
    }
    if (options.out !== undefined) saveResult(options.out, report);
    return report;
  } finally {
    remove();
    process.off("exit", remove);
  }
}

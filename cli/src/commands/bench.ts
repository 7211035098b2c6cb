import { constants } from "node:os";
import type { Experiment } from "@voltfog/bench";
import { systemClock } from "@voltfog/runtime/node";
import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { progressText } from "../progress-text.ts";
import { benchReportCommand } from "./bench-report.ts";

interface BenchFlags {
  readonly json?: boolean;
  readonly quick?: boolean;
  readonly keep?: string;
  readonly out?: string;
  /** The experiment's own. */
  readonly [name: string]: string | boolean | undefined;
}

/** `voltfog bench`: measures on this machine. */
export async function benchCommand(context: CommandContext): Promise<Command> {
  const command = new Command("bench").description(
    "Measures speed on this machine, beside its peers.",
  );
  const { experiments } = await import("@voltfog/bench");
  for (const experiment of experiments) command.addCommand(oneCommand(experiment, context));
  command.addCommand(benchReportCommand(context));
  return command.addHelpText(
    "after",
    "\nFigures depend on what else the machine does: stop other work first.\n\nExamples:\n  voltfog bench log --quick\n  voltfog bench ingest --json > ingest.json",
  );
}

function oneCommand(experiment: Experiment, context: CommandContext): Command {
  const command = new Command(experiment.name);
  const own = experiment.flags ?? [];
  for (const { name, value, description, fallback } of own) {
    command.option(`--${name} <${value}>`, description, fallback);
  }
  return command
    .summary(experiment.summary)
    .description(`${experiment.summary}.`)
    .option("--json", "print {name, commit, machine, method, inputs, rows, items} as JSON")
    .option("--quick", "fewer and shorter repeats, at most three minutes")
    .option("--keep <dir>", "leave there what the figures were counted from; an empty folder")
    .option("--out <dir>", "write the result there too, and the page of all results in it")
    .addHelpText(
      "after",
      `\nExamples:\n  voltfog bench ${experiment.name}\n  voltfog bench ${experiment.name} --quick --json\n  voltfog bench ${experiment.name} --out bench/results`,
    )
    .action(async (flags: BenchFlags) => {
      const { reportText, runExperiment } = await import("@voltfog/bench");
      const { terminal } = context;
      endOnSignal();
      const report = await runExperiment(experiment, {
        clock: systemClock,
        self: context.self,
        isQuick: flags.quick === true,
        keep: flags.keep,
        out: flags.out,
        progress: (step) => terminal.progress(progressText(step)),
        flags: Object.fromEntries(own.map(({ name }) => [name, String(flags[name])])),
      });
      terminal.progressDone();
      terminal.print(flags.json ? JSON.stringify(report, null, 2) : reportText(report));
    });
}

/** Ends as a process does that a signal ends, but by way of "exit", where a run puts away what it made. */
function endOnSignal(): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => process.exit(128 + constants.signals[signal]));
  }
}

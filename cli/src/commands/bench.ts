import type { Experiment } from "@voltfog/bench";
import { systemClock } from "@voltfog/runtime/node";
import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { progressText } from "../progress-text.ts";

interface BenchFlags {
  readonly json?: boolean;
  readonly quick?: boolean;
  readonly keep?: string;
  readonly out?: string;
}

/** `voltfog bench`: measures on this machine. */
export async function benchCommand(context: CommandContext): Promise<Command> {
  const command = new Command("bench").description(
    "Measures speed on this machine, beside its peers.",
  );
  const { experiments } = await import("@voltfog/bench");
  for (const experiment of experiments) command.addCommand(oneCommand(experiment, context));
  return command.addHelpText(
    "after",
    "\nFigures depend on what else the machine does: stop other work first.\n\nExamples:\n  voltfog bench log --quick\n  voltfog bench ingest --json > ingest.json",
  );
}

function oneCommand(experiment: Experiment, context: CommandContext): Command {
  return new Command(experiment.name)
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
      const report = await runExperiment(experiment, {
        clock: systemClock,
        self: context.self,
        isQuick: flags.quick === true,
        keep: flags.keep,
        out: flags.out,
        progress: (step) => terminal.progress(progressText(step)),
      });
      terminal.progressDone();
      terminal.print(flags.json ? JSON.stringify(report, null, 2) : reportText(report));
    });
}

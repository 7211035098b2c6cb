import { accessSync, constants, mkdirSync } from "node:fs";
import type { Trainer } from "@voltfog/datasets";
import { messageOf } from "@voltfog/runtime";
import { systemClock } from "@voltfog/runtime/node";
import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { complaint } from "../complaint.ts";
import { addTaskFlags, showTaskProgress, taskFlags } from "../task-flags.ts";

/** `voltfog train`: fits a model to the public datasets. */
export async function trainCommand(context: CommandContext): Promise<Command> {
  const command = new Command("train").description(
    "Fits models to the public datasets. The same datasets and seed give the same bytes.",
  );
  const { trainers } = await import("@voltfog/datasets");
  for (const trainer of trainers) command.addCommand(oneCommand(trainer, context));
  return command;
}

function oneCommand(trainer: Trainer, { terminal }: CommandContext): Command {
  const command = new Command(trainer.name)
    .summary(trainer.summary)
    .description(`${trainer.summary}.`)
    .option("--datasets <dir>", "folder of the datasets; VOLTFOG_DATASETS, else the shipped ones")
    .requiredOption("--out <dir>", "folder for the model files; made where it is missing");
  return addTaskFlags(command, trainer.flags)
    .addHelpText(
      "after",
      `\nExample:\n  voltfog train ${trainer.name} --datasets DIR --out models/${trainer.name}`,
    )
    .action(async (flags: { datasets?: string; out: string }) => {
      const { datasetRoot } = await import("@voltfog/datasets");
      requireWritable(flags.out);
      const lines = await trainer.run({
        flags: taskFlags(trainer.flags, { ...flags }),
        datasets: datasetRoot({ flag: flags.datasets, environment: process.env }),
        out: flags.out,
        clock: systemClock,
        progress: showTaskProgress(terminal),
      });
      terminal.progressDone();
      for (const line of lines) terminal.print(line);
    });
}

/** Said before all the fitting, not behind it. */
function requireWritable(out: string): void {
  try {
    mkdirSync(out, { recursive: true });
    accessSync(out, constants.W_OK);
  } catch (thrown) {
    throw complaint({
      code: "FOLDER_UNUSABLE",
      what: `${out}: ${messageOf(thrown)}`,
      remedy: "name a folder for the model with --out",
    });
  }
}

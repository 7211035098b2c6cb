import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Evaluation, Predictions } from "@voltfog/datasets";
import { systemClock } from "@voltfog/runtime/node";
import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { addTaskFlags, showTaskProgress, taskFlags } from "../task-flags.ts";
import { evaluateReportCommand } from "./evaluate-report.ts";

/** `voltfog evaluate`: scores a model or an estimator on a file. */
export async function evaluateCommand(context: CommandContext): Promise<Command> {
  const command = new Command("evaluate").description(
    "Scores models, estimators and functions on files in the datasets' formats, or on simulated packs.",
  );
  const { evaluations } = await import("@voltfog/datasets");
  for (const evaluation of evaluations) command.addCommand(evaluationCommand(evaluation, context));
  return command.addCommand(evaluateReportCommand(context));
}

/** One evaluation with the flags that all have. */
export function evaluationCommand(evaluation: Evaluation, context: CommandContext): Command {
  const command = new Command(evaluation.name)
    .summary(evaluation.summary)
    .description(`${evaluation.summary}.`);
  addTaskFlags(command, evaluation.flags)
    .option("--predictions <file>", "write one CSV row per scored item, in input order")
    .option("--json", "print {name, commit, machine, method, inputs, rows, items} as JSON")
    .option("--quick", "less of it, at most three minutes")
    .option("--keep <dir>", "leave there what the figures were counted from; an empty folder")
    .option("--out <dir>", "write the result there too, and the page of all results in it")
    .addHelpText(
      "after",
      `\nExamples:\n${evaluation.examples.map((line) => `  ${line}`).join("\n")}`,
    )
    .action((flags: Readonly<Record<string, unknown>>) => evaluate(evaluation, flags, context));
  return command;
}

async function evaluate(
  evaluation: Evaluation,
  flags: Readonly<Record<string, unknown>>,
  { terminal, self }: CommandContext,
): Promise<void> {
  const { reportText, runExperiment } = await import("@voltfog/bench");
  const progress = showTaskProgress(terminal);
  const report = await runExperiment(
    {
      name: evaluation.name,
      summary: evaluation.summary,
      run: async ({ clock, isQuick }) => {
        const own = taskFlags(evaluation.flags, flags);
        const { findings, predictions } = await evaluation.run({
          flags: own,
          clock,
          isQuick,
          progress,
        });
        const file = flags["predictions"];
        if (typeof file === "string") await writePredictions(file, predictions);
        return findings;
      },
    },
    {
      clock: systemClock,
      self,
      isQuick: flags["quick"] === true,
      keep: flags["keep"] as string | undefined,
      out: flags["out"] as string | undefined,
      progress,
    },
  );
  terminal.progressDone();
  terminal.print(flags["json"] === true ? JSON.stringify(report, null, 2) : reportText(report));
}

async function writePredictions(file: string, predictions: Predictions): Promise<void> {
  const { predictionLines } = await import("@voltfog/datasets");
  await pipeline(Readable.from(predictionLines(predictions)), createWriteStream(file));
}

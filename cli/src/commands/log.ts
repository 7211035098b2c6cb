import { existsSync } from "node:fs";
import { fsckLog } from "@voltfog/ledger/node";
import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { complaint } from "../complaint.ts";

/** `voltfog log`: what concerns a unit's log on disk. */
export function logCommand(context: CommandContext): Command {
  return new Command("log")
    .description("Check a unit's log on disk.")
    .addCommand(fsckCommand(context));
}

function fsckCommand(context: CommandContext): Command {
  return new Command("fsck")
    .summary("Check every byte of a log folder")
    .description(
      "Reads a unit's log, or its whole data folder, and compares every file with every other and with the signed checkpoint. Exit code 1, with the file and the place, when any byte was changed.",
    )
    .argument("<folder>", "a unit's data folder or its log/")
    .option("--json", "print {ok, entries, samples, gaps, size, root} as JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  voltfog log fsck .voltfog/unit-1\n  voltfog log fsck .voltfog/unit-1/log --json",
    )
    .action(async (folder: string, flags: { json?: boolean }) => {
      if (!existsSync(folder)) {
        throw complaint({
          code: "FOLDER_UNREADABLE",
          what: `${folder}: there is no such folder`,
          remedy: "name a unit's data folder, such as .voltfog/unit-1",
        });
      }
      const report = await fsckLog(folder);
      const { entries, samples, gaps, size, root, problem } = report;
      if (flags.json) {
        context.terminal.print(JSON.stringify(report, null, 2));
      } else if (problem === undefined) {
        context.terminal.print(
          `sound: ${entries} entries, ${samples} samples, ${gaps} gaps; tree of ${size} with root ${root}`,
        );
      } else {
        const { file, offset } = problem.place;
        context.terminal.print(`${problem.code} in ${file} at byte ${offset}: ${problem.detail}`);
      }
      context.exitCode = report.ok ? 0 : 1;
    });
}

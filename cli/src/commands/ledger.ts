import { systemClock } from "@voltfog/runtime/node";
import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { limitsDefault, siteUsage } from "../disk/site-usage.ts";
import { usageText } from "../disk/usage-text.ts";
import { ledgerOutcomeCommand } from "./ledger-outcome.ts";

/** `voltfog ledger`: what the logs and the chain take of a disk, and what became of a transaction. */
export function ledgerCommand(context: CommandContext): Command {
  return new Command("ledger")
    .description("What the logs and the chain take of the disk, and what became of a transaction.")
    .addCommand(duCommand(context))
    .addCommand(ledgerOutcomeCommand(context));
}

function duCommand(context: CommandContext): Command {
  return new Command("du")
    .summary("Bytes by kind, growth a day, and the day on which the disk is full")
    .description(
      "Looks at the files of a site, or of one process, running or stopped: blocks, snapshots, votes, tiles, frames, index. Growth is what came in the last week, told by the files themselves. Exit code 1 when less than 14 days or 1 GB are left.",
    )
    .option("--data <dir>", "folder of a site, a validator, a unit or the cloud", ".voltfog")
    .option("--json", "print {folder, size_bytes, processes, disk} as JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  voltfog ledger du\n  voltfog ledger du --data .voltfog/validator-1 --json",
    )
    .action(async (flags: { data: string; json?: boolean }) => {
      const clock = systemClock;
      const usage = await siteUsage({ folder: flags.data, limits: limitsDefault, clock });
      const text = flags.json ? JSON.stringify(usage, null, 2) : usageText(usage);
      context.terminal.print(text);
      context.exitCode = usage.disk.warning === null ? 0 : 1;
    });
}

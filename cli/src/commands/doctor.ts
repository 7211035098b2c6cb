import { datasetRoot } from "@voltfog/datasets";
import { systemClock } from "@voltfog/runtime/node";
import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { examine } from "../doctor/examine.ts";
import { verdictTable } from "../doctor/verdict-table.ts";
import { parseBasePort } from "../site/site-ports.ts";

interface DoctorFlags {
  readonly data: string;
  readonly port: string;
  readonly datasets?: string;
  readonly json?: boolean;
}

/** `voltfog doctor`: what may keep a site from working, and what to do about it. */
export function doctorCommand(context: CommandContext): Command {
  return new Command("doctor")
    .description(
      "Checks Node, disk, clock, ports, optional components and datasets, and of a site's folder its version, genesis file, keys, logs, blocks and store; a running site is asked, too. Changes nothing. Exit code 1 when a check fails; warnings do not.",
    )
    .option("--data <dir>", "folder of the site, which need not be there yet", ".voltfog")
    .option("--port <n>", "first port that the next start would take", "8080")
    .option("--datasets <dir>", "folder of the datasets (or VOLTFOG_DATASETS) [the shipped ones]")
    .option("--json", "print {ok, checks: [{check, result, what, todo}]} as JSON")
    .addHelpText("after", "\nExamples:\n  voltfog doctor\n  voltfog doctor --data /srv/site --json")
    .action(async (flags: DoctorFlags) => {
      const { terminal, environment } = context;
      const checks = await examine({
        root: flags.data,
        basePort: parseBasePort(flags.port),
        datasets: datasetRoot({ flag: flags.datasets, environment }),
        clock: systemClock,
        path: environment["PATH"] ?? "",
      });
      const ok = checks.every(({ result }) => result !== "fail");
      terminal.print(flags.json ? JSON.stringify({ ok, checks }, null, 2) : verdictTable(checks));
      context.exitCode = ok ? 0 : 1;
    });
}

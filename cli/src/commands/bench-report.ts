import { replaceFileSync } from "@voltfog/runtime/node";
import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";

interface BenchReportFlags {
  readonly results: string;
  readonly out: string;
}

/** `voltfog bench report`: what was published of consensus engines beside what was measured, as one page. */
export function benchReportCommand({ terminal }: CommandContext): Command {
  return new Command("report")
    .summary("Make one page of the engines: published figures beside ours, each with its reason")
    .description(
      "Makes one page without scripts from the results of `voltfog bench engines` and `voltfog bench certificates`: every published figure beside what was measured here, with plots and the reason of each difference. Measures nothing; results that are not there yet are named on the page.",
    )
    .option("--results <dir>", "folder that holds the results", "bench/results")
    .option("--out <file>", "the page", "bench/results/engines.html")
    .addHelpText(
      "after",
      "\nExamples:\n  voltfog bench report\n  voltfog bench report --results bench/results --out engines.html",
    )
    .action(async (flags: BenchReportFlags) => {
      const { enginePage, readEngineResults } = await import("@voltfog/bench");
      const results = readEngineResults(flags.results);
      replaceFileSync(flags.out, enginePage(results));
      terminal.print(`${Object.keys(results).length} results in ${flags.out}`);
    });
}

import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";

/** `voltfog match`: lets a book of orders arrive and prints the matches, offline. */
export function matchCommand(context: CommandContext): Command {
  return new Command("match")
    .description(
      "Matches buy and sell orders of energy between vehicles as the chain does: of all feasible sellers and meeting points the lowest unit cost, then the highest unit profit, then the older order, then the lower id; never at a loss for the provider. Orders arrive in the order of the file, and matches are printed in the order in which they are made. Format, sums and every refusal: docs/specs/v2v.md. Exits 1 on a bad book and says what is wrong where.",
    )
    .requiredOption("--book <file>", "the book, as JSON")
    .option("--json", "print {matches, unmatched} as JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  voltfog match --book docs/specs/examples/v2v-book.json\n  voltfog match --book book.json --json",
    )
    .action(async (flags: { book: string; json?: boolean }) => {
      const { runMatch } = await import("../market/match-book.ts");
      await runMatch({ file: flags.book, isJson: flags.json === true, context });
    });
}

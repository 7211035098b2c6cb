import { join } from "node:path";
import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { addKeyFlags, keyHolderOf } from "../market/key-flags.ts";
import { operatorOperations } from "../operator/operator-rules.ts";
import { OperatorSession } from "../operator/operator-session.ts";
import { sitePaths } from "../site/site-folder.ts";
import { type OtherFlags, operationCommand } from "../trade/operation-command.ts";

/** `voltfog operator`: what a charge-point operator of the union decides. */
export function operatorCommand(context: CommandContext): Command {
  const command = new Command("operator")
    .description(
      "What a charge-point operator of the union decides, each a final transaction: its own tariff, and its electric beans. It needs the key that the organisation joined with. How to use it: docs/operations/market.md.",
    )
    .addHelpText(
      "after",
      "\nExit code 0 done, 1 refused by the chain, 2 refused before.\n\nExamples:\n  voltfog operator tariff --organisation operator-1 --price 0.34 --fee 0.50\n  voltfog operator beans-sell --organisation operator-1 --price 0.30",
    );
  for (const operation of operatorOperations) {
    const open = (flags: OtherFlags): OperatorSession => sessionOf(flags, context);
    command.addCommand(operationCommand({ operation, context, addFlags, open }));
  }
  return command;
}

function addFlags(command: Command): void {
  addKeyFlags(command, "the operator's key [keys/market/<organisation>.key of the site]");
  command.option("--organisation <id>", "whose key of the site's folder", "operator-1");
}

function sessionOf(flags: OtherFlags, { environment }: CommandContext): OperatorSession {
  const usual = (data: string): string =>
    join(sitePaths(data).keys, "market", `${flags["organisation"] as string}.key`);
  return new OperatorSession(keyHolderOf(flags, environment, usual));
}

import { systemClock } from "@voltfog/runtime/node";
import { Command } from "commander";
import { AuthoritySession } from "../authority/authority-session.ts";
import { disputeOperations } from "../authority/disputes.ts";
import { ruleOperations } from "../authority/market-rules.ts";
import { peopleOperations } from "../authority/people.ts";
import type { CommandContext } from "../command-context.ts";
import { addKeyFlags, keyHolderOf } from "../market/key-flags.ts";
import { marketKeyFile } from "../market/market-key.ts";
import { sitePaths } from "../site/site-folder.ts";
import { type OtherFlags, operationCommand } from "../trade/operation-command.ts";

/** `voltfog authority`: what only the market's authority may do. */
export function authorityCommand(context: CommandContext): Command {
  const command = new Command("authority")
    .description(
      "What only the market's authority may do, each a final transaction that everybody can see. It needs the key that a quorum of validators named. How to use it: docs/operations/market.md.",
    )
    .addHelpText(
      "after",
      '\nExit code 0 done, 1 refused by the chain, 2 refused before.\n\nExamples:\n  voltfog authority suspend ada-1 --reason "three trades without a delivery"\n  voltfog authority points points.geojson',
    );
  for (const operation of [...peopleOperations, ...disputeOperations, ...ruleOperations]) {
    const open = (flags: OtherFlags): AuthoritySession => sessionOf(flags, context);
    command.addCommand(operationCommand({ operation, context, addFlags, open }));
  }
  return command;
}

function addFlags(command: Command): void {
  addKeyFlags(command, "the authority's key [keys/market.key of the site]");
}

function sessionOf(flags: OtherFlags, { environment }: CommandContext): AuthoritySession {
  const usual = (data: string): string => marketKeyFile(sitePaths(data));
  return new AuthoritySession({
    ...keyHolderOf(flags, environment, usual),
    clock: systemClock,
  });
}

import type { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import type { ProcessRole } from "../process-role.ts";
import { processCommand } from "./process-command.ts";
import { validatorListCommand } from "./validator-list.ts";
import { nodeCommands } from "./validator-node.ts";

/** `voltfog validator`: the process itself, and what is asked of running ones. */
export function validatorCommand(role: ProcessRole, context: CommandContext): Command {
  const command = processCommand(role, context).addCommand(validatorListCommand(context));
  command.enablePositionalOptions();
  for (const one of nodeCommands(context)) command.addCommand(one);
  return command;
}

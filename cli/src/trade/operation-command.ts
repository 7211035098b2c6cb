import { CodedError } from "@voltfog/runtime";
import { Command, Option } from "commander";
import type { CommandContext } from "../command-context.ts";
import { complaintLine } from "../complaint.ts";
import type { Answer, Field, Operation } from "./operation.ts";

/** Flags of a command beside those of its operation. */
export type OtherFlags = Readonly<Record<string, string | boolean | undefined>>;

/** A subcommand of an operation: a flag or an argument for each field, and --json. */
export function operationCommand<Session>(options: {
  operation: Operation<Session>;
  context: CommandContext;
  /** Adds the flags that say who asks whom. */
  addFlags: (command: Command) => void;
  open: (flags: OtherFlags) => Session;
}): Command {
  const { operation, context } = options;
  const command = new Command(operation.name)
    .summary(operation.summary)
    .description(operation.explanation);
  const args = operation.fields.filter(({ isArgument }) => isArgument === true);
  for (const field of args) addArgument(command, field);
  for (const field of operation.fields) if (field.isArgument !== true) addOption(command, field);
  options.addFlags(command);
  command
    .option("--json", "print the answer as JSON")
    .addHelpText("after", `\nExample:\n  ${operation.example}`)
    .action(async (...parsed: unknown[]) => {
      const flags = parsed[args.length] as OtherFlags;
      const values: Record<string, string | undefined> = {};
      for (const [i, { name }] of args.entries()) values[name] = parsed[i] as string | undefined;
      for (const { name, isArgument } of operation.fields) {
        if (isArgument !== true) values[name] = flags[name] as string | undefined;
      }
      await answer({ context, isJson: flags["json"] === true }, async () =>
        operation.run(options.open(flags), values),
      );
    });
  return command;
}

/** Prints an answer, or the complaint with its code: 0 done, 1 refused by the chain, 2 before. */
async function answer(
  { context, isJson }: { context: CommandContext; isJson: boolean },
  run: () => Promise<Answer>,
): Promise<void> {
  try {
    const { text, json, isRefused } = await run();
    context.terminal.progressDone();
    context.terminal.print(isJson ? JSON.stringify(json, null, 2) : text);
    if (isRefused === true) context.exitCode = 1;
  } catch (thrown) {
    if (!(thrown instanceof CodedError)) throw thrown;
    context.terminal.note(complaintLine(thrown));
    context.exitCode = 2;
  }
}

function addArgument(command: Command, { value, summary, fallback }: Field): void {
  if (fallback === undefined) command.argument(`<${value}>`, summary);
  else command.argument(`[${value}]`, summary, fallback);
}

function addOption(command: Command, { name, value, summary, fallback }: Field): void {
  const flag = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const option = new Option(`--${flag} <${value}>`, summary);
  if (fallback === undefined) option.makeOptionMandatory();
  else if (fallback !== "") option.default(fallback);
  command.addOption(option);
}

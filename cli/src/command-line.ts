import { CodedError } from "@voltfog/runtime";
import { Command, CommanderError } from "commander";
import type { CommandContext } from "./command-context.ts";
import { type CommandEntry, commandTable } from "./command-table.ts";
import { complaint, complaintLine } from "./complaint.ts";
import { optionHelp } from "./option-help.ts";
import { processTerminal } from "./terminal.ts";

/**
 * Runs one command and gives the exit code: 0 done, 1 a negative verdict or a failure of the machine,
 * 2 bad input, with one line on standard error.
 */
export async function runCommandLine(options: {
  arguments: readonly string[];
  self: readonly string[];
  environment: Readonly<Record<string, string | undefined>>;
}): Promise<number> {
  const context: CommandContext = {
    terminal: processTerminal(),
    environment: options.environment,
    self: options.self,
    exitCode: 0,
  };
  try {
    const program = await build(context, options.arguments);
    await program.parseAsync([...options.arguments], { from: "user" });
    return context.exitCode;
  } catch (thrown) {
    return explain(thrown, context);
  }
}

async function build(context: CommandContext, words: readonly string[]): Promise<Command> {
  const program = new Command("voltfog")
    .description("Battery data from electric vehicles, with a record that nobody has to trust.")
    .version("0.1.0")
    .showSuggestionAfterError(true)
    // A command below another one has flags of its own, whatever the one above calls its settings.
    .enablePositionalOptions()
    .addHelpText(
      "after",
      "\nExamples:\n  voltfog up                 the whole system on this machine, on replayed data\n  voltfog status --json\n  voltfog proof --vehicle vehicle-01 --frame 3 --out frame.vfb\n  voltfog verify frame.vfb --genesis .voltfog/genesis.json\n\nExit code 0: done. 1: a negative verdict, a refusal by the chain, or a failure of the machine. 2: bad input.\nA complaint is one line on standard error: voltfog: CODE: what; what to do.",
    );
  for (const entry of commandTable) program.addCommand(await command({ entry, words, context }));
  for (const command of everyCommand(program)) {
    command
      .exitOverride((ending) => {
        throw hasPrinted(ending) ? ending : misuse(ending, command);
      })
      .configureHelp(optionHelp)
      .configureOutput({
        outputError: () => {},
        // Help goes to standard output, also when it answers a command that names no subcommand.
        writeErr: (text) => process.stdout.write(text),
      });
  }
  return program;
}

/** The whole command when it is named, otherwise only what the list of commands shows. */
async function command(options: {
  entry: CommandEntry;
  words: readonly string[];
  context: CommandContext;
}): Promise<Command> {
  const { entry, words, context } = options;
  const isNamed = words.includes(entry.name);
  const full = isNamed ? await entry.load(context) : new Command(entry.name);
  return full.summary(entry.summary);
}

function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap((inner) => everyCommand(inner as Command))];
}

/** Help or the version was asked for and is on standard output. */
function hasPrinted(ending: CommanderError): boolean {
  return ending.exitCode === 0 || ending.code === "commander.help";
}

/** An unknown word or flag, or a missing one: what, and the help of the very command. */
function misuse(ending: CommanderError, command: Command): CodedError {
  const path: string[] = [];
  for (let at: Command | null = command; at !== null; at = at.parent) path.unshift(at.name());
  return complaint({
    code: "USAGE_INVALID",
    what: ending.message.replace(/^error: /, "").replace(/\.$/, ""),
    remedy: `see ${path.join(" ")} --help`,
  });
}

function explain(thrown: unknown, context: CommandContext): number {
  if (thrown instanceof CommanderError && hasPrinted(thrown)) return 0;
  context.terminal.note(complaintLine(thrown));
  return thrown instanceof CodedError ? 2 : 1;
}

import type { TaskFlag } from "@voltfog/datasets";
import type { Command } from "commander";
import { type ProgressStep, progressText } from "./progress-text.ts";
import type { Terminal } from "./terminal.ts";

/** Adds the flags that a task declares. */
export function addTaskFlags(command: Command, flags: readonly TaskFlag[]): Command {
  for (const { name, value, summary, isRequired, fallback } of flags) {
    const text = value === undefined ? `--${name}` : `--${name} <${value}>`;
    if (isRequired === true) command.requiredOption(text, summary, fallback);
    else command.option(text, summary, fallback);
  }
  return command;
}

/** The task's own flags out of what the command line parsed, by their names with dashes. */
export function taskFlags(
  flags: readonly TaskFlag[],
  parsed: Readonly<Record<string, unknown>>,
): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(
    flags.map(({ name }) => {
      const key = name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
      const value = parsed[key];
      return [name, value === undefined ? undefined : String(value)];
    }),
  );
}

export function showTaskProgress(terminal: Terminal): (step: ProgressStep) => void {
  return (step) => terminal.progress(progressText(step));
}

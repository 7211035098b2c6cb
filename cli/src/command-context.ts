import type { Terminal } from "./terminal.ts";

/** What every command is given. */
export interface CommandContext {
  readonly terminal: Terminal;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The command that starts this command line again, for child processes. */
  readonly self: readonly string[];
  /** 0 unless a command sets another: 1 for a negative verdict, 2 for bad input. */
  exitCode: number;
}

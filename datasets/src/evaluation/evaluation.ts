import type { Clock, Findings } from "@voltfog/runtime";
import type { Predictions } from "./predictions.ts";

/** A flag of one evaluation or trainer beside those that all have. */
export interface TaskFlag {
  /** As on the command line, without the dashes; also the key of its value. */
  readonly name: string;
  /** What stands for its value in the help: FILE, A..B, PP. A flag without it takes none. */
  readonly value?: string;
  readonly summary: string;
  readonly isRequired?: boolean;
  readonly fallback?: string;
}

/** How far a task is, for the eye of who waits. */
export type ShowProgress = (step: { done: number; total: number; doing: string }) => void;

export interface TaskContext {
  /** The values of the task's own flags, as typed; "true" for a flag without a value. */
  readonly flags: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly progress: ShowProgress;
}

/** What an evaluation gives: the report's findings, and one prediction per scored item in input order. */
export interface Evaluated {
  readonly findings: Findings;
  readonly predictions: Predictions;
}

/** One `voltfog evaluate` command. Bad input throws a CodedError with what to do. */
export interface Evaluation {
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly TaskFlag[];
  /** Whole command lines for the help. */
  readonly examples: readonly string[];
  run(context: TaskContext & { readonly isQuick: boolean }): Promise<Evaluated>;
}

/** One `voltfog train` command: reads the datasets below a root, writes its model files to a folder. */
export interface Trainer {
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly TaskFlag[];
  /** Resolves to what was made, in lines for a terminal. The same datasets and seed give the same bytes. */
  run(
    context: TaskContext & { readonly datasets: string; readonly out: string },
  ): Promise<readonly string[]>;
}

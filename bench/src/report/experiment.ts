import type { Clock, Findings } from "@voltfog/runtime";

/** How far an experiment is, for the eye of who waits. */
export type ShowProgress = (step: { done: number; total: number; doing: string }) => void;

export interface ExperimentContext {
  readonly clock: Clock;
  /** The command that starts the product's command line, for processes under test. */
  readonly self: readonly string[];
  /** Fewer and shorter repeats: at most three minutes. */
  readonly isQuick: boolean;
  /** Empty folder on a disk that keeps what fdatasync promised. */
  readonly folder: string;
  /** Whether the folder stays: then everything that the figures were counted from is left in it. */
  readonly isKept: boolean;
  readonly progress: ShowProgress;
  /** The experiment's own flags by name, its fallbacks where they were not given. */
  readonly flags: Readonly<Record<string, string>>;
}

/** A setting of one experiment alone, as `--name <value>` on its command line. */
export interface ExperimentFlag {
  readonly name: string;
  readonly value: string;
  readonly description: string;
  readonly fallback: string;
}

/** One bench or evaluation. */
export interface Experiment {
  /** As on the command line. */
  readonly name: string;
  readonly summary: string;
  readonly flags?: readonly ExperimentFlag[];
  /** The stem of its result file where its flags choose between several; its name where absent. */
  resultName?(flags: Readonly<Record<string, string>>): string;
  run(context: ExperimentContext): Promise<Findings>;
}

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
}

/** One bench or evaluation. */
export interface Experiment {
  /** As on the command line, and the stem of its result file. */
  readonly name: string;
  readonly summary: string;
  run(context: ExperimentContext): Promise<Findings>;
}

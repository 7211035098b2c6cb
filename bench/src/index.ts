export { experiments } from "./experiments.ts";
export type { Experiment, ExperimentContext, ShowProgress } from "./report/experiment.ts";
export { reportText } from "./report/report-text.ts";
export { type RunOptions, runExperiment } from "./run-experiment.ts";

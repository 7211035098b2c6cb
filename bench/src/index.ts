export { type JoinTime, type JoinTimeOptions, measureJoin } from "./consensus/join-time.ts";
export { enginePage } from "./engines/report/engine-page.ts";
export { readEngineResults } from "./engines/report/engine-results.ts";
export { experiments } from "./experiments.ts";
export type { Experiment, ExperimentContext, ShowProgress } from "./report/experiment.ts";
export { reportText } from "./report/report-text.ts";
export { type RunOptions, runExperiment } from "./run-experiment.ts";

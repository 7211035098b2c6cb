import { chargersExperiment } from "./chargers/chargers-experiment.ts";
import { ingestExperiment } from "./ingest/ingest-experiment.ts";
import { logExperiment } from "./log/log-experiment.ts";
import type { Experiment } from "./report/experiment.ts";
import { twinExperiment } from "./twin/twin-experiment.ts";

/** What `voltfog bench` can measure. */
export const experiments: readonly Experiment[] = [
  ingestExperiment,
  logExperiment,
  twinExperiment,
  chargersExperiment,
];

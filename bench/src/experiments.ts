import { certificatesExperiment } from "./certificates/certificates-experiment.ts";
import { chargersExperiment } from "./chargers/chargers-experiment.ts";
import { consensusExperiment } from "./consensus/consensus-experiment.ts";
import { enginesExperiment } from "./engines/engines-experiment.ts";
import { failoverExperiment } from "./failover/failover-experiment.ts";
import { ingestExperiment } from "./ingest/ingest-experiment.ts";
import { intakeExperiment } from "./intake/intake-experiment.ts";
import { logExperiment } from "./log/log-experiment.ts";
import { marketExperiment } from "./market/market-experiment.ts";
import { placementExperiment } from "./placement/placement-experiment.ts";
import { priorityExperiment } from "./priority/priority-experiment.ts";
import { proofExperiment } from "./proof/proof-experiment.ts";
import type { Experiment } from "./report/experiment.ts";
import { simulatorExperiment } from "./simulator/simulator-experiment.ts";
import { storeExperiment } from "./store/store-experiment.ts";
import { twinExperiment } from "./twin/twin-experiment.ts";
import { webExperiment } from "./web/web-experiment.ts";

/** What `voltfog bench` can measure. */
export const experiments: readonly Experiment[] = [
  ingestExperiment,
  logExperiment,
  twinExperiment,
  chargersExperiment,
  failoverExperiment,
  placementExperiment,
  storeExperiment,
  intakeExperiment,
  priorityExperiment,
  proofExperiment,
  webExperiment,
  consensusExperiment,
  enginesExperiment,
  simulatorExperiment,
  marketExperiment,
  certificatesExperiment,
];

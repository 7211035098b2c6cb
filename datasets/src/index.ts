export { chargerReplay } from "./availability/charger-replay.ts";
export { shippedAvailabilityModel } from "./availability/shipped-model.ts";
export {
  type BelibPlug,
  type BelibPoint,
  type BelibState,
  type BelibStatus,
  openBelibPoints,
  openBelibStatus,
} from "./belib.ts";
export {
  type Dataset,
  type DatasetFault,
  type DatasetReport,
  loadDataset,
  verifyDatasets,
} from "./dataset-files.ts";
export { datasetRoot } from "./dataset-root.ts";
export {
  type DriveCycleName,
  type DriveCycleRow,
  driveCycleFile,
  driveCycles,
  openDriveCycle,
} from "./drive-cycle.ts";
export { driversEvaluation } from "./drivers/drivers-evaluation.ts";
export type {
  Evaluated,
  Evaluation,
  TaskContext,
  TaskFlag,
  Trainer,
} from "./evaluation/evaluation.ts";
export { evaluations } from "./evaluation/evaluations.ts";
export { type Predictions, predictionLines } from "./evaluation/predictions.ts";
export { trainers } from "./evaluation/trainers.ts";
export {
  type HistoryFileOptions,
  type HistoryFileRun,
  writeFleetHistory,
} from "./maintenance/history-file.ts";
export { type DatasetEntry, knownDatasets, type ManifestFile } from "./manifest.ts";
export { type ReportJob, reportJobs } from "./report/report-jobs.ts";
export { reportPage, type ShownReport } from "./report/report-page.ts";
export { decodePackFile } from "./simulated-packs/pack-file.ts";
export {
  type FleetOptions,
  type FleetRun,
  simulateFleet,
} from "./simulated-packs/simulate-fleet.ts";

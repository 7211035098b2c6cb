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
export { type DatasetEntry, knownDatasets, type ManifestFile } from "./manifest.ts";

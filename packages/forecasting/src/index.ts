export {
  BaselineForecast,
  type BaselineName,
  baselineNames,
} from "./baselines/baseline-forecast.ts";
export { type HorizonTables, HorizonTablesBuilder } from "./baselines/horizon-tables.ts";
export { FeatureWriter, type PointTraits } from "./features/feature-writer.ts";
export { historyShares } from "./features/history-shares.ts";
export { type MemorySettings, NetworkMemory, type NetworkPlan } from "./features/network-memory.ts";
export { type ForecastTask, type Horizon, walkHistory } from "./features/walk-history.ts";
export { writeBlendStart } from "./model/blend-start.ts";
export { type Averages, type ClassScoreSummary, ClassScores } from "./scores/class-scores.ts";
export { decodeSnapshots, encodeSnapshots } from "./status/history-file.ts";
export {
  historyBetween,
  type NetworkHistory,
  NetworkHistoryBuilder,
  type NetworkSnapshot,
} from "./status/network-history.ts";
export { noStatus, type StatusClass, statusClasses } from "./status/status-class.ts";

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
export { decodeBelibFeed } from "./feeds/belib-feed.ts";
export type {
  DecodedFeed,
  FeedDecoder,
  FeedProblem,
  FeedRecord,
  FeedSnapshot,
} from "./feeds/charger-feed.ts";
export { type FeedFetch, FeedPoller, type FeedPollerState } from "./feeds/feed-poller.ts";
export { type FeedSummary, feedSuspicion, summariseFeed } from "./feeds/feed-suspicion.ts";
export {
  decodeReplayFile,
  type ReplayFile,
  replayedSnapshot,
  replayStatuses,
} from "./feeds/replay-file.ts";
export { statusHeader, statusRows } from "./feeds/status-rows.ts";
export { decodeVoltFeed } from "./feeds/volt-feed.ts";
export { writeBlendStart } from "./model/blend-start.ts";
export {
  type HorizonCard,
  type ModelCard,
  type ModelKind,
  modelCardFile,
  modelKinds,
  type Validation,
} from "./model/model-card.ts";
export { memoryOfModel, priorSnapshots, widenedSnapshot } from "./model/model-memory.ts";
export { emptyMemory } from "./model/network-frame.ts";
export type { OpenedModel } from "./model/opened-model.ts";
export { belibSites } from "./recommendation/belib-sites.ts";
export {
  type ChargerSite,
  fits,
  type Plug,
  type PlugType,
  type PlugWish,
  plugTypes,
} from "./recommendation/charger-site.ts";
export { reasonText } from "./recommendation/reason-text.ts";
export type { CostParts, DriverRequest, Recommendation } from "./recommendation/recommend.ts";
export { type Averages, type ClassScoreSummary, ClassScores } from "./scores/class-scores.ts";
export {
  ChargerBoard,
  type FeedState,
  isInService,
  powerMaxOf,
} from "./serving/charger-board.ts";
export { ChargerDesk } from "./serving/charger-desk.ts";
export { ChargerForecast } from "./serving/charger-forecast.ts";
export {
  type ChargerReport,
  decodeChargerReport,
  type ReportedSite,
} from "./serving/charger-report.ts";
export { ServedModel } from "./serving/served-model.ts";
export { DriverBenchmark, type PolicyOutcome } from "./simulation/driver-benchmark.ts";
export { type PolicyName, policyNames } from "./simulation/driver-policies.ts";
export { decodeSnapshots, encodeSnapshots } from "./status/history-file.ts";
export {
  historyBetween,
  type NetworkHistory,
  NetworkHistoryBuilder,
  type NetworkSnapshot,
} from "./status/network-history.ts";
export type { NetworkPoint } from "./status/network-point.ts";
export { noStatus, type StatusClass, statusClasses } from "./status/status-class.ts";

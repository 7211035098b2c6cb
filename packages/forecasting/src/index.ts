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
export { belibSites } from "./recommendation/belib-sites.ts";
export {
  type ChargerSite,
  fits,
  type Plug,
  type PlugType,
  type PlugWish,
  plugTypes,
} from "./recommendation/charger-site.ts";
export { PromisedArrivals } from "./recommendation/promised-arrivals.ts";
export {
  bestArrivalSoc,
  type CostParts,
  type DriverRequest,
  type Recommendation,
  type RecommendOptions,
  recommend,
  type SiteState,
} from "./recommendation/recommend.ts";
export { type Position, streetEstimate, type TravelTime } from "./recommendation/travel-time.ts";
export { type Averages, type ClassScoreSummary, ClassScores } from "./scores/class-scores.ts";
export { DriverBenchmark, type PolicyOutcome } from "./simulation/driver-benchmark.ts";
export { type PolicyName, policyNames } from "./simulation/driver-policies.ts";
export { decodeSnapshots, encodeSnapshots } from "./status/history-file.ts";
export {
  historyBetween,
  type NetworkHistory,
  NetworkHistoryBuilder,
  type NetworkSnapshot,
} from "./status/network-history.ts";
export { noStatus, type StatusClass, statusClasses } from "./status/status-class.ts";

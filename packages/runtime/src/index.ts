export { BoundedQueue } from "./bounded-queue.ts";
export {
  ByteReader,
  ByteWriter,
  compareBytes,
  concatBytes,
  decodeBytes,
  equalBytes,
  fromHex,
  type MalformedProblem,
  toHex,
  utf8,
} from "./bytes.ts";
export { type Clock, ManualClock } from "./clock.ts";
export { assert, CodedError, faultOf, messageOf } from "./coded-error.ts";
export {
  type ConfigOf,
  type ConfigProblem,
  type ConfigSchema,
  type ConfigSources,
  defineConfig,
  type Setting,
  type SettingTable,
} from "./config.ts";
export type { Crypto, SignatureVerifier, Signer } from "./crypto.ts";
export {
  type DiskForecast,
  type DiskLimits,
  diskForecast,
  growthOfAll,
  type KindUsage,
  usageByKind,
} from "./disk/disk-forecast.ts";
export {
  type Branded,
  identifierPattern,
  type UnitId,
  unitId,
  type VehicleId,
  vehicleId,
} from "./identifiers.ts";
export { keccak256 } from "./keccak256.ts";
export { type LogFields, type Logger, loggerWith, silentLogger } from "./logger.ts";
export { accepted, type Outcome, type Problem, refused } from "./outcome.ts";
export { normal, type Random, SeededRandom } from "./random.ts";
export { RecentMap } from "./recent-map.ts";
export {
  type Facts,
  type Findings,
  type Goal,
  type Machine,
  type Report,
  type ReportRow,
  reportRow,
  rounded,
} from "./report/report.ts";
export { quantile, type Summary, summarise } from "./report/statistics.ts";
export {
  decodeState,
  type Movable,
  orNull,
  packNumbers,
  type SavedState,
  type SavedValue,
  StateReader,
  savedNumber,
  savedTime_ms,
} from "./saved-state.ts";

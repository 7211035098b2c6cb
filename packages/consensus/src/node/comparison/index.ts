export {
  record_bytes,
  recordContent_bytes,
  recordName,
  signRecord,
} from "../../comparison/signed-record.ts";
export {
  type TimedChainOptions,
  type TimedChainRun,
  type TimedRecord,
  timedChainRun,
} from "../../comparison/timed-chain-run.ts";
export type { ComparisonEngine } from "./comparison-engine.ts";
export {
  type BlockNotice,
  ComparisonNode,
  type ComparisonNodeOptions,
  type ComparisonStats,
} from "./comparison-node.ts";
export { forgetfulJournal, type Journal, journalAt } from "./journal.ts";
export type { RecordProblem } from "./record-pool.ts";
export type { KindTraffic, TrafficKind } from "./traffic.ts";

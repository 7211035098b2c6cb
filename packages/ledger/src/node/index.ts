export { auditLog } from "./audit/audit-log.ts";
export type { AuditFinding, AuditReport, FinalRoot } from "./audit/audit-types.ts";
export { type FinalHistory, readFinals } from "./audit/final-roots.ts";
export { auditServedLog } from "./audit/served-log.ts";
export { earlierLogFolder, earlierLogs } from "./log/earlier-logs.ts";
export { eraseFrames } from "./log/erase-frames.ts";
export { type FsckOptions, fsckLog } from "./log/fsck.ts";
export { LogReader, openLogReader } from "./log/log-reader.ts";
export type { FileExtent } from "./log/log-snapshot.ts";
export type {
  ChainEnd,
  EntryKey,
  FsckProblem,
  FsckReport,
  LogAppend,
  LogReceipt,
  LogView,
  PublishedHead,
  StoredEntry,
} from "./log/log-types.ts";
export { restoredMark } from "./log/restored-mark.ts";
export { TelemetryLog, type TelemetryLogOptions } from "./log/telemetry-log.ts";
export {
  type BlockReader,
  type BlockSource,
  openBlockReader,
  storedResultAt,
} from "./store/block-reader.ts";
export type { BlockRetention } from "./store/block-retention.ts";
export { BlockStore } from "./store/block-store.ts";
export {
  blocksPerSnapshot,
  ChainStore,
  replayChain,
  storedBlock,
} from "./store/chain-store.ts";
export type { IncomingSnapshot } from "./store/incoming-snapshot.ts";
export type { StoredBlock } from "./store/stored-block.ts";

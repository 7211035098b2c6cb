export { earlierLogFolder, earlierLogs } from "./log/earlier-logs.ts";
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
export { BlockStore } from "./store/block-store.ts";
export {
  blocksPerSnapshot,
  ChainStore,
  replayChain,
  storedBlock,
} from "./store/chain-store.ts";
export type { StoredBlock } from "./store/stored-block.ts";

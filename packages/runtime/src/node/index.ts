export { diskError } from "./disk-error.ts";
export { AppendFile, replaceFileSync } from "./files.ts";
export {
  createHttpService,
  type HttpService,
  type HttpServiceOptions,
  portError,
} from "./http-service.ts";
export { createJsonLogger, type LogLevel } from "./json-logger.ts";
export { nodeCrypto } from "./node-crypto.ts";
export {
  checkRecordFile,
  RecordFile,
  type RecordFileOptions,
  type RecordFileReport,
  readRecords,
} from "./record-file.ts";
export { type RecordFileProblem, recordMax_bytes, type StoredRecord } from "./record-scan.ts";
export { createSigningKey, loadSigningKey } from "./signing-key.ts";
export { systemClock } from "./system-clock.ts";
export { systemRandom } from "./system-random.ts";

export {
  type BackboneAccess,
  type BackboneService,
  createBackboneService,
} from "./backbone-service.ts";
export { diskError } from "./disk-error.ts";
export {
  AppendFile,
  type DiskFile,
  type OpenDiskFile,
  replaceFileSync,
  syncFolderSync,
} from "./files.ts";
export {
  createHttpClient,
  type HttpAnswer,
  type HttpCall,
  type HttpClient,
} from "./http-client.ts";
export {
  createHttpService,
  type HttpService,
  type HttpServiceOptions,
  portError,
} from "./http-service.ts";
export { createJsonLogger, type LogLevel } from "./json-logger.ts";
export { nodeCrypto, nodeVerifier } from "./node-crypto.ts";
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
export { type PeerIdentity, type PeerRole, peerOf } from "./tls/peer-identity.ts";
export { serialOf } from "./tls/revocation-list.ts";
export {
  clientTls,
  loadTlsIdentity,
  serverTls,
  type TlsFiles,
  type TlsIdentity,
} from "./tls/tls-identity.ts";

export {
  type BackboneAccess,
  type BackboneService,
  createBackboneService,
} from "./backbone-service.ts";
export { addDiskGauges, DiskWatch } from "./disk/disk-watch.ts";
export { folderFiles, freeSpace_bytes } from "./disk/folder-files.ts";
export { diskError } from "./disk-error.ts";
export {
  addErasureOrder,
  clearErasureOrders,
  erasureOrdersFile,
  type FrameErasure,
  isOrdered,
  readErasureOrders,
} from "./erasure-orders.ts";
export {
  AppendFile,
  type DiskFile,
  type OpenDiskFile,
  replaceFileSync,
  syncFolderSync,
} from "./files.ts";
export { freePort, freePorts, holdPort } from "./free-ports.ts";
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
export {
  isKeystore,
  openSealedKey,
  readPassphrase,
  readSealedKey,
  writeSealedKey,
} from "./keystore.ts";
export type { LinkClasses } from "./link/class-commands.ts";
export { LinkShaper } from "./link/link-shaper.ts";
export { nodeCrypto, nodeVerifier } from "./node-crypto.ts";
export {
  checkRecordFile,
  RecordFile,
  type RecordFileOptions,
  type RecordFileReport,
  readRecords,
} from "./record-file.ts";
export { type RecordFileProblem, recordMax_bytes, type StoredRecord } from "./record-scan.ts";
export { createSigningKey, loadSigningKey, signerOf, signerOfSeed } from "./signing-key.ts";
export { systemClock } from "./system-clock.ts";
export { systemRandom } from "./system-random.ts";
export { type PeerAgency, type PeerIdentity, type PeerRole, peerOf } from "./tls/peer-identity.ts";
export { serialOf } from "./tls/revocation-list.ts";
export {
  clientTls,
  loadTlsIdentity,
  serverTls,
  type TlsFiles,
  type TlsIdentity,
} from "./tls/tls-identity.ts";

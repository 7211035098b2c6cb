export {
  type AssemblyProblem,
  assembleEventBundle,
  assembleFrameBundle,
  type BundleChain,
  type BundleLog,
  type FrameBundleOptions,
} from "./bundle/assemble-bundle.ts";
export {
  type BundleFormProblem,
  bundleMax_bytes,
  decodeBundle,
  encodeBundle,
  type ProofBundle,
} from "./bundle/bundle.ts";
export type { FrameFacts, FrameOpener } from "./bundle/frame-opener.ts";
export type {
  BundleProblem,
  VerifiedBundle,
  VerifiedDevice,
  VerifiedEvent,
  VerifiedResult,
} from "./bundle/verified-bundle.ts";
export { verifyBundle } from "./bundle/verify-bundle.ts";
export {
  type RestsOn,
  type TrustedBlock,
  type TrustProblem,
  trustedQuery,
  verifyTrusted,
} from "./bundle/verify-trusted.ts";
export {
  type Block,
  blockMax_bytes,
  decodeBlock,
  encodeBlock,
  parentCertificateBytes,
  transactionsMax,
} from "./chain/block.ts";
export {
  type Certificate,
  type CertificateProblem,
  type CommitContent,
  type CommitSignature,
  certificateMax_bytes,
  commitMessage,
  decodeCertificate,
  encodeCertificate,
  fastCommitMessage,
  verifyCertificate,
} from "./chain/certificate.ts";
export { Chain } from "./chain/chain.ts";
export {
  type ChainEvidence,
  decodeChainEvidence,
  type EvidenceProblem,
  encodeChainEvidence,
  evidenceItemsMax,
  type ResultProof,
  verifyChainEvidence,
} from "./chain/chain-evidence.ts";
export type { ChainHead } from "./chain/chain-head.ts";
export type { AdmittedTx, CheckedBlock, FollowProblem } from "./chain/checked-block.ts";
export type { ConsortiumView, ListedChange } from "./chain/consortium-view.ts";
export type { Electorate } from "./chain/electorate.ts";
export { type EpochStep, epochsMax, type SetChange } from "./chain/epoch-step.ts";
export { EpochTrail, provenValidators } from "./chain/epochs.ts";
export {
  type BlockHeader,
  decodeHeader,
  encodeHeader,
  firstEpoch,
  headerHash,
} from "./chain/header.ts";
export { type BlockProblem, timeAheadMax_ms } from "./chain/header-rules.ts";
export { resultsKeptDefault } from "./chain/kept-results.ts";
export { faultTolerance, quorum } from "./chain/quorum.ts";
export { decodeResult, encodeResult, type Result } from "./chain/result.ts";
export type { Seat } from "./chain/seat.ts";
export { openSnapshotPart } from "./chain/snapshot-parts.ts";
export {
  decodeSnapshotPlan,
  partCount,
  partMax_bytes,
  planMax_bytes,
  type SnapshotPlan,
  snapshotId,
  verifySnapshotPlan,
} from "./chain/snapshot-plan.ts";
export type { SnapshotProblem } from "./chain/snapshot-problem.ts";
export {
  decodeTransaction,
  signTransaction,
  type Transaction,
  transactionHash,
  transactionMax_bytes,
  verifyTransaction,
} from "./chain/transaction.ts";
export { readNonce, type TxProblem } from "./chain/transaction-gate.ts";
export { validatorsHash } from "./chain/validator-set.ts";
export {
  type CertificateForm,
  claimQuorumOf,
  defaultEngine,
  type EngineChoice,
  type EngineName,
  engineNames,
  fastQuorumOf,
  faultyMaxOf,
  quorumOf,
  redundantOf,
  sealsNeeded,
  sharesTurns,
  votersMinOf,
} from "./genesis/engine-choice.ts";
export { engineNamed, engineText } from "./genesis/engine-text.ts";
export {
  type ChainEnd,
  encodeGenesis,
  engineOf,
  type Genesis,
  type GenesisContent,
  type GenesisProblem,
  type GenesisUnit,
  type GenesisVehicle,
  type Organisation,
  parseGenesis,
  type Validator,
} from "./genesis/genesis.ts";
export {
  type Checkpoint,
  type CheckpointProblem,
  claimedOrigin,
  logId,
  logOrigin,
  openCheckpoint,
  parseLogOrigin,
  parseUnitLogName,
  signCheckpoint,
  type UnitLog,
  unitLogName,
} from "./log/checkpoint.ts";
export { CompactRange } from "./log/compact-range.ts";
export {
  addCosignature,
  type Cosignature,
  cosignerName,
  encodeCosignerKey,
  parseCosignerKey,
  verifyCosignatures,
} from "./log/cosignature.ts";
export {
  type DeviceEntry,
  decodeEntry,
  encodeEntry,
  type FrameEntry,
  type GapEntry,
  type LogEnd,
  type LogEntry,
  type LogStream,
  type OpeningEntry,
  type RefusedEntry,
} from "./log/entry.ts";
export { type LogHash, logHashOf, treeCrypto } from "./log/log-hash.ts";
export {
  consistencyPath,
  inclusionPath,
  rootOf,
  type TreeHead,
  verifyConsistency,
  verifyInclusion,
} from "./log/proofs.ts";
export { encodeVerifierKey, type NoteKey } from "./log/signed-note.ts";
export { parseTilePath, type TileName, tilePath } from "./log/tiles.ts";
export { leafHash, nodeHash } from "./log/tree-hash.ts";
// biome-ignore lint/performance/noReExportAll: The modules list their own exports; in one file they pass its limit.
export * from "./modules/index.ts";
export { portableCrypto, portableSigner } from "./portable-crypto.ts";
export {
  type Receipt,
  receiptJson,
  receiptMax_bytes,
  type VehicleCount,
} from "./receipt/receipt.ts";
export {
  type ReceiptProblem,
  type VerifiedReceipt,
  verifyReceipt,
} from "./receipt/verify-receipt.ts";
export {
  changeName,
  changesName,
  currentLogName,
  deviceName,
  electorateName,
  eventName,
  keyName,
  logName,
  moduleVersionName,
  nonceName,
  organisationName,
  quarantineName,
  ruleName,
  validatorName,
} from "./state/names.ts";
export {
  decodeStateProof,
  encodeStateProof,
  type ProofEnd,
  type StateClaim,
  type StateProof,
  verifyState,
} from "./state/state-proof.ts";
export type { StateTree } from "./state/state-tree.ts";

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
  verifyCertificate,
} from "./chain/certificate.ts";
export {
  type AdmittedTx,
  Chain,
  type CheckedBlock,
  type FollowProblem,
  resultsKeptDefault,
} from "./chain/chain.ts";
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
export {
  type BlockHeader,
  decodeHeader,
  encodeHeader,
  firstEpoch,
  headerHash,
} from "./chain/header.ts";
export { type BlockProblem, timeAheadMax_ms } from "./chain/header-rules.ts";
export { faultTolerance, quorum } from "./chain/quorum.ts";
export { decodeResult, encodeResult, type Result } from "./chain/result.ts";
export type { SnapshotProblem } from "./chain/snapshot.ts";
export {
  decodeTransaction,
  signTransaction,
  type Transaction,
  transactionHash,
  transactionMax_bytes,
} from "./chain/transaction.ts";
export type { TxProblem } from "./chain/transaction-gate.ts";
export { provenValidators, validatorsHash } from "./chain/validator-set.ts";
export {
  type ChainEnd,
  encodeGenesis,
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
export {
  consistencyPath,
  inclusionPath,
  rootOf,
  type TreeHead,
  verifyConsistency,
  verifyInclusion,
} from "./log/proofs.ts";
export { encodeVerifierKey } from "./log/signed-note.ts";
export { parseTilePath, type TileName, tilePath } from "./log/tiles.ts";
export { leafHash, nodeHash } from "./log/tree-hash.ts";
export {
  type CheckpointSubmission,
  checkpointAction,
  currentLogNumber,
  decodeCheckpointSubmission,
  decodeFinalCheckpoint,
  decodeLogOpening,
  decodeLogState,
  encodeCheckpointSubmission,
  encodeLogOpening,
  type FinalCheckpoint,
  finalEnd,
  type LogOpening,
  type LogState,
} from "./modules/checkpoints.ts";
export {
  type DeviceKind,
  type DeviceRecord,
  decodeEnrolment,
  type Enrolment,
  encodeEnrolment,
  idCommitmentOf,
  keyIdOf,
  unitSalt,
} from "./modules/device-record.ts";
export { deviceAction } from "./modules/devices.ts";
export {
  decodeEventRecord,
  decodeEventState,
  type EventClassName,
  type EventRecord,
  type EventState,
  type EventStateName,
  encodeEventRecord,
  eventAction,
  eventClasses,
  eventStates,
} from "./modules/events.ts";
export {
  decodeRotation,
  encodeRotation,
  type KeyRotation,
  signRotation,
  verifyRotation,
} from "./modules/key-rotation.ts";
export {
  decodeSuccession,
  encodeSuccession,
  type KeySuccession,
  readSuccession,
  signSuccession,
  succession_bytes,
  verifySuccession,
  writeSuccession,
} from "./modules/key-succession.ts";
export { moduleNumber } from "./modules/module.ts";
export { validatorAction } from "./modules/validators.ts";
export { portableCrypto } from "./portable-crypto.ts";
export { currentLogName, deviceName, eventName, logName, nonceName } from "./state/names.ts";
export {
  decodeStateProof,
  encodeStateProof,
  type ProofEnd,
  type StateClaim,
  type StateProof,
  verifyState,
} from "./state/state-proof.ts";

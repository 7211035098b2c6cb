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
export type {
  AdmittedTx,
  BlockProblem,
  ChainHead,
  ChainLike,
  CheckedBlock,
  LogState,
  TxProblem,
} from "./chain/chain.ts";
export {
  type BlockHeader,
  decodeHeader,
  encodeHeader,
  firstEpoch,
  headerHash,
} from "./chain/header.ts";
export { faultTolerance, quorum } from "./chain/quorum.ts";
export { decodeResult, encodeResult, type Result } from "./chain/result.ts";
export {
  decodeTransaction,
  signTransaction,
  type Transaction,
  transactionHash,
  transactionMax_bytes,
} from "./chain/transaction.ts";
export { validatorsHash } from "./chain/validator-set.ts";
export {
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
  type DeviceKind,
  type DeviceRecord,
  type Enrolment,
  idCommitmentOf,
  keyIdOf,
} from "./modules/device-record.ts";
export { moduleNumber } from "./modules/module.ts";
export { portableCrypto } from "./portable-crypto.ts";
export { deviceName, eventName, logName, nonceName } from "./state/names.ts";
export {
  decodeStateProof,
  encodeStateProof,
  type ProofEnd,
  type StateClaim,
  type StateProof,
  verifyState,
} from "./state/state-proof.ts";

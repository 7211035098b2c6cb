export { type RsuConfig, rsuConfig } from "./config.ts";
export type { RecordedEvent } from "./events/event-record.ts";
export { readRecordedEvents } from "./events/read-recorded-events.ts";
export { library } from "./functions/built-in.ts";
export {
  type DeployedFunction,
  deployFunction,
  withdrawFunction,
} from "./functions/deploy-package.ts";
export { type FunctionCost, measureFunction } from "./functions/measure-function.ts";
export type { Finding, FunctionManifest, NetworkFunction } from "./functions/network-function.ts";
export { readPackageFolder } from "./functions/package-folder.ts";
export { recordedChanges } from "./functions/recorded-duties.ts";
export { type ReplayedFinding, replayFunctions } from "./functions/replay-functions.ts";
export { type RunningRsu, runRsu } from "./roadside-unit.ts";
export type { RsuPorts } from "./rsu-ports.ts";
export { derivedCosignerSeed } from "./validator/cosigner.ts";
export { loadNewVoteKey, newVoteKeyFile, newVoteKeyTransaction } from "./validator/new-vote-key.ts";
export { restoredValidatorMark } from "./validator/restored-mark.ts";
export {
  type RunningValidator,
  runValidator,
  type ValidatorPorts,
} from "./validator/validator.ts";
export { type ValidatorConfig, validatorConfig } from "./validator/validator-config.ts";

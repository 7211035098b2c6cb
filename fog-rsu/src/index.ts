export { type RsuConfig, rsuConfig } from "./config.ts";
export { type RunningRsu, runRsu } from "./roadside-unit.ts";
export type { RsuPorts } from "./rsu-ports.ts";
export { restoredValidatorMark } from "./validator/restored-mark.ts";
export {
  type RunningValidator,
  runValidator,
  type ValidatorPorts,
} from "./validator/validator.ts";
export { type ValidatorConfig, validatorConfig } from "./validator/validator-config.ts";

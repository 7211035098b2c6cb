export { type RsuConfig, rsuConfig } from "./config.ts";
export { type RsuPorts, type RunningRsu, runRsu } from "./roadside-unit.ts";

export { type ControllerConfig, controllerConfig } from "./config.ts";
export { type RunningController, runController } from "./controller.ts";

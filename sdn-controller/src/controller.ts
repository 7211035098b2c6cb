import type { Clock, Logger } from "@voltfog/runtime";
import type { ControllerConfig } from "./config.ts";

export interface RunningController {
  readonly ports: { readonly http: number };
  /** Ends the rounds and the HTTP side; the state is on disk. */
  stop(): Promise<void>;
}

export async function runController(
  _config: ControllerConfig,
  _ports: { logger: Logger; clock: Clock },
): Promise<RunningController> {
  return { ports: { http: 0 }, async stop() {} };
}

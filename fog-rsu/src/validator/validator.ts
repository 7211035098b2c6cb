import type { Clock, Logger, Random } from "@voltfog/runtime";
import type { ValidatorConfig } from "./validator-config.ts";

/** What the validator needs from the machine; the command line passes the system's. */
export interface ValidatorPorts {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: Random;
}

export interface RunningValidator {
  readonly ports: { readonly p2p: number; readonly http: number };
  /** Stops voting and serving, and closes every file and port. */
  stop(): Promise<void>;
}

/** Starts one validator. PORT_IN_USE, KEY_UNREADABLE, GENESIS_INVALID, NOT_A_VALIDATOR, PEERS_INVALID. */
export async function runValidator(
  _config: ValidatorConfig,
  _ports: ValidatorPorts,
): Promise<RunningValidator> {
  return { ports: { p2p: 0, http: 0 }, async stop() {} };
}

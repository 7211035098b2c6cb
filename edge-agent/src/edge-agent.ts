import type { Clock, Crypto, Logger, Random } from "@voltfog/runtime";
import type { EdgeConfig } from "./config.ts";

export interface EdgeDependencies {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly crypto: Crypto;
  /** Salts of frames; the system's source. */
  readonly random: Random;
}

export interface RunningEdge {
  readonly ports: { readonly http: number };
  /** Stops sampling, cuts the open frames, sends until the outboxes are empty or drainMax_ms is over. */
  stop(): Promise<void>;
}

/** Runs the agents of all vehicles of this process. */
export function runEdge(_config: EdgeConfig, _dependencies: EdgeDependencies): Promise<RunningEdge> {
  throw new Error("being written");
}

import type { Clock, Logger } from "@voltfog/runtime";
import type { CloudConfig } from "./config.ts";

/** What the process needs from the machine. */
export interface CloudPorts {
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The running process. */
export interface Cloud {
  readonly ports: { readonly http: number };
  stop(): Promise<void>;
}

export async function runCloud(config: CloudConfig, ports: CloudPorts): Promise<Cloud> {
  ports.logger.info("starting", { httpPort: config.httpPort });
  return { ports: { http: config.httpPort }, stop: async () => {} };
}

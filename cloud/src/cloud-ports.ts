import type { Clock, Logger } from "@voltfog/runtime";

/** What the process needs from the machine. */
export interface CloudPorts {
  readonly clock: Clock;
  readonly logger: Logger;
}

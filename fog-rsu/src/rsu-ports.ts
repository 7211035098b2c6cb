import type { Clock, Logger, Random } from "@voltfog/runtime";

/** What the unit needs from the machine; the command line passes the system's. */
export interface RsuPorts {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: Random;
}

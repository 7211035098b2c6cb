import type {
  Clock,
  ConfigOf,
  ConfigProblem,
  ConfigSchema,
  Crypto,
  Logger,
  Outcome,
  Random,
  SettingTable,
} from "@voltfog/runtime";
import type { Stoppable } from "./process-lifetime.ts";

/** What every process is given from the machine; each takes what it needs. */
export interface MachinePorts {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: Random;
  readonly crypto: Crypto;
}

/** One kind of process that the command line can start. */
export interface ProcessRole {
  readonly name: string;
  readonly summary: string;
  readonly example: string;
  readonly schema: {
    readonly settings: SettingTable;
    parse(
      sources: Parameters<ConfigSchema<SettingTable>["parse"]>[0],
    ): Outcome<Readonly<Record<string, unknown>>, ConfigProblem>;
  };
  start(config: Readonly<Record<string, unknown>>, ports: MachinePorts): Promise<Stoppable>;
}

/** Ties a process's schema to its start, so that only a configuration of that schema reaches it. */
export function processRole<T extends SettingTable>(role: {
  name: string;
  summary: string;
  example: string;
  schema: ConfigSchema<T>;
  start: (config: ConfigOf<T>, ports: MachinePorts) => Promise<Stoppable>;
}): ProcessRole {
  return {
    ...role,
    // What parse accepts is a ConfigOf<T>; the command line knows it only as a record.
    start: (config, ports) => role.start(config as unknown as ConfigOf<T>, ports),
  };
}

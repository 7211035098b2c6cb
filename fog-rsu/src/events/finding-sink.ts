import { type Logger, messageOf } from "@voltfog/runtime";
import type { CommandDesk } from "../commands/command-desk.ts";
import type { Estimate, Finding, FunctionManifest } from "../functions/network-function.ts";
import type { EnrolledDevice } from "../ingest/device-directory.ts";
import type { EventRegister } from "./event-register.ts";

/** The newest estimate of one vehicle, and who made it. */
export interface VehicleEstimate extends Estimate {
  readonly vehicleId: string;
  readonly functionId: string;
  readonly functionVersion: string;
}

export interface FindingSinkOptions {
  readonly events: EventRegister;
  readonly commands: CommandDesk;
  readonly deviceOf: (vehicleId: string) => EnrolledDevice | undefined;
  readonly logger: Logger;
}

/** Where findings of functions go: conditions to the events, requests to the vehicles, estimates to the status. */
export class FindingSink {
  readonly #options: FindingSinkOptions;
  readonly #estimates = new Map<string, VehicleEstimate>();
  #count = 0;

  constructor(options: FindingSinkOptions) {
    this.#options = options;
  }

  take(finding: Finding, by: FunctionManifest): void {
    this.#count += 1;
    const { vehicleId } = finding;
    const device = this.#options.deviceOf(vehicleId);
    // A function's code is not the unit's: it may not speak of vehicles that do not exist.
    if (device === undefined) return;
    switch (finding.kind) {
      case "estimate": {
        const made = { functionId: by.id, functionVersion: by.version };
        const key = `${vehicleId} ${finding.estimate.name}`;
        this.#estimates.set(key, { ...finding.estimate, ...made, vehicleId });
        return;
      }
      case "command":
        this.#ask({ ...finding.request, device, isPatient: true }, by);
        return;
      case "condition": {
        const { name, ...condition } = finding.condition;
        this.#options.events.record({
          ...condition,
          condition: name,
          functionId: by.id,
          functionVersion: by.version,
          vehicleId,
          frame: finding.frame,
          at_ms: finding.at_ms,
        });
      }
    }
  }

  /** Findings since the unit started. */
  get count(): number {
    return this.#count;
  }

  get estimates(): readonly VehicleEstimate[] {
    return [...this.#estimates.values()];
  }

  #ask(request: Parameters<CommandDesk["ask"]>[0], by: FunctionManifest): void {
    try {
      this.#options.commands.ask(request);
    } catch (thrown) {
      const fields = { functionId: by.id, reason: messageOf(thrown) };
      this.#options.logger.warn("function asked for what no command can say", fields);
    }
  }
}

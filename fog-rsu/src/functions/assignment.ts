import type { FunctionHost } from "./function-host.ts";

/** Which vehicles each function serves here, as the controller decided it. */
export interface Assignment {
  readonly version: number;
  readonly functions: readonly { readonly id: string; readonly vehicles: readonly string[] }[];
}

/**
 * The assignment in force. Until one arrives all functions serve every attached vehicle, so that the
 * unit works without a controller; afterwards it goes on with the last one, whoever is down. The last
 * word counts, not the highest version: a controller that lost its state starts counting anew.
 */
export class AssignmentDesk {
  readonly #functions: FunctionHost;
  #version: number | null = null;

  constructor(options: { functions: FunctionHost }) {
    this.#functions = options.functions;
  }

  take(assignment: Assignment): void {
    this.#functions.assign(new Map(assignment.functions.map(({ id, vehicles }) => [id, vehicles])));
    this.#version = assignment.version;
  }

  /** Null before the first one. */
  get version(): number | null {
    return this.#version;
  }
}

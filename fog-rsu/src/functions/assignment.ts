import { accepted, type Outcome, type Problem, refused } from "@voltfog/runtime";
import type { FunctionManifest } from "./network-function.ts";

/** What one function does here, as the controller decided it. */
export interface FunctionAssignment {
  readonly id: string;
  /** The version to run; absent: the newest of the unit. */
  readonly version?: string;
  /** Vehicles that it serves here. */
  readonly vehicles: readonly string[];
  /** Vehicles of which the unit keeps a copy of the function's state, to take over at once. */
  readonly standby?: readonly string[];
  /** Settings by vehicle; what is not named has the manifest's default. */
  readonly settings?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Why a vehicle's selection and settings are what they are, with the reading; by vehicle. */
  readonly because?: Readonly<Record<string, string>>;
}

/** What the unit does for which vehicles. */
export interface Assignment {
  /** Of the controller that said it; the routes refuse an older one. */
  readonly term?: number;
  readonly controllerId?: string;
  readonly version: number;
  /** Where other units are reached over the backbone. */
  readonly peers?: readonly { readonly unitId: string; readonly url: string }[];
  readonly functions: readonly FunctionAssignment[];
  /** From which unit the state of a vehicle's functions is fetched. */
  readonly states?: Readonly<Record<string, string>>;
}

/** Why an assignment was refused; nothing of it was taken. */
export interface AssignmentProblem extends Problem {
  readonly code:
    | "ASSIGNMENT_INVALID"
    | "VERSION_UNKNOWN"
    | "SETTING_UNKNOWN"
    | "SETTING_OUT_OF_RANGE";
  readonly detail: string;
}

/** Who carries it out. */
export interface AssignmentTaker {
  /** What an assignment would run; undefined for a function that the unit does not know. */
  manifestOf(
    asked: Pick<FunctionAssignment, "id" | "version">,
  ): FunctionManifest | "unknown version" | undefined;
  assign(assignment: Assignment): void;
}

/**
 * The assignment in force. Until one arrives all functions serve every attached vehicle, so that the
 * unit works without a controller; afterwards it goes on with the last one, whoever is down. The last
 * word counts, not the highest version: a controller that lost its state starts counting anew.
 */
export class AssignmentDesk {
  readonly #functions: AssignmentTaker;
  #version: number | null = null;

  constructor(options: { functions: AssignmentTaker }) {
    this.#functions = options.functions;
  }

  /** Takes all of it or nothing. A function that the unit does not know is passed over: the status shows it. */
  take(assignment: Assignment): Outcome<Assignment, AssignmentProblem> {
    for (const one of assignment.functions) {
      const manifest = this.#functions.manifestOf(one);
      if (manifest === "unknown version") return unknownVersion(one);
      const problem = manifest && settingProblem(one, manifest);
      if (problem !== undefined) return refused(problem);
    }
    this.#functions.assign(assignment);
    this.#version = assignment.version;
    return accepted(assignment);
  }

  /** Null before the first one. */
  get version(): number | null {
    return this.#version;
  }
}

function unknownVersion({ id, version }: FunctionAssignment): Outcome<never, AssignmentProblem> {
  const detail = `the unit has no version ${version} of ${id}`;
  return refused({ code: "VERSION_UNKNOWN", detail });
}

function settingProblem(
  { id, settings = {} }: FunctionAssignment,
  manifest: FunctionManifest,
): AssignmentProblem | undefined {
  for (const [vehicleId, values] of Object.entries(settings)) {
    for (const [name, value] of Object.entries(values)) {
      const declared = manifest.settings.find((setting) => setting.name === name);
      const place = `${name} of ${id} for ${vehicleId}`;
      if (declared === undefined) {
        return { code: "SETTING_UNKNOWN", detail: `${place}: there is no such setting` };
      }
      const { min, max } = declared;
      // Not "outside": a NaN is in no range.
      if (!(value >= min && value <= max)) {
        const detail = `${place} is ${value}, it must be ${min} to ${max}`;
        return { code: "SETTING_OUT_OF_RANGE", detail };
      }
    }
  }
  return undefined;
}

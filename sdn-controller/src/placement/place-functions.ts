import type { Bundle } from "../bundles/bundle-book.ts";
import type { Attachment } from "./attachment.ts";

/** One function on one unit with the vehicles that it serves there. */
export interface FunctionPlacement {
  readonly functionId: string;
  readonly unitId: string;
  readonly vehicles: readonly string[];
}

/** One function in an assignment. */
export interface AssignedFunction {
  readonly id: string;
  readonly version?: string;
  readonly vehicles: readonly string[];
  /** Vehicles whose state the unit fetches and keeps. */
  readonly standby: readonly string[];
  readonly settings: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly because: Readonly<Record<string, string>>;
}

/** What one unit is told: the functions it runs, for whom and how, and from whom it fetches state. */
export interface UnitAssignment {
  readonly version: number;
  readonly peers: readonly { readonly unitId: string; readonly url: string }[];
  readonly functions: readonly AssignedFunction[];
  readonly states: Readonly<Record<string, string>>;
}

/** A sentence in an assignment; the journal takes no longer ones. */
const becauseMax = 300;

interface Growing {
  readonly vehicles: string[];
  readonly standby: string[];
  readonly settings: Record<string, Readonly<Record<string, number>>>;
  readonly because: Record<string, string>;
}

/** Every unit's part of the plan. Sorted by vehicle, so that equal plans compare equal. Cost: vehicles × functions. */
export class FunctionPlan {
  readonly #functions: readonly string[];
  readonly #units = new Map<string, Map<string, Growing>>();
  readonly #states = new Map<string, Record<string, string>>();

  constructor(options: {
    functions: readonly string[];
    /** Sorted by vehicle. */
    attachments: Iterable<Attachment>;
    bundleOf: (vehicleId: string) => Bundle;
  }) {
    this.#functions = options.functions;
    for (const attachment of options.attachments) {
      this.#place(attachment, options.bundleOf(attachment.vehicleId));
    }
  }

  #place(attachment: Attachment, bundle: Bundle): void {
    const { vehicleId, unitId, from, next, standbyUnitId, inherited } = attachment;
    const active = from === undefined ? [unitId] : [unitId, from];
    for (const unit of active) this.#serve(unit, vehicleId, bundle);
    if (from !== undefined) this.#fetch(unitId, vehicleId, from);
    else if (inherited !== undefined) this.#fetch(unitId, vehicleId, inherited.holderId);
    const copies = new Set([standbyUnitId, next?.unitId ?? null]);
    for (const unit of copies) {
      if (unit === null || active.includes(unit)) continue;
      for (const { id } of bundle.functions) this.#part(unit, id).standby.push(vehicleId);
      // Whoever holds the dead unit's copy keeps it until the new unit has it.
      const isHolder = inherited?.holderId === unit;
      this.#fetch(unit, vehicleId, isHolder ? inherited.deadId : unitId);
    }
  }

  #serve(unit: string, vehicleId: string, bundle: Bundle): void {
    for (const { id, settings, because } of bundle.functions) {
      const part = this.#part(unit, id);
      part.vehicles.push(vehicleId);
      part.because[vehicleId] = because.slice(0, becauseMax);
      if (Object.keys(settings).length > 0) part.settings[vehicleId] = settings;
    }
  }

  #fetch(unit: string, vehicleId: string, source: string): void {
    const states = this.#states.get(unit) ?? {};
    states[vehicleId] = source;
    this.#states.set(unit, states);
  }

  #part(unit: string, functionId: string): Growing {
    const functions = this.#units.get(unit) ?? new Map<string, Growing>();
    this.#units.set(unit, functions);
    const part = functions.get(functionId) ?? newPart();
    functions.set(functionId, part);
    return part;
  }

  /** A unit without vehicles is told its functions with empty lists, so that it lets go of the old ones. */
  assignmentOf(unitId: string): Pick<UnitAssignment, "functions" | "states"> {
    const parts = this.#units.get(unitId);
    const functions = this.#functions.map((text) => {
      const [id = text, version] = text.split("@");
      const part = parts?.get(id) ?? newPart();
      return version === undefined ? { id, ...part } : { id, version, ...part };
    });
    return { functions, states: this.#states.get(unitId) ?? {} };
  }

  /** By function, then by unit; units that serve nobody are left out. */
  get placements(): readonly FunctionPlacement[] {
    const units = [...this.#units.keys()].sort();
    return this.#functions.flatMap((text) => {
      const [functionId = text] = text.split("@");
      return units.flatMap((unitId) => {
        const vehicles = this.#units.get(unitId)?.get(functionId)?.vehicles ?? [];
        return vehicles.length === 0 ? [] : [{ functionId, unitId, vehicles }];
      });
    });
  }
}

function newPart(): Growing {
  return { vehicles: [], standby: [], settings: {}, because: {} };
}

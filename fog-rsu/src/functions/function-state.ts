import { type AlarmLevel, type EventClass, eventClasses } from "@voltfog/messages";
import {
  decodeState,
  identifierPattern,
  type MalformedProblem,
  type Outcome,
  type StateReader,
  savedTime_ms,
} from "@voltfog/runtime";
import { type SavedVehicle, stateMax_bytes } from "./function-run.ts";
import type { OpenCondition } from "./network-function.ts";

/** A condition of one function and vehicle that stands. */
export interface StandingCondition {
  readonly name: string;
  readonly class: EventClass;
  readonly level: AlarmLevel;
}

/** What one function keeps of one vehicle, on its way between units. */
export interface FunctionState extends SavedVehicle {
  readonly functionId: string;
  readonly version: string;
  /** When it was saved, by the wall clock of the unit that saved it. */
  readonly at_ms: number;
  readonly open: readonly StandingCondition[];
}

/** Conditions of one function and vehicle that another unit found and that stand. */
export interface AdoptedConditions {
  readonly functionId: string;
  readonly vehicleId: string;
  /** Wall time of the newest sample that they rest on. */
  readonly seen_ms: number;
  readonly open: readonly StandingCondition[];
}

/** What the unit's events know of conditions. */
export interface HostConditions {
  /** Conditions of one function that are still open, for a thread that starts anew. */
  openConditions(functionId: string): readonly OpenCondition[];
  standingOf(place: { functionId: string; vehicleId: string }): readonly StandingCondition[];
  /** False where this unit knows newer ones. */
  adopt(adopted: AdoptedConditions): boolean;
}

/** Vehicles that one call may ask for. */
export const vehiclesPerCall = 32;
/** Bytes that an answer to it may have. */
export const statesMax_bytes: number = 16 * 1024 * 1024;

const functionsMax = 64;
const openMax = 32;

/**
 * The states in another unit's answer, `{states: [...]}`. Strict as to the form; what a state says its own
 * function checks, and that it is of a vehicle that was asked for the caller.
 */
export function parseFunctionStates(
  value: unknown,
): Outcome<readonly FunctionState[], MalformedProblem> {
  return decodeState(value, (reader) =>
    reader.objects("states", { max: functionsMax * vehiclesPerCall }).map(readState),
  );
}

function readState(from: StateReader): FunctionState {
  const vehicleId = from.text("vehicleId", 32);
  if (!identifierPattern.test(vehicleId)) from.fail("vehicleId is not as it must be");
  const seen = from.object("seen");
  const state: FunctionState = {
    vehicleId,
    functionId: from.text("functionId", 64),
    version: from.text("version", 32),
    at_ms: from.number("at_ms", savedTime_ms),
    seen: {
      boot: seen.whole("boot", { min: 0, max: Number.MAX_SAFE_INTEGER }),
      monotonic_ms: seen.number("monotonic_ms", savedTime_ms),
      wall_ms: seen.number("wall_ms", savedTime_ms),
    },
    open: from.objects("open", { max: openMax }).map(readCondition),
    state: from.text("state", stateMax_bytes),
  };
  seen.end();
  from.end();
  return state;
}

function readCondition(from: StateReader): StandingCondition {
  const condition: StandingCondition = {
    name: from.text("name", 64),
    class: from.oneOf("class", eventClasses),
    level: from.oneOf<AlarmLevel>("level", [1, 2, 3]),
  };
  from.end();
  return condition;
}

import type { AlarmLevel, BatteryEvent } from "@voltfog/messages";
import type { OpenCondition } from "../functions/network-function.ts";
import type { RecordedEvent } from "./event-record.ts";

/** What decides whether a finding says anything new. */
export interface Observation {
  readonly functionId: string;
  readonly condition: string;
  readonly vehicleId: string;
  readonly state: BatteryEvent["state"];
  readonly level: AlarmLevel;
  readonly standing: 0 | AlarmLevel;
  readonly logIndex: number;
  readonly at_ms: number;
}

interface Known {
  readonly standing: number;
  readonly logIndex: number;
  readonly at_ms: number;
  readonly place: {
    readonly functionId: string;
    readonly condition: string;
    readonly vehicleId: string;
  };
}

const knownMax = 200_000;

/**
 * Which conditions stand, so that each becomes one event when it begins, grows or ends, however often
 * it is found. A finding from a frame that was already judged before a restart says nothing new.
 */
export class ConditionBook {
  readonly #known = new Map<string, Known>();

  /** Takes up what an earlier life of the unit recorded. */
  restore({ event, condition, standing, logIndex }: RecordedEvent): void {
    const { functionId, vehicleId, at_ms } = event;
    this.#set({ functionId, condition, vehicleId }, { standing, logIndex, at_ms });
  }

  /** True when the observation is news, which is then known. */
  note(observation: Observation): boolean {
    const known = this.#known.get(keyOf(observation));
    const { logIndex, at_ms, standing } = observation;
    if (known !== undefined && isOld(observation, known)) return false;
    const before = known?.standing ?? 0;
    const isNews = observation.state === "asserted" ? observation.level > before : before > 0;
    if (isNews) this.#set(observation, { standing, logIndex, at_ms });
    return isNews;
  }

  openOf(functionId: string): readonly OpenCondition[] {
    const open: OpenCondition[] = [];
    for (const { standing, place } of this.#known.values()) {
      if (standing === 0 || place.functionId !== functionId) continue;
      const { condition: name, vehicleId } = place;
      open.push({ name, vehicleId, level: standing as AlarmLevel });
    }
    return open;
  }

  #set(place: Known["place"], state: Omit<Known, "place">): void {
    const { functionId, condition, vehicleId } = place;
    const key = keyOf(place);
    this.#known.delete(key);
    this.#known.set(key, { ...state, place: { functionId, condition, vehicleId } });
    if (this.#known.size <= knownMax) return;
    for (const oldest of this.#known.keys()) {
      this.#known.delete(oldest);
      return;
    }
  }
}

function isOld(observation: Observation, known: Known): boolean {
  if (observation.logIndex > known.logIndex || observation.at_ms > known.at_ms) return false;
  // A unit that came back from a backup counts its next log from 0: a lower place alone is not older.
  return observation.logIndex < known.logIndex || observation.standing === known.standing;
}

function keyOf(place: Known["place"]): string {
  return `${place.functionId} ${place.condition} ${place.vehicleId}`;
}

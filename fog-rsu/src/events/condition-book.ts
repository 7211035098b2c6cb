import {
  type AlarmLevel,
  type BatteryEvent,
  type EventClass,
  noticeClasses,
} from "@voltfog/messages";
import type { AdoptedConditions, StandingCondition } from "../functions/function-state.ts";
import type { OpenCondition } from "../functions/network-function.ts";
import type { RecordedEvent } from "./event-record.ts";

/** What decides whether a finding says anything new. */
export interface Observation {
  readonly functionId: string;
  readonly condition: string;
  readonly class: EventClass;
  readonly vehicleId: string;
  readonly state: BatteryEvent["state"];
  readonly level: AlarmLevel;
  readonly standing: 0 | AlarmLevel;
  readonly logIndex: number;
  readonly at_ms: number;
}

interface Known {
  readonly standing: 0 | AlarmLevel;
  readonly class: EventClass;
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
  /** The same by function and vehicle. */
  readonly #places = new Map<string, Map<string, Known>>();
  /** Standing conditions that are no notices, by vehicle. */
  readonly #alerts = new Map<string, number>();

  /** Takes up what an earlier life of the unit recorded. */
  restore({ event, condition, standing, logIndex }: RecordedEvent): void {
    const { functionId, vehicleId, at_ms, class: eventClass } = event;
    const place = { functionId, condition, vehicleId };
    const level = standing as 0 | AlarmLevel;
    this.#set(place, { standing: level, logIndex, at_ms, class: eventClass });
  }

  /** True when the observation is news, which is then known. */
  note(observation: Observation): boolean {
    const known = this.#known.get(keyOf(observation));
    const { logIndex, at_ms, standing } = observation;
    if (known !== undefined && isOld(observation, known)) return false;
    const before = known?.standing ?? 0;
    const isNews = observation.state === "asserted" ? observation.level > before : before > 0;
    if (isNews) this.#set(observation, { standing, logIndex, at_ms, class: observation.class });
    return isNews;
  }

  /**
   * Takes what another unit knows of a vehicle for all there is to know; false, and nothing is taken, where
   * a newer event of this unit is known.
   */
  adopt({ functionId, vehicleId, seen_ms, open }: AdoptedConditions): boolean {
    const known = [...(this.#places.get(placeOf({ functionId, vehicleId }))?.values() ?? [])];
    if (known.some(({ at_ms }) => at_ms > seen_ms)) return false;
    for (const { place } of known) this.#forget(keyOf(place));
    for (const { name: condition, class: eventClass, level: standing } of open) {
      const place = { functionId, condition, vehicleId };
      this.#set(place, { standing, class: eventClass, logIndex: -1, at_ms: seen_ms });
    }
    return true;
  }

  openOf(functionId: string): readonly OpenCondition[] {
    const open: OpenCondition[] = [];
    for (const { standing, place } of this.#known.values()) {
      if (standing === 0 || place.functionId !== functionId) continue;
      open.push({ name: place.condition, vehicleId: place.vehicleId, level: standing });
    }
    return open;
  }

  /** The same for one vehicle. */
  standingOf(
    place: Pick<Known["place"], "functionId" | "vehicleId">,
  ): readonly StandingCondition[] {
    const known = this.#places.get(placeOf(place))?.values() ?? [];
    return [...known].flatMap(({ standing: level, class: eventClass, place: { condition } }) =>
      level === 0 ? [] : [{ name: condition, class: eventClass, level }],
    );
  }

  /** Alerts of a vehicle that stand. */
  alertsOf(vehicleId: string): number {
    return this.#alerts.get(vehicleId) ?? 0;
  }

  #set(at: Known["place"], state: Omit<Known, "place">): void {
    const { functionId, condition, vehicleId } = at;
    const key = keyOf(at);
    this.#forget(key);
    const known = { ...state, place: { functionId, condition, vehicleId } };
    this.#known.set(key, known);
    const place = this.#places.get(placeOf(at)) ?? new Map<string, Known>();
    this.#places.set(placeOf(at), place.set(condition, known));
    this.#count(known, 1);
    if (this.#known.size <= knownMax) return;
    for (const oldest of this.#known.keys()) {
      this.#forget(oldest);
      return;
    }
  }

  #forget(key: string): void {
    const known = this.#known.get(key);
    if (known === undefined) return;
    this.#known.delete(key);
    const place = this.#places.get(placeOf(known.place));
    place?.delete(known.place.condition);
    if (place?.size === 0) this.#places.delete(placeOf(known.place));
    this.#count(known, -1);
  }

  #count({ standing, class: eventClass, place: { vehicleId } }: Known, step: 1 | -1): void {
    if (standing === 0 || noticeClasses.includes(eventClass)) return;
    const alerts = (this.#alerts.get(vehicleId) ?? 0) + step;
    if (alerts === 0) this.#alerts.delete(vehicleId);
    else this.#alerts.set(vehicleId, alerts);
  }
}

function placeOf({ functionId, vehicleId }: Omit<Known["place"], "condition">): string {
  return `${functionId} ${vehicleId}`;
}

function isOld(observation: Observation, known: Known): boolean {
  if (observation.logIndex > known.logIndex || observation.at_ms > known.at_ms) return false;
  // A unit that came back from a backup counts its next log from 0: a lower place alone is not older.
  return observation.logIndex < known.logIndex || observation.standing === known.standing;
}

function keyOf(place: Known["place"]): string {
  return `${place.functionId} ${place.condition} ${place.vehicleId}`;
}

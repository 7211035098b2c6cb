import type { RecordedEvent } from "../events/event-record.ts";
import { changeName, changePrefixes, nameIn, servesName } from "./function-changes.ts";
import type { SettingsByVehicle } from "./function-run.ts";
import type { FunctionManifest } from "./network-function.ts";
import type { TelemetryArrival } from "./sample-batch.ts";

/** One number of a function and vehicle, from a place in the unit's log on. */
export interface RecordedChange {
  readonly functionId: string;
  readonly vehicleId: string;
  readonly name: string;
  readonly value: number;
  /** The first log index that it holds for. */
  readonly from: number;
}

/** What assignments changed, out of a unit's events in their order. */
export function recordedChanges(events: readonly RecordedEvent[]): readonly RecordedChange[] {
  return events.flatMap(({ event, condition, logIndex }) => {
    const name = event.class === "function-change" ? nameIn(condition) : undefined;
    if (name === undefined) return [];
    const { functionId, vehicleId, value } = event;
    const isBehind = condition.startsWith(`${changePrefixes.behind} `);
    return [{ functionId, vehicleId, name, value, from: isBehind ? logIndex + 1 : logIndex }];
  });
}

/** Whom each function served with which settings, while a log is walked through from its start. */
export class RecordedDuties {
  #left: readonly RecordedChange[];
  readonly #values = new Map<string, Map<string, Map<string, number>>>();

  constructor(changes: readonly RecordedChange[]) {
    this.#left = changes.toSorted((a, b) => a.from - b.from);
  }

  /** The arrivals in their order, parted where something changes; each part comes with what holds for it. */
  *stretches(arrivals: readonly TelemetryArrival[]): Generator<readonly TelemetryArrival[]> {
    let stretch: TelemetryArrival[] = [];
    for (const arrival of arrivals) {
      const isDue = (this.#left[0]?.from ?? Number.POSITIVE_INFINITY) <= arrival.frame.logIndex;
      if (isDue) {
        if (stretch.length > 0) yield stretch;
        stretch = [];
        this.#takeUpTo(arrival.frame.logIndex);
      }
      stretch.push(arrival);
    }
    if (stretch.length > 0) yield stretch;
  }

  serves({ id }: FunctionManifest, vehicleId: string): boolean {
    return this.#values.get(id)?.get(vehicleId)?.get(servesName) !== 0;
  }

  settingsOf({ id, settings }: FunctionManifest): SettingsByVehicle {
    const names = new Map(settings.map(({ name }) => [changeName(name), name]));
    return Object.fromEntries(
      [...(this.#values.get(id) ?? [])].map(([vehicleId, values]) => {
        const known = [...values].flatMap(([changed, value]) => {
          const name = names.get(changed);
          return name === undefined ? [] : [[name, value] as const];
        });
        return [vehicleId, Object.fromEntries(known)];
      }),
    );
  }

  #takeUpTo(logIndex: number): void {
    const due = this.#left.findIndex(({ from }) => from > logIndex);
    const end = due < 0 ? this.#left.length : due;
    for (const { functionId, vehicleId, name, value } of this.#left.slice(0, end)) {
      const byVehicle = this.#values.get(functionId) ?? new Map<string, Map<string, number>>();
      const values = byVehicle.get(vehicleId) ?? new Map<string, number>();
      this.#values.set(functionId, byVehicle.set(vehicleId, values.set(name, value)));
    }
    this.#left = this.#left.slice(end);
  }
}

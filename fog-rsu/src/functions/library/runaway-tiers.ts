import { PackThermalWatch, type ThermalSighting, thermalRules } from "@voltfog/battery";
import type { AlarmLevel } from "@voltfog/messages";
import type { Movable, SavedState, StateReader } from "@voltfog/runtime";
import type { Condition, FunctionSample, OpenCondition } from "../network-function.ts";
import { OneCondition } from "./one-condition.ts";

/** Without a further sighting for so long, what was seen at tier 2 is over; tier 3 stands. */
const calm_ms = 600_000;

/**
 * Tiers 2 and 3 of one vehicle as one condition, "thermal-breakdown", at levels 2 and 3. It only adds to
 * tier 1, which runs beside it and does not know of it.
 */
export class RunawayTiers implements Movable {
  readonly #watch = new PackThermalWatch(thermalRules);
  readonly #condition: OneCondition;

  constructor(open: readonly OpenCondition[]) {
    const name = "thermal-breakdown";
    this.#condition = new OneCondition({ name, class: "thermal-alert", hold_ms: calm_ms, open });
  }

  update(sample: FunctionSample): Condition | undefined {
    const sightings = this.#watch.update(sample);
    const worst = sightings.toSorted((a, b) => b.tier - a.tier)[0];
    const { vehicleId } = sample;
    if (worst !== undefined) {
      return this.#condition.update(sightOf(worst, vehicleId), sample.monotonic_ms);
    }
    if (this.#condition.standing === 0) return undefined;
    const sentence = `thermal breakdown of ${vehicleId} is over: no sign of it for ${calm_ms / 60_000} min`;
    const nothing = {
      level: 0,
      cell: null,
      value: 0,
      limit: 0.5,
      unit: "ratio",
      sentence,
    } as const;
    return this.#condition.update(nothing, sample.monotonic_ms);
  }

  save(): SavedState {
    return { watch: this.#watch.save(), condition: this.#condition.save() };
  }

  restore(from: StateReader): void {
    this.#watch.restore(from.object("watch"));
    this.#condition.restore(from.object("condition"));
    from.end();
  }
}

function sightOf(
  { tier, sensor, probability, cause }: ThermalSighting,
  vehicleId: string,
): Parameters<OneCondition["update"]>[0] {
  const level: AlarmLevel = tier;
  const chance = `runaway ${Math.round(100 * probability)} % likely`;
  return {
    level,
    cell: sensor,
    value: probability,
    limit: 0.5,
    unit: "ratio",
    sentence: `thermal breakdown of ${vehicleId}, tier ${tier}: sensor ${sensor + 1}: ${cause} (${chance})`,
  };
}

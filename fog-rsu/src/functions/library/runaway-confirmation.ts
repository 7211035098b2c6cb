import { type SafeOperatingArea, TemperatureRiseMeter } from "@voltfog/battery";
import type { Movable, SavedState, StateReader } from "@voltfog/runtime";
import type { FunctionSample } from "../network-function.ts";

/** GB 38031-2025 C.5.3.7: the rise that confirms a thermal runaway, in °C/s over at least 3 s. */
const confirmingRise = 1;
/** GB 38031-2025 C.5.3.7: the drop of the cell's voltage. */
const confirmingDrop = 0.25;

/** What confirmed a thermal runaway. */
export interface Runaway {
  readonly sensor: number;
  /** °C per second. */
  readonly rise: number;
  readonly cause: "voltage drop" | "temperature limit";
}

/**
 * Thermal runaway as GB 38031-2025 confirms it: (voltage drop over 25 % or temperature at the maker's
 * limit) together with a rise of at least 1 °C/s for over 3 s. The drop is measured against the median
 * cell of the same reading, so that load and state of charge, which all cells share, cancel.
 */
export class RunawayConfirmation implements Movable {
  readonly #rise: TemperatureRiseMeter;
  readonly #temperatureMax_degC: number;
  #confirmed: boolean;

  constructor(options: { area: SafeOperatingArea; isConfirmed: boolean }) {
    this.#confirmed = options.isConfirmed;
    this.#rise = new TemperatureRiseMeter({
      resolution_degC: options.area.temperatureResolution_degC,
    });
    this.#temperatureMax_degC = options.area.dischargeTemperatureMax_degC[2];
  }

  /** Says it once: a pack that ran away does not recover. */
  update(sample: FunctionSample): Runaway | undefined {
    const steepest = this.#rise.update(sample);
    if (this.#confirmed || steepest === undefined || steepest.rise < confirmingRise)
      return undefined;
    const cause = this.#secondSign(sample);
    if (cause === undefined) return undefined;
    this.#confirmed = true;
    return { sensor: steepest.sensor, rise: steepest.rise, cause };
  }

  save(): SavedState {
    return { confirmed: this.#confirmed, rise: this.#rise.save() };
  }

  restore(from: StateReader): void {
    this.#confirmed = from.flag("confirmed");
    this.#rise.restore(from.object("rise"));
    from.end();
  }

  #secondSign(sample: FunctionSample): Runaway["cause"] | undefined {
    if (sample.temperature_degC.some((value) => value >= this.#temperatureMax_degC)) {
      return "temperature limit";
    }
    const sorted = sample.cellVoltage_mV.toSorted();
    const median_mV = sorted[sorted.length >> 1] ?? 0;
    return (sorted[0] ?? 0) < (1 - confirmingDrop) * median_mV ? "voltage drop" : undefined;
  }
}

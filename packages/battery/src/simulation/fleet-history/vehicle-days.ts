import { normal, type Random } from "@voltfog/runtime";
import type { DayReadings, DeclaredGap } from "../../maintenance/day-readings.ts";
import { dayOf } from "../../maintenance/day-readings.ts";
import type { HistoryPack } from "./history-pack.ts";
import type { HistoryRow, HistorySensors } from "./history-sensors.ts";
import { type HistoryActivity, type HistoryCharacter, planHistoryDay } from "./history-vehicle.ts";

const day_ms = 86_400_000;
const day_min = 1440;
/** Minutes between rows. */
const step_min = { driving: 5, charging: 10, parked: 60 } as const;
const lostShare = 0.0005;
/** Days with a hole in the readings, and how long it is. */
const gapShare = 1 / 60;
const columns = [
  "packVoltage_V",
  "packCurrent_A",
  "soc",
  "cellMin_mV",
  "cellMean_mV",
  "cellMax_mV",
  "temperatureMin_degC",
  "temperatureMax_degC",
] as const satisfies readonly (keyof HistoryRow)[];

interface VehicleDaysOptions {
  readonly pack: HistoryPack;
  readonly sensors: HistorySensors;
  readonly character: HistoryCharacter;
  readonly start_ms: number;
  readonly plan: Random;
  readonly weather: Random;
}

/** Takes a pack through its days and writes down what its sensors say. */
export class VehicleDays {
  readonly #o: VehicleDaysOptions;
  #rows: HistoryRow[] = [];
  #wall_ms: number[] = [];
  #at_min = 0;
  #midnight_ms = 0;
  #weather_K = 0;
  #gap: { from_min: number; to_min: number } | undefined;
  /** The charge of the night before, which goes on past midnight. */
  #night: HistoryActivity | undefined;

  constructor(o: VehicleDaysOptions) {
    this.#o = o;
  }

  /** The next day in order; in the workshop the vehicle stands and says nothing. */
  next(day: number, isInWorkshop: boolean): DayReadings {
    const { character, plan, start_ms } = this.#o;
    this.#begin(day);
    const drawn = planHistoryDay({ day, character, random: plan });
    const activities = this.#night === undefined ? drawn : [this.#night, ...drawn];
    this.#night = undefined;
    for (const activity of isInWorkshop ? [] : activities) {
      this.#parkUntil(activity.from_min);
      this.#follow(activity);
    }
    this.#parkUntil(day_min);
    return this.#readings(start_ms + day * day_ms, isInWorkshop);
  }

  #begin(day: number): void {
    const { pack, character, weather, start_ms } = this.#o;
    this.#rows = [];
    this.#wall_ms = [];
    this.#at_min = 0;
    this.#midnight_ms = start_ms + day * day_ms;
    this.#weather_K = 0.75 * this.#weather_K + 0.66 * character.weather_K * normal(weather);
    // Coldest in the middle of January.
    const season_K = -character.season_K * Math.cos((2 * Math.PI * (day - 15)) / 365.25);
    pack.outside_degC = character.climate_degC + season_K + this.#weather_K;
    const from_min = Math.floor(day_min * weather.uniform());
    const length_min = Math.floor(120 + 480 * weather.uniform());
    const hasGap = weather.uniform() < gapShare;
    this.#gap = hasGap ? { from_min, to_min: Math.min(day_min, from_min + length_min) } : undefined;
  }

  #parkUntil(until_min: number): void {
    const end_min = Math.min(day_min, until_min);
    while (this.#at_min < end_min) this.#step(0, Math.min(step_min.parked, end_min - this.#at_min));
  }

  #follow(activity: HistoryActivity): void {
    const { pack, character, plan } = this.#o;
    const isCharge = activity.mode === "charging";
    // A charge that goes on from the night before has begun already.
    const below = activity.rate > 0.6 ? 0.5 : character.usage.chargeBelow;
    if (isCharge && activity.from_min > 0 && pack.meanSoc >= below) return;
    const end_min = this.#at_min + activity.duration_min;
    const longest_min = step_min[activity.mode];
    while (this.#at_min < Math.min(end_min, day_min)) {
      const left_min = Math.min(end_min, day_min) - this.#at_min;
      const jitter = isCharge ? taper(pack.meanSoc) : 0.5 + plan.uniform();
      const rate = activity.rate * jitter;
      const edge = isCharge
        ? activity.target - pack.extremes.high
        : pack.extremes.low - activity.target;
      if (edge <= 0.002) return;
      const reach_min = Math.max(1, Math.round((60 * edge) / Math.abs(rate)));
      this.#step(rate, Math.min(longest_min, left_min, reach_min));
    }
    if (isCharge && end_min > day_min && this.#at_min >= day_min) {
      this.#night = { ...activity, from_min: 0, duration_min: Math.min(340, end_min - day_min) };
    }
  }

  #step(rate: number, minutes: number): void {
    const { pack, sensors, weather } = this.#o;
    pack.step({ rate, step_s: minutes * 60 });
    this.#at_min += minutes;
    const row = sensors.read(pack);
    if (weather.uniform() < lostShare) return;
    const gap = this.#gap;
    if (gap !== undefined && this.#at_min > gap.from_min && this.#at_min <= gap.to_min) return;
    this.#rows.push(row);
    // The last row of a day belongs to it.
    this.#wall_ms.push(this.#midnight_ms + this.#at_min * 60_000 - 1000);
  }

  #readings(midnight_ms: number, isInWorkshop: boolean): DayReadings {
    const rows = isInWorkshop ? [] : this.#rows;
    const wall_ms = isInWorkshop ? [] : this.#wall_ms;
    const column = (name: (typeof columns)[number]): Float64Array =>
      Float64Array.from(rows, (row) => row[name]);
    const named = Object.fromEntries(columns.map((name) => [name, column(name)])) as Record<
      (typeof columns)[number],
      Float64Array
    >;
    return {
      day: dayOf(midnight_ms),
      wall_ms: Float64Array.from(wall_ms),
      ...named,
      gaps: this.#gaps(midnight_ms, isInWorkshop),
    };
  }

  #gaps(midnight_ms: number, isInWorkshop: boolean): readonly DeclaredGap[] {
    if (isInWorkshop) return [{ from_ms: midnight_ms, to_ms: midnight_ms + day_ms }];
    if (this.#gap === undefined) return [];
    const { from_min, to_min } = this.#gap;
    return [{ from_ms: midnight_ms + from_min * 60_000, to_ms: midnight_ms + to_min * 60_000 }];
  }
}

/** Current falls as the pack gets full. */
function taper(soc: number): number {
  return Math.max(0.1, Math.min(1, (1.03 - soc) / 0.12));
}

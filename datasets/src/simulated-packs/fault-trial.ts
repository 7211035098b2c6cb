import {
  type AnomalyCause,
  AnomalyDetector,
  type Fault,
  type PackPreset,
  VehicleSimulator,
} from "@voltfog/battery";
import { SeededRandom } from "@voltfog/runtime";
import { fleetStart_ms } from "./simulate-fleet.ts";

/** A fault to find, and within what time. */
export interface FaultCase {
  readonly name: string;
  readonly goal_s?: number;
  make(o: { onset_s: number; cell: number; sensor: number; sign: 1 | -1 }): Fault;
}

const hour_s = 3600;
const day_s = 24 * hour_s;

/** Every kind that the simulator has, at sizes that matter. */
export const faultCases: readonly FaultCase[] = [
  ...(
    [
      [100, 72 * hour_s],
      [10, 3 * hour_s],
      [1, 600],
      [0.1, 20],
    ] as const
  ).map(
    ([resistance_Ohm, goal_s]): FaultCase => ({
      name: `short-${resistance_Ohm}Ohm`,
      goal_s,
      make: ({ onset_s, cell }) => ({ kind: "internal-short", onset_s, cell, resistance_Ohm }),
    }),
  ),
  {
    name: "weak-cell",
    make: ({ onset_s, cell }) => ({
      kind: "weak-cell",
      onset_s,
      cell,
      capacityLoss: 0.1,
      resistanceRise: 0.5,
    }),
  },
  {
    name: "connection-0.5mOhm",
    make: ({ onset_s, cell }) => ({ kind: "connection", onset_s, cell, resistance_mOhm: 0.5 }),
  },
  {
    name: "cooling-loss",
    make: ({ onset_s }) => ({ kind: "cooling-loss", onset_s, remaining: 0.1 }),
  },
  {
    name: "voltage-stuck",
    make: ({ onset_s, cell }) => ({
      kind: "sensor-stuck",
      onset_s,
      sensor: "voltage",
      place: cell,
    }),
  },
  {
    name: "voltage-drift",
    make: ({ onset_s, cell, sign }) => ({
      kind: "sensor-drift",
      onset_s,
      sensor: "voltage",
      place: cell,
      perHour: 5 * sign,
    }),
  },
  {
    name: "voltage-offset",
    make: ({ onset_s, cell, sign }) => ({
      kind: "sensor-offset",
      onset_s,
      sensor: "voltage",
      place: cell,
      offset: 20 * sign,
    }),
  },
  {
    name: "voltage-open",
    make: ({ onset_s, cell }) => ({ kind: "sensor-open", onset_s, sensor: "voltage", place: cell }),
  },
  {
    name: "temperature-stuck",
    make: ({ onset_s, sensor }) => ({
      kind: "sensor-stuck",
      onset_s,
      sensor: "temperature",
      place: sensor,
    }),
  },
  {
    name: "temperature-drift",
    make: ({ onset_s, sensor, sign }) => ({
      kind: "sensor-drift",
      onset_s,
      sensor: "temperature",
      place: sensor,
      perHour: sign,
    }),
  },
  {
    name: "temperature-offset",
    make: ({ onset_s, sensor, sign }) => ({
      kind: "sensor-offset",
      onset_s,
      sensor: "temperature",
      place: sensor,
      offset: 8 * sign,
    }),
  },
  {
    name: "temperature-open",
    make: ({ onset_s, sensor }) => ({
      kind: "sensor-open",
      onset_s,
      sensor: "temperature",
      place: sensor,
    }),
  },
  {
    name: "current-stuck",
    make: ({ onset_s }) => ({ kind: "sensor-stuck", onset_s, sensor: "current", place: 0 }),
  },
  {
    name: "current-offset",
    make: ({ onset_s, sign }) => ({
      kind: "sensor-offset",
      onset_s,
      sensor: "current",
      place: 0,
      offset: 2 * sign,
    }),
  },
  {
    name: "current-drift",
    make: ({ onset_s, sign }) => ({
      kind: "sensor-drift",
      onset_s,
      sensor: "current",
      place: 0,
      perHour: 0.5 * sign,
    }),
  },
  {
    name: "current-open",
    make: ({ onset_s }) => ({ kind: "sensor-open", onset_s, sensor: "current", place: 0 }),
  },
  { name: "contactor-weld", make: ({ onset_s }) => ({ kind: "contactor-weld", onset_s }) },
  {
    name: "insulation-loss",
    make: ({ onset_s }) => ({ kind: "insulation-loss", onset_s, resistance_Ohm: 100_000 }),
  },
  { name: "packet-loss", make: ({ onset_s }) => ({ kind: "packet-loss", onset_s, share: 0.2 }) },
  { name: "clock-skew", make: ({ onset_s }) => ({ kind: "clock-skew", onset_s, ppm: 200 }) },
];

export interface TrialLength {
  /** Until the fault may begin; the detector learns in this time. */
  readonly warmUp_d: number;
  /** Watched from the onset on. */
  readonly watched_d: number;
}

export interface FaultTrial {
  /** Highest score from the onset on. */
  readonly score: number;
  readonly cause: AnomalyCause | undefined;
  readonly place: number | undefined;
  /** The cell and the sensor that a fault of this vehicle is in. */
  readonly trueCell: number;
  readonly trueSensor: number;
  /** From onset to the first score of 1; undefined where there is none. */
  readonly found_s: number | undefined;
  /** Alarms before the onset, or all of a sound vehicle's. */
  readonly falseAlarms: number;
  /** Time in which only false alarms were possible. */
  readonly exposure_s: number;
  readonly samples: number;
}

/** While an alarm stands and for this long after it, further scores belong to it. */
const alarmHold_s = 6 * hour_s;
/** Alarms of the learning time are not counted, and not possible for most causes. */
const learning_s = 1.5 * day_s;

/** Where and when a vehicle's fault would be: drawn from the seed, whether there is a fault or not. */
function drawPlace(
  seed: number,
  vehicle: number,
  length: TrialLength,
  preset: PackPreset,
): {
  onset_s: number;
  cell: number;
  sensor: number;
  sign: 1 | -1;
} {
  const random = new SeededRandom(seed * 1009 + vehicle * 31 + 17);
  const { cells, sensors } = preset;
  return {
    onset_s: Math.round((length.warmUp_d + random.uniform()) * day_s),
    cell: Math.floor(random.uniform() * cells),
    sensor: Math.floor(random.uniform() * sensors),
    sign: random.uniform() < 0.5 ? 1 : -1,
  };
}

/**
 * One vehicle with a fault or without. Both have the same samples up to the onset, and both are sampled
 * every second for an hour around it, so that a hard short can be found in seconds.
 */
export function runFaultTrial(o: {
  seed: number;
  vehicle: number;
  length: TrialLength;
  noise_mV: number;
  preset: PackPreset;
  fault: FaultCase | undefined;
}): FaultTrial {
  const { preset } = o;
  const place = drawPlace(o.seed, o.vehicle, o.length, preset);
  const { onset_s } = place;
  const simulator = new VehicleSimulator({
    seed: o.seed,
    vehicle: o.vehicle,
    preset,
    start_ms: fleetStart_ms,
    noise_mV: o.noise_mV,
    steps: { driving_s: 5, charging_s: 30, parked_s: 300 },
    window: { from_s: onset_s - 600, to_s: onset_s + 1800, step_s: 1 },
    faults: o.fault === undefined ? [] : [o.fault.make(place)],
  });
  const detector = new AnomalyDetector(preset);
  const tally = new Tally(o.fault === undefined ? Number.POSITIVE_INFINITY : onset_s, onset_s);
  const end_s = onset_s + o.length.watched_d * day_s;
  follow({ simulator, detector, tally, end_s });
  return { ...tally.result(end_s), trueCell: place.cell, trueSensor: place.sensor };
}

/** A sound vehicle for months, sampled as seldom as a vehicle can be: only for counting false alarms. */
export function runSoundVehicle(o: {
  seed: number;
  vehicle: number;
  days: number;
  noise_mV: number;
  preset: PackPreset;
}): { readonly falseAlarms: number; readonly exposure_s: number } {
  const { preset } = o;
  const simulator = new VehicleSimulator({
    seed: o.seed,
    vehicle: o.vehicle,
    preset,
    start_ms: fleetStart_ms,
    noise_mV: o.noise_mV,
    steps: { driving_s: 20, charging_s: 120, parked_s: 600 },
  });
  const detector = new AnomalyDetector(preset);
  const tally = new Tally(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
  follow({ simulator, detector, tally, end_s: o.days * day_s });
  return tally.result(o.days * day_s);
}

function follow(o: {
  simulator: VehicleSimulator;
  detector: AnomalyDetector;
  tally: Tally;
  end_s: number;
}): void {
  let missed = 0;
  while (o.simulator.pack.elapsed_s < o.end_s) {
    const { elapsed_s, mode, sample, insulation_Ohm, arrives } = o.simulator.next();
    if (!arrives) {
      missed++;
      continue;
    }
    const isParked = mode === "parked";
    o.tally.count(elapsed_s, o.detector.update(sample, { isParked, insulation_Ohm, missed }));
    missed = 0;
  }
}

class Tally {
  readonly #faultFrom_s: number;
  readonly #onset_s: number;
  #score = 0;
  #cause: AnomalyCause | undefined;
  #place: number | undefined;
  #found_s: number | undefined;
  #falseAlarms = 0;
  #lastAlarm_s = Number.NEGATIVE_INFINITY;
  #samples = 0;

  constructor(faultFrom_s: number, onset_s: number) {
    this.#faultFrom_s = faultFrom_s;
    this.#onset_s = onset_s;
  }

  count(
    elapsed_s: number,
    anomaly: { score: number; cause: AnomalyCause; place: number | undefined },
  ): void {
    this.#samples++;
    const isAlarm = anomaly.score >= 1;
    if (elapsed_s > this.#onset_s) {
      if (anomaly.score > this.#score) {
        this.#score = anomaly.score;
        this.#cause = anomaly.cause;
        this.#place = anomaly.place;
      }
      if (isAlarm) this.#found_s ??= elapsed_s - this.#onset_s;
    }
    if (!isAlarm || elapsed_s <= learning_s || elapsed_s > this.#faultFrom_s) return;
    if (elapsed_s - this.#lastAlarm_s > alarmHold_s) this.#falseAlarms++;
    this.#lastAlarm_s = elapsed_s;
  }

  result(end_s: number): Omit<FaultTrial, "trueCell" | "trueSensor"> {
    return {
      score: this.#score,
      cause: this.#cause,
      place: this.#place,
      found_s: this.#found_s,
      falseAlarms: this.#falseAlarms,
      exposure_s: Math.min(end_s, this.#faultFrom_s) - learning_s,
      samples: this.#samples,
    };
  }
}

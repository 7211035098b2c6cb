import { type Anomaly, type AnomalyCause, AnomalyDetector } from "@voltfog/battery";
import type {
  Condition,
  FunctionSample,
  NetworkFunction,
  OpenCondition,
} from "../network-function.ts";
import { OneCondition } from "./one-condition.ts";
import { PerVehicle } from "./per-vehicle.ts";
import { servedCell, servedPack } from "./served-pack.ts";

/** A score must stay above its threshold for so long before it is said, and below it before it is over. */
const persists_ms = 60_000;
const hold_ms = 1_800_000;
/** Without current for so long a vehicle is parked. */
const parkedAfter_ms = 300_000;
const parkedMax_A = 0.5;

const words: Readonly<Record<AnomalyCause, string>> = {
  cell: "a cell leaves the others: a leak, a weak cell or a loose connection",
  "temperature-place": "a place is warmer or colder than its neighbours explain",
  cooling: "the pack warms faster than its load explains: cooling is lost",
  "current-or-contactor": "current and voltages contradict each other: a sensor or a contactor",
  insulation: "insulation is low",
  "samples-missing": "too many samples are missing",
  clock: "the vehicle's clock runs away",
};

interface Vehicle {
  readonly cells: number;
  readonly sensors: number;
  readonly detector: AnomalyDetector;
}

/** Cells, places, cooling and sensors against what is usual in the same pack; each cause is a condition. */
export const networkFunction: NetworkFunction = {
  manifest: {
    id: "anomaly-detection",
    version: "1.0.0",
    inputs: ["telemetry"],
    rate_Hz: 0.1,
    cpu: 0.05,
    memory_MB: 192,
    latencyClass: "bulk",
  },
  start({ open }) {
    const vehicles = new PerVehicle(
      (vehicleId) =>
        new VehicleWatch(open.filter((condition) => condition.vehicleId === vehicleId)),
    );
    return {
      onSample(sample, findings) {
        for (const change of vehicles.of(sample.vehicleId).update(sample)) {
          findings.condition(change);
        }
      },
    };
  },
};

class VehicleWatch {
  readonly #conditions: readonly (readonly [AnomalyCause, OneCondition])[];
  #vehicle: Vehicle | undefined;
  #cause: AnomalyCause | undefined;
  #causeSince_ms = 0;
  #rests_ms: number | undefined;

  constructor(open: readonly OpenCondition[]) {
    const causes = Object.keys(words) as AnomalyCause[];
    this.#conditions = causes.map((cause) => [
      cause,
      new OneCondition({ name: cause, class: "cell-anomaly", hold_ms, open }),
    ]);
  }

  update(sample: FunctionSample): readonly Condition[] {
    const now_ms = sample.monotonic_ms;
    const anomaly = this.#detector(sample).update(sample, { isParked: this.#isParked(sample) });
    const cause = anomaly.score >= 1 ? anomaly.cause : undefined;
    if (cause !== this.#cause || now_ms < this.#causeSince_ms) {
      this.#cause = cause;
      this.#causeSince_ms = now_ms;
    }
    const persists = cause !== undefined && now_ms - this.#causeSince_ms >= persists_ms;
    return this.#conditions.flatMap(([name, condition]) => {
      const isSeen = persists && name === cause;
      const sight = sightOf({ cause: name, anomaly, isSeen, vehicleId: sample.vehicleId });
      return condition.update(sight, now_ms) ?? [];
    });
  }

  #detector(sample: FunctionSample): AnomalyDetector {
    const cells = sample.cellVoltage_mV.length;
    const sensors = sample.temperature_degC.length;
    if (this.#vehicle?.cells !== cells || this.#vehicle.sensors !== sensors) {
      const { capacity_Ah } = servedPack;
      const detector = new AnomalyDetector({ cells, sensors, capacity_Ah, cell: servedCell });
      this.#vehicle = { cells, sensors, detector };
    }
    return this.#vehicle.detector;
  }

  #isParked(sample: FunctionSample): boolean {
    const now_ms = sample.monotonic_ms;
    if (!(Math.abs(sample.packCurrent_A) <= parkedMax_A)) {
      this.#rests_ms = undefined;
      return false;
    }
    this.#rests_ms = Math.min(this.#rests_ms ?? now_ms, now_ms);
    return now_ms - this.#rests_ms >= parkedAfter_ms;
  }
}

function sightOf(options: {
  cause: AnomalyCause;
  anomaly: Anomaly;
  isSeen: boolean;
  vehicleId: string;
}): Parameters<OneCondition["update"]>[0] {
  const { cause, anomaly, isSeen, vehicleId } = options;
  const { place } = anomaly;
  const where = place === undefined ? "" : `, ${cause === "cell" ? "cell" : "sensor"} ${place + 1}`;
  return {
    level: isSeen ? 2 : 0,
    cell: isSeen ? (place ?? null) : null,
    value: isSeen ? anomaly.score : 0,
    limit: 1,
    unit: "score",
    sentence: isSeen
      ? `${vehicleId}${where}: ${words[cause]} (score ${anomaly.score.toFixed(1)}, alarm from 1)`
      : `${vehicleId}: no longer seen for ${hold_ms / 60_000} min: ${words[cause]}`,
  };
}

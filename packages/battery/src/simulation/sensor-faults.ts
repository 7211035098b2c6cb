import type { PackSample } from "../pack-sample.ts";
import type { Fault, FaultySensor } from "./fault.ts";

type SensorFault = Extract<Fault, { readonly sensor: FaultySensor }>;

/** What an open thermistor reads. */
const openThermistor_degC = -60;
const currentStep_A = 0.1;
const temperatureStep_degC = 0.5;

/** Changes readings as faulty sensors would. One per pack, samples in order; the sample is changed in place. */
export class SensorFaults {
  readonly #faults: readonly SensorFault[];
  readonly #held = new Map<SensorFault, number>();

  constructor(faults: readonly Fault[]) {
    this.#faults = faults.filter((fault) => "sensor" in fault);
  }

  apply(sample: PackSample, elapsed_s: number): PackSample {
    let current_A = sample.packCurrent_A;
    for (const fault of this.#faults) {
      if (elapsed_s <= fault.onset_s) {
        if (fault.kind === "sensor-stuck") this.#held.set(fault, readingOf(fault, sample));
        continue;
      }
      const reading = this.#faulty(fault, readingOf(fault, sample), elapsed_s);
      if (fault.sensor === "current") current_A = inSteps(reading, currentStep_A);
      else write(fault, sample, reading);
    }
    return current_A === sample.packCurrent_A ? sample : { ...sample, packCurrent_A: current_A };
  }

  #faulty(fault: SensorFault, reading: number, elapsed_s: number): number {
    switch (fault.kind) {
      case "sensor-stuck": {
        const held = this.#held.get(fault) ?? reading;
        this.#held.set(fault, held);
        return held;
      }
      case "sensor-drift":
        return reading + (fault.perHour * (elapsed_s - fault.onset_s)) / 3600;
      case "sensor-offset":
        return reading + fault.offset;
      case "sensor-open":
        return fault.sensor === "temperature" ? openThermistor_degC : 0;
    }
  }
}

function readingOf(fault: SensorFault, sample: PackSample): number {
  if (fault.sensor === "current") return sample.packCurrent_A;
  const readings = fault.sensor === "voltage" ? sample.cellVoltage_mV : sample.temperature_degC;
  return readings[fault.place] ?? 0;
}

function write(fault: SensorFault, sample: PackSample, reading: number): void {
  if (fault.sensor === "voltage") {
    sample.cellVoltage_mV[fault.place] = Math.min(65_535, Math.max(0, Math.round(reading)));
  } else {
    sample.temperature_degC[fault.place] = inSteps(reading, temperatureStep_degC);
  }
}

function inSteps(value: number, step: number): number {
  const perUnit = Math.round(1 / step);
  return Math.round(value * perUnit) / perUnit;
}

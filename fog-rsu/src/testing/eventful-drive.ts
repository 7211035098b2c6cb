import { PackSimulator } from "@voltfog/battery";
import { SeededRandom } from "@voltfog/runtime";
import type { TelemetryArrival } from "../functions/sample-batch.ts";

/** What spoils the readings of a stretch, so that every condition begins and ends somewhere. */
type Trouble = "none" | "hot" | "full" | "empty" | "broken" | "breakdown";

interface Stretch {
  readonly samples: number;
  readonly step_s: number;
  readonly current_A: (second: number) => number;
  readonly trouble: Trouble;
  readonly ambient_degC: number;
}

const drive = (second: number): number => (second % 50 < 12 ? 40 : -120 + (second % 30));
const at = (current_A: number) => () => current_A;

const stretches: readonly Stretch[] = [
  { samples: 120, step_s: 0.5, current_A: drive, trouble: "none", ambient_degC: 25 },
  { samples: 60, step_s: 0.5, current_A: drive, trouble: "hot", ambient_degC: 34 },
  { samples: 90, step_s: 1, current_A: drive, trouble: "none", ambient_degC: 34 },
  { samples: 60, step_s: 1, current_A: at(-90), trouble: "empty", ambient_degC: 25 },
  { samples: 100, step_s: 1, current_A: at(90), trouble: "none", ambient_degC: 3 },
  { samples: 60, step_s: 0.5, current_A: at(90), trouble: "full", ambient_degC: 25 },
  { samples: 60, step_s: 1, current_A: at(40), trouble: "broken", ambient_degC: 25 },
  { samples: 80, step_s: 30, current_A: at(0), trouble: "none", ambient_degC: 25 },
  { samples: 60, step_s: 1, current_A: drive, trouble: "breakdown", ambient_degC: 25 },
  { samples: 80, step_s: 30, current_A: at(0), trouble: "none", ambient_degC: 8 },
];

/**
 * Frames of one simulated pack that drives, charges, rests, runs hot, full and empty, loses a sensor and is
 * started anew, for tests that need every function to say something. Repeats by its seed.
 */
export function eventfulDrive(options: {
  readonly vehicleId: string;
  readonly seed: number;
}): readonly TelemetryArrival[] {
  const random = new SeededRandom(options.seed);
  const pack = new PackSimulator({ random, startSoc: 0.5 });
  const frames: TelemetryArrival[] = [];
  let open: TelemetryArrival["samples"][number][] = [];
  let boot = 1;
  let start_ms = 0;
  const close = (): void => {
    const logIndex = frames.length;
    const frame = { logIndex, stream: "telemetry", sequence: logIndex + 1 } as const;
    const reference = { ...frame, commitment: "ab".repeat(32), origin: "simulated" } as const;
    if (open.length > 0) {
      frames.push({ vehicleId: options.vehicleId, boot, frame: reference, samples: open });
    }
    open = [];
  };
  for (const [place, stretch] of stretches.entries()) {
    if (place === 5) {
      close();
      boot = 2;
      start_ms = 1000 * pack.elapsed_s - 5000;
    }
    for (let i = 0; i < stretch.samples; i++) {
      const { step_s, trouble } = stretch;
      const passed_ms = Math.round(1000 * (pack.elapsed_s + step_s));
      const read = pack.step({
        current_A: stretch.current_A(pack.elapsed_s),
        step_s,
        wall_ms: 1_790_000_000_000 + passed_ms,
        monotonic_ms: Math.round(passed_ms - start_ms),
        inlet_degC: stretch.ambient_degC,
      });
      open.push(spoilt(read, { trouble, i }));
      if (open.length >= 1 + Math.floor(4 * random.uniform())) close();
    }
  }
  close();
  return frames;
}

function spoilt(
  sample: TelemetryArrival["samples"][number],
  { trouble, i }: { trouble: Trouble; i: number },
): TelemetryArrival["samples"][number] {
  const cellVoltage_mV = sample.cellVoltage_mV.slice();
  const temperature_degC = sample.temperature_degC.slice();
  const isOn = i >= 10 && i < 40;
  if (isOn && trouble === "hot") temperature_degC[3] = 52 + 0.4 * i;
  if (isOn && trouble === "full") cellVoltage_mV[7] = 4150 + 5 * (i - 10);
  if (isOn && trouble === "empty") cellVoltage_mV[9] = 2450;
  if (isOn && trouble === "broken") cellVoltage_mV[11] = 65_000;
  if (isOn && trouble === "breakdown") {
    temperature_degC[5] = 30 + 2.5 * (i - 10) + (i % 2);
    cellVoltage_mV[20] = 2000;
  }
  return { ...sample, cellVoltage_mV, temperature_degC };
}

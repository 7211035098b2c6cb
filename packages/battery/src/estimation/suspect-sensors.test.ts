import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lgHg2Parameters } from "../cell/lg-hg2.ts";
import { PackAlarms } from "../pack-alarms.ts";
import type { PackSample } from "../pack-sample.ts";
import { nmcPack, type SafetyClass } from "../safe-operating-area.ts";
import type { SuspectCause } from "../soc-estimator.ts";
import { steadySample } from "../testing/steady-sample.ts";
import { CellFilterBank } from "./cell-filter.ts";
import { KalmanSocEstimator } from "./kalman-soc-estimator.ts";

const capacity_Ah = 150;
const scale = lgHg2Parameters.capacity_Ah / capacity_Ah;
const cells = 4;

/** A way for one sensor to be bad, the cause that the estimator has to name, and how long it may take. */
interface BadSensor {
  readonly name: string;
  readonly cause: SuspectCause;
  /** Readings until it has to be named, and after its end until nothing is suspect any more. */
  readonly named: number;
  readonly cleared: number;
  readonly of: "voltage" | "temperature" | "current";
  readonly spoil: (sample: PackSample, place: number) => Partial<PackSample>;
}

/** The current changes every five readings: six changes are 30, and the sign is forgotten over fifty. */
const badSensors: readonly BadSensor[] = [
  ...[0, 65_535].map(
    (dead_mV): BadSensor => ({
      name: `a voltage of ${dead_mV} mV`,
      ...{ cause: "voltage-invalid", named: 1, cleared: 1, of: "voltage" },
      spoil: (sample, place) => withVoltage(sample, place, dead_mV),
    }),
  ),
  {
    name: "a voltage that stands still",
    ...{ cause: "voltage-stuck", named: 35, cleared: 6, of: "voltage" },
    spoil: (sample, place) => withVoltage(sample, place, 3700),
  },
  ...[Number.NaN, -200, 1000].map(
    (open_degC): BadSensor => ({
      name: `a temperature of ${open_degC} °C`,
      ...{ cause: "temperature-invalid", named: 1, cleared: 1, of: "temperature" },
      spoil: ({ temperature_degC }, place) => ({
        temperature_degC: temperature_degC.map((value, i) => (i === place % 2 ? open_degC : value)),
      }),
    }),
  ),
  ...[Number.NaN, Number.POSITIVE_INFINITY, -1e6].map(
    (wild_A): BadSensor => ({
      name: `a current of ${wild_A} A`,
      ...{ cause: "current-invalid", named: 1, cleared: 1, of: "current" },
      spoil: () => ({ packCurrent_A: wild_A }),
    }),
  ),
  {
    name: "a current of the wrong sign",
    ...{ cause: "current-reversed", named: 300, cleared: 400, of: "current" },
    spoil: ({ packCurrent_A }) => ({ packCurrent_A: -packCurrent_A }),
  },
];

function withVoltage({ cellVoltage_mV }: PackSample, place: number, put_mV: number) {
  return { cellVoltage_mV: cellVoltage_mV.map((own_mV, i) => (i === place ? put_mV : own_mV)) };
}

/** Cells that are exactly the model, driven with 1.3 C and charged with C/3 in turns. */
function* drive(seconds: number): Generator<PackSample> {
  const truth = new CellFilterBank({
    ...{ parameters: lgHg2Parameters, cells: 1, soc: 0.7, socSigma: 0 },
  });
  const temperature_degC = new Float64Array([25]);
  for (let t_s = 0; t_s < seconds; t_s++) {
    const packCurrent_A = t_s % 10 < 5 ? -150 : 130;
    const current_A = packCurrent_A * scale;
    const unseen_V = new Float64Array([Number.NaN]);
    truth.step({ step_s: t_s === 0 ? 0 : 1, current_A, voltage_V: unseen_V, temperature_degC });
    const cell_mV = Math.round(1000 * truth.expected_V(0, current_A));
    const cells_mV = Array.from({ length: cells }, (_, i) => cell_mV + (i % 2));
    yield steadySample(t_s, { packCurrent_A, cells_mV });
  }
}

const fault = fc.record({
  bad: fc.constantFrom(...badSensors),
  place: fc.nat({ max: cells - 1 }),
  from_s: fc.integer({ min: 5, max: 60 }),
  lasting_s: fc.integer({ min: 1, max: 100 }),
});

describe("a bad sensor", () => {
  it("is named while it is bad and no longer than that, and the charge goes on", () => {
    fc.assert(
      fc.property(fault, (broken) => {
        const { bad, from_s } = broken;
        const named_s = from_s + bad.named;
        const end_s = named_s + broken.lasting_s;
        const clear_s = end_s + bad.cleared;
        const told = suspectsOf({ ...broken, end_s, seconds: clear_s + 20 });
        expect(told.slice(0, from_s).every((cause) => cause === undefined)).toBe(true);
        expect([...new Set(told.slice(named_s, end_s))]).toEqual([bad.cause]);
        expect(told.slice(clear_s).every((cause) => cause === undefined)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it("never silences tier 1: with it every alarm stands that stands without it", () => {
    const hazard = fc.constantFrom("hot", "high", "low");
    fc.assert(
      fc.property(fault, hazard, fc.nat({ max: 2 }), (broken, kind, away) => {
        const { bad, from_s, lasting_s } = broken;
        const end_s = from_s + lasting_s;
        const place = (broken.place + 1 + away) % cells;
        const hazard_s = from_s + Math.floor(lasting_s / 2);
        const alone = new PackAlarms({ area: nmcPack });
        const beside = new PackAlarms({ area: nmcPack });
        for (const sample of drive(end_s + 30)) {
          const t_s = sample.monotonic_ms / 1000;
          const danger = t_s < hazard_s ? sample : endangered(sample, { kind, place, broken });
          const spoilt = { ...danger, ...bad.spoil(danger, broken.place) };
          alone.update(danger);
          beside.update(t_s < from_s || t_s >= end_s ? danger : spoilt);
          const name = classOf(kind);
          expect(beside.level(name)).toBeGreaterThanOrEqual(alone.level(name));
        }
        // The hazard itself is an alarm: nothing was compared with silence.
        expect(alone.level(classOf(kind))).toBe(3);
      }),
      { numRuns: 200 },
    );
  });
});

/** What is suspect at each reading of a drive, during which a charge is always told. */
function suspectsOf(o: {
  bad: BadSensor;
  place: number;
  from_s: number;
  end_s: number;
  seconds: number;
}): readonly (SuspectCause | undefined)[] {
  const filter = new KalmanSocEstimator({ parameters: lgHg2Parameters, capacity_Ah });
  return Array.from(drive(o.seconds), (sample, t_s) => {
    const isBad = t_s >= o.from_s && t_s < o.end_s;
    const { soc, suspect } = filter.update(
      isBad ? { ...sample, ...o.bad.spoil(sample, o.place) } : sample,
    );
    expect(soc).toBeGreaterThan(0.3);
    return suspect;
  });
}

function classOf(kind: string): SafetyClass {
  if (kind === "hot") return "over-temperature";
  return kind === "high" ? "cell-over-voltage" : "cell-under-voltage";
}

/** A hazard at another place than the bad sensor's, beyond every limit. */
function endangered(
  sample: PackSample,
  o: { kind: string; place: number; broken: { readonly place: number } },
): PackSample {
  if (o.kind !== "hot") {
    return { ...sample, ...withVoltage(sample, o.place, o.kind === "high" ? 4400 : 2400) };
  }
  const hot = (o.broken.place + 1) % 2;
  const temperature_degC = sample.temperature_degC.map((value, i) => (i === hot ? 75 : value));
  return { ...sample, temperature_degC };
}

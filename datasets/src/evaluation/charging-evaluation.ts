import { ChargingControl, PlainCharge } from "@voltfog/battery";
import { type Facts, type ReportRow, reportRow } from "@voltfog/runtime";
import {
  anodeCell,
  type ChargingTrial,
  chargingPack,
  chargingScenario,
  rateMax,
  runCharging,
  targetSoc,
} from "../simulated-packs/charging-trial.ts";
import type { Evaluated, Evaluation } from "./evaluation.ts";
import { positiveNumber, seedRange, seedsFlag } from "./seed-range.ts";

const usualNoise_mV = 1.5;
const { capacity_Ah } = chargingPack;
const factors = [1, 0.1, 10] as const;
/** Plain charges are tried at these rates in C; between them a straight line. */
const rates: readonly number[] = [
  ...Array.from({ length: 13 }, (_, i) => 0.2 + 0.1 * i).filter((rate) => rate < rateMax),
  rateMax,
];

const method =
  "Simulated: per seed one charge of 96 NMC cells of 150 Ah from 10..30 % to 80 % between 4 and 38 °C, on a charger " +
  "of 1.44 C. Wear: calendar loss (Schmalstieg) at the pace of a year-old cell over three hours from plugging in, " +
  "and plating where the anode falls below lithium (Butler-Volmer on a lumped anode, its scale an assumption that " +
  "the rows plating_x0.1 and plating_x10 vary). time_ratio: mean time of the control over that of constant current, " +
  "constant voltage at the one rate whose mean wear over the same charges is the same. own_rate_ratio: the " +
  "plain charge may choose its best rate for every charge anew, which no plain charger can. The rule's guard and the wear model share the " +
  "anode estimate, which flatters it. The guard's margin was chosen on seeds 1..16.";

interface Charge {
  readonly seed: number;
  readonly factor: number;
  readonly start: number;
  readonly ambient_degC: number;
  readonly own: ChargingTrial;
  /** One per rate. */
  readonly plain: readonly ChargingTrial[];
}

/** `voltfog evaluate charging`: the charging control beside constant current, constant voltage. */
export const chargingEvaluation: Evaluation = {
  name: "charging",
  summary: "Charge time at equal wear against a plain charge, on simulated packs",
  flags: [
    seedsFlag,
    {
      name: "noise",
      value: "MV",
      summary: "σ of a cell reading in mV",
      fallback: String(usualNoise_mV),
    },
  ],
  examples: [
    "voltfog evaluate charging --seeds 101..110",
    "voltfog evaluate charging --seeds 101..140 --json",
  ],
  async run({ flags, isQuick, progress }): Promise<Evaluated> {
    const seeds = seedRange(flags["seeds"]);
    const noise_mV = positiveNumber({
      flag: "noise",
      text: flags["noise"],
      fallback: usualNoise_mV,
      max: 100,
    });
    const charges: Charge[] = [];
    for (const [done, seed] of seeds.entries()) {
      progress({ done, total: seeds.length, doing: `charge ${seed}` });
      for (const factor of isQuick ? ([1] as const) : factors) {
        charges.push(runCharge(seed, noise_mV, factor));
      }
    }
    return {
      findings: {
        method,
        inputs: { seeds: flags["seeds"], noise_mV, targetSoc, rateMax, isQuick },
        rows: (isQuick ? ([1] as const) : factors).flatMap((factor) =>
          rowsOf(
            charges.filter((charge) => charge.factor === factor),
            factor,
          ),
        ),
        items: charges.map(
          ({ plain, ...charge }): Facts => ({
            ...charge,
            plain: plain.map((trial, i) => ({
              rate: rates[i],
              time_s: trial.time_s ?? null,
              wear: trial.wear,
            })),
          }),
        ),
      },
      predictions: {
        columns: ["id", "estimate"],
        rows: charges.map(({ seed, factor, own }) => [`${seed}/plating_x${factor}`, own.time_s]),
      },
    };
  },
};

function runCharge(seed: number, noise_mV: number, factor: number): Charge {
  const scenario = chargingScenario(seed, noise_mV, factor);
  const control = new ChargingControl({
    capacity_Ah,
    cell: anodeCell,
    currentMax_A: rateMax * capacity_Ah,
    targetSoc,
  });
  const own = runCharging({ ...scenario, decide: (sample) => control.decide(sample).current_A });
  const plain = rates.map((rate) => {
    const charge = new PlainCharge({
      rate,
      capacity_Ah,
      chargeEnd_V: anodeCell.chargeEnd_V,
      targetSoc,
    });
    return runCharging({ ...scenario, decide: (sample) => charge.current_A(sample) });
  });
  return { seed, factor, start: scenario.start, ambient_degC: scenario.ambient_degC, own, plain };
}

function rowsOf(charges: readonly Charge[], factor: number): readonly ReportRow[] {
  const prefix = factor === 1 ? "charging" : `charging.plating_x${factor}`;
  const own_s = meanOf(charges, ({ own }) => own.time_s ?? day_s);
  const plain_s = timeAtWear(
    meanOf(charges, ({ own }) => own.wear),
    rates.map((_, i) => ({
      wear: meanOf(charges, ({ plain }) => plain[i]?.wear ?? 0),
      time_s: meanOf(charges, ({ plain }) => plain[i]?.time_s ?? day_s),
    })),
  );
  const goal = { sense: "at-most", goal: 0.85, moonshot: 0.75 } as const;
  return [
    reportRow({
      metric: `${prefix}.time_ratio`,
      unit: "of CC-CV",
      values: [own_s / plain_s],
      goal,
    }),
    reportRow({
      metric: `${prefix}.own_rate_ratio`,
      unit: "of CC-CV",
      values: charges.map(
        ({ own, plain }) =>
          (own.time_s ?? day_s) /
          timeAtWear(
            own.wear,
            plain.map((each) => ({ wear: each.wear, time_s: each.time_s ?? day_s })),
          ),
      ),
    }),
    reportRow({
      metric: `${prefix}.time_min`,
      unit: "min",
      values: charges.map(({ own }) => (own.time_s ?? day_s) / 60),
    }),
    reportRow({ metric: `${prefix}.cc_cv.time_min`, unit: "min", values: [plain_s / 60] }),
    reportRow({
      metric: `${prefix}.fatal_events`,
      unit: "",
      values: [charges.reduce((sum, { own }) => sum + own.fatalEvents, 0)],
      goal: { sense: "at-most", goal: 0 },
    }),
  ];
}

const day_s = 86_400;

/**
 * The time of a plain charge with this wear: that of the quickest rate that wears no more, and on the line to
 * the next. Wear rises with the rate only once plating begins; a slower charge that wears more does not count.
 */
function timeAtWear(wear: number, plain: readonly { wear: number; time_s: number }[]): number {
  const place = plain.findLastIndex((each) => each.wear <= wear);
  const below = plain[place];
  const above = plain[place + 1];
  if (below === undefined)
    return plain.reduce((least, each) => (each.wear < least.wear ? each : least)).time_s;
  if (above === undefined) return below.time_s;
  const share = (wear - below.wear) / (above.wear - below.wear);
  return below.time_s + share * (above.time_s - below.time_s);
}

function meanOf<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((sum, item) => sum + of(item), 0) / items.length;
}

import {
  type BalancingRule,
  ChargeLedger,
  foxBms10,
  foxBmsDefault,
  libreSolar,
  VoltageRule,
} from "@voltfog/battery";
import { type Facts, type ReportRow, reportRow } from "@voltfog/runtime";
import {
  type BalancingTrial,
  balancingPack,
  bleed_Ohm,
  runBalancing,
  transfer_A,
} from "../simulated-packs/balancing-trial.ts";
import type { Evaluated, Evaluation } from "./evaluation.ts";
import { positiveNumber, seedRange, seedsFlag } from "./seed-range.ts";

const days = 45;
const usualNoise_mV = 1.5;

const method =
  "Simulated: 96 NMC cells of 60 Ah, charge spread σ 2 %, bleed 41 Ω, 45 days of commuting (half the charge a " +
  "day, charged to 90 % every night). days: until the charge that cells hold at full differs by at most 1 % of " +
  "capacity; 45 where that never happens. energy: turned to heat by balancing over the 45 days. Every rule " +
  "sees the same packs and readings. Rows named offset: cells also differ in capacity (σ 1 %) and their sensors " +
  "are off by up to 2 mV for life. Ratios are per pack, against the Libre Solar rule where that balanced the pack. The charge ledger's numbers were " +
  "chosen on seeds 1..9 and not changed after that.";

interface Item extends BalancingTrial {
  readonly rule: string;
  readonly seed: number;
  readonly offset: boolean;
}

/** `voltfog evaluate balancing`: the charge ledger beside the rules of foxBMS and Libre Solar. */
export const balancingEvaluation: Evaluation = {
  name: "balancing",
  summary: "Days and energy of balancing rules on simulated packs",
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
    "voltfog evaluate balancing --seeds 101..110",
    "voltfog evaluate balancing --seeds 101..110 --noise 3 --json",
  ],
  async run({ flags, isQuick, progress }): Promise<Evaluated> {
    const seeds = seedRange(flags["seeds"]);
    const noise_mV = positiveNumber({
      flag: "noise",
      text: flags["noise"],
      fallback: usualNoise_mV,
      max: 100,
    });
    const settings = isQuick ? [false] : [false, true];
    const items: Item[] = [];
    for (const [done, seed] of seeds.entries()) {
      progress({ done, total: seeds.length, doing: `pack ${seed}` });
      for (const offset of settings) items.push(...runSeed(seed, noise_mV, offset));
    }
    return {
      findings: {
        method,
        inputs: { seeds: flags["seeds"], noise_mV, days, bleed_Ohm, transfer_A, isQuick },
        rows: settings.flatMap((offset) => rowsOf(items, offset)),
        items: items.map((item): Facts => ({ ...item, days: item.days ?? null })),
      },
      predictions: {
        columns: ["id", "estimate"],
        rows: items.map((item) => [
          `${item.seed}/${item.offset ? "offset" : "even"}/${item.rule}`,
          item.days,
        ]),
      },
    };
  },
};

function runSeed(seed: number, noise_mV: number, offset: boolean): readonly Item[] {
  const ledger = {
    cells: balancingPack.cells,
    capacity_Ah: balancingPack.capacity_Ah,
    ocv_V: balancingPack.cell.ocv_V,
    noise_mV,
    bleed_Ohm,
  };
  const rules: readonly BalancingRule[] = [
    new ChargeLedger(ledger),
    new ChargeLedger({ ...ledger, transfer_A }),
    new VoltageRule(foxBmsDefault),
    new VoltageRule(foxBms10),
    new VoltageRule(libreSolar),
  ];
  return rules.map((rule) => ({
    rule: rule.name,
    seed,
    offset,
    ...runBalancing({ seed, rule, days, noise_mV, isReal: offset }),
  }));
}

function rowsOf(all: readonly Item[], offset: boolean): readonly ReportRow[] {
  const items = all.filter((item) => item.offset === offset);
  const prefix = offset ? "balancing.offset" : "balancing";
  const own = items.filter(({ rule }) => rule === "charge-ledger");
  const reference = items.filter(({ rule }) => rule === libreSolar.name);
  const others = [...new Set(items.map(({ rule }) => rule))].filter(
    (rule) => rule !== "charge-ledger",
  );
  return [
    reportRow({ metric: `${prefix}.days`, unit: "d", values: own.map(daysOf) }),
    reportRow({
      metric: `${prefix}.energy_Wh`,
      unit: "Wh",
      values: own.map((item) => item.energy_Wh),
    }),
    ...ratioRows(prefix, own, reference),
    ...others.flatMap((rule) => {
      const its = items.filter((item) => item.rule === rule);
      return [
        reportRow({ metric: `${prefix}.${rule}.days`, unit: "d", values: its.map(daysOf) }),
        reportRow({
          metric: `${prefix}.${rule}.energy_Wh`,
          unit: "Wh",
          values: its.map((item) => item.energy_Wh),
        }),
      ];
    }),
    ...[...new Set(items.map(({ rule }) => rule))].map((rule) =>
      reportRow({
        metric: `${prefix}.${rule}.never`,
        unit: "packs",
        values: [items.filter((item) => item.rule === rule && item.days === undefined).length],
      }),
    ),
  ];
}

/** Per pack, where the reference rule balanced it at all. */
function ratioRows(
  prefix: string,
  own: readonly Item[],
  reference: readonly Item[],
): readonly ReportRow[] {
  const pairs = own.flatMap((item, i) => {
    const other = reference[i];
    return other?.days === undefined ? [] : [{ item, other }];
  });
  if (pairs.length === 0) return [];
  return [
    reportRow({
      metric: `${prefix}.days_ratio`,
      unit: "of libre-solar",
      values: pairs.map(({ item, other }) => daysOf(item) / daysOf(other)),
      goal: { sense: "at-most", goal: 0.8, moonshot: 0.6 },
    }),
    reportRow({
      metric: `${prefix}.energy_ratio`,
      unit: "of libre-solar",
      values: pairs.map(({ item, other }) => item.energy_Wh / other.energy_Wh),
      goal: { sense: "at-most", goal: 1 },
    }),
  ];
}

function daysOf(item: Item): number {
  return item.days ?? days;
}

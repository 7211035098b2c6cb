import { type BalancingRule, type PackPreset, PackSimulator, packPresets } from "@voltfog/battery";
import { SeededRandom } from "@voltfog/runtime";

/** 96 NMC cells of 60 Ah. */
export const balancingPack: PackPreset = { ...packPresets.nmc96, capacity_Ah: 60 };
export const bleed_Ohm = 41;
/** Of the active rule: a small converter per cell. */
export const transfer_A = 1;
const transferEfficiency = 0.9;
/** Balanced: the charge that cells hold at full differs by at most 1 % of capacity. */
const balancedShare = 0.01;

export interface BalancingTrial {
  /** Until the spread is below 1 %; undefined where it never is. */
  readonly days: number | undefined;
  /** Turned to heat over the whole trial. */
  readonly energy_Wh: number;
  /** Shares of capacity. */
  readonly spreadAtStart: number;
  readonly spreadAtEnd: number;
}

interface Phase {
  readonly from_s: number;
  readonly rate: number;
  readonly step_s: number;
}

/** A day: two drives that take half the charge, a night charge to 90 %. Current in C. */
const plan: readonly Phase[] = [
  { from_s: 0, rate: 0, step_s: 60 },
  { from_s: 7.5 * 3600, rate: -0.33, step_s: 30 },
  { from_s: 8.25 * 3600, rate: 0, step_s: 60 },
  { from_s: 17 * 3600, rate: -0.33, step_s: 30 },
  { from_s: 17.75 * 3600, rate: 0, step_s: 60 },
  { from_s: 20 * 3600, rate: 0.15, step_s: 60 },
];
const chargeUntil = 0.9;

/** One rule on one pack for some days of a commuter's use. Balancing never changes what the driver does. */
export function runBalancing(o: {
  seed: number;
  rule: BalancingRule;
  days: number;
  noise_mV: number;
  /** Also differ in capacity (σ 1 %) and read off by up to 2 mV for life. */
  isReal: boolean;
}): BalancingTrial {
  const pack = new PackSimulator({
    random: new SeededRandom(o.seed),
    preset: balancingPack,
    startSoc: 0.85,
    noise_mV: o.noise_mV,
    offset_mV: o.isReal ? 2 : 0,
    spread: { capacityShare: o.isReal ? 0.01 : 0, resistanceShare: 0.1, chargeShare: 0.02 },
  });
  const spreadAtStart = spreadOf(pack);
  let days: number | undefined;
  let energy_Wh = 0;
  while (pack.elapsed_s < o.days * 86_400) {
    const phase = phaseAt(pack.elapsed_s % 86_400);
    const isFull = phase.rate > 0 && pack.soc >= chargeUntil;
    const step_s = phase.step_s;
    const current_A = isFull ? 0 : phase.rate * pack.capacity_Ah;
    energy_Wh += (lossPower_W(pack) * step_s) / 3600;
    const at_ms = (pack.elapsed_s + step_s) * 1000;
    const sample = pack.step({ current_A, step_s, wall_ms: at_ms, monotonic_ms: at_ms });
    apply(pack, o.rule.update(sample), o.rule.name.endsWith("active"));
    if (days === undefined && spreadOf(pack) <= balancedShare) days = pack.elapsed_s / 86_400;
  }
  return { days, energy_Wh, spreadAtStart, spreadAtEnd: spreadOf(pack) };
}

/** Bleed resistors, or converters that move charge between a cell and the whole string. */
function apply(pack: PackSimulator, actions: Int8Array, isActive: boolean): void {
  const { balancing_A, voltage_V } = pack.physics;
  if (!isActive) {
    actions.forEach((action, i) => {
      balancing_A[i] = action < 0 ? -(voltage_V[i] ?? 0) / bleed_Ohm : 0;
    });
    return;
  }
  let shared_A = 0;
  actions.forEach((action) => {
    shared_A +=
      action < 0 ? transfer_A * transferEfficiency : (-action * transfer_A) / transferEfficiency;
  });
  actions.forEach((action, i) => {
    balancing_A[i] = action * transfer_A + shared_A / actions.length;
  });
}

/** What balancing takes out of the cells for good, in W. */
function lossPower_W(pack: PackSimulator): number {
  const { balancing_A, voltage_V } = pack.physics;
  return balancing_A.reduce((sum_W, each_A, i) => sum_W - each_A * (voltage_V[i] ?? 0), 0);
}

/** Spread of the charge that is missing to full, which no common current changes; a share of capacity. */
function spreadOf(pack: PackSimulator): number {
  const { soc, capacityFactor } = pack.physics;
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < soc.length; i++) {
    const missing = (1 - (soc[i] ?? 0)) * (capacityFactor[i] ?? 1);
    least = Math.min(least, missing);
    most = Math.max(most, missing);
  }
  return most - least;
}

function phaseAt(time_s: number): Phase {
  return plan.findLast((phase) => phase.from_s <= time_s) ?? { from_s: 0, rate: 0, step_s: 60 };
}

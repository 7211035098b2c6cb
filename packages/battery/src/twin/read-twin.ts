import { energyLeft_Wh } from "../estimation/energy-left.ts";
import type { Estimate } from "../estimation/estimate.ts";
import type { SocEstimate } from "../soc-estimator.ts";
import type { ChargeDoubt } from "./charge-forecast.ts";
import type { ChargeStart } from "./charge-question.ts";
import { maintenanceHints } from "./maintenance-hints.ts";
import { meanOf, type PackTwin } from "./pack-twin.ts";
import { powerEstimates } from "./power-estimates.ts";
import type { TwinStatus } from "./twin-status.ts";

const interval95 = 1.96;
/** What a sense wire's offset for life and the slope of the curve make of a difference of charge. */
const cellSigma = 0.002;
/** A pack whose load was never seen is expected to be driven at a fifth of C. */
const usualLoad = 0.2;
/** Of a sound joint, as in the simulated packs. */
const busbar_Ohm = 5e-5;

/** What a charge forecast starts from, and how far it may be off; undefined before the first sound sample. */
export function chargeStart(
  twin: PackTwin,
): { start: ChargeStart; doubt: ChargeDoubt } | undefined {
  const { soc, latest, options } = twin;
  if (soc?.soc === undefined || latest === undefined) return undefined;
  const { cell, cells, capacity_Ah } = options;
  const mean_degC = meanOf(latest.temperature_degC);
  const { value, low, high } = capacityOf(twin);
  const fullest = Math.max(soc.soc, twin.cellSoc(twin.extremes.fullest));
  return {
    start: {
      ...{ cell, cells, capacity_Ah, soc: soc.soc, fullestSoc: fullest },
      cell_degC: clamp(mean_degC, -40, 70),
      coldest_K: clamp(Math.min(...latest.temperature_degC) - mean_degC, -20, 0),
      hottest_K: clamp(Math.max(...latest.temperature_degC) - mean_degC, 0, 20),
      capacityFactor: clamp(value / capacity_Ah, 0.3, 1.2),
      resistanceFactor: clamp(twin.resistance.meanFactor - busbarFactor(twin), 0.2, 10),
    },
    doubt: {
      soc: clamp((soc.high - soc.low) / 2, 0, 1),
      capacityShare: clamp((high - low) / 2 / value, 0, 0.5),
      resistanceShare: 0.1,
      cell_K: 1,
    },
  };
}

/** What a joint to the next cell adds to a reading, over a new cell's ohmic part: it is no wear of the cell. */
function busbarFactor({ options }: PackTwin): number {
  return (busbar_Ohm * options.capacity_Ah) / options.cell.ohmicPerRate;
}

/** Undefined before the first sound sample. Cost: under a millisecond for 96 cells. */
export function twinStatus(twin: PackTwin): TwinStatus | undefined {
  const begun = chargeStart(twin);
  const { soc, latest, suspect } = twin;
  if (begun === undefined || soc?.soc === undefined || latest === undefined) return undefined;
  const { residual_V, cell } = twin.residuals.worst;
  const { score, cause, place } = twin.anomaly;
  const { residual_K, coolant_degC } = twin.thermal;
  const told = {
    version: 1 as const,
    at_ms: soc.at_ms,
    samples: twin.samples,
    suspect,
    soc: socOf(soc, soc.soc),
    imbalance: imbalanceOf(twin),
    capacity_Ah: capacityOf(twin),
    weakest_Ah: weakestOf(twin, capacityOf(twin)),
    resistanceFactor: resistanceOf(twin),
    energy_Wh: energyOf(twin, begun),
    power: powerEstimates(twin),
    residual: {
      ...{ cell, cell_mV: 1000 * residual_V, common_mV: 1000 * twin.residuals.common_V },
      seen_s: twin.residuals.seen_s,
    },
    thermal: {
      residual_K,
      coolant_degC: Number.isFinite(coolant_degC) ? coolant_degC : begun.start.cell_degC,
    },
    anomaly: { score, cause, ...(place === undefined ? {} : { place }) },
  };
  return { ...told, hints: maintenanceHints(told, twin.options) };
}

function socOf(estimate: SocEstimate, value: number): Estimate {
  const { low, high, estimator, version, at_ms } = estimate;
  return { value, low, high, estimator, version, at_ms };
}

function imbalanceOf(twin: PackTwin): TwinStatus["imbalance"] {
  const { emptiest, fullest } = twin.extremes;
  const [least, most] = [twin.differences.charge(emptiest), twin.differences.charge(fullest)];
  const value = clamp(most.value - least.value, 0, 1);
  const halfWidth = interval95 * Math.hypot(least.sigma, most.sigma, Math.SQRT2 * cellSigma);
  return {
    ...{ value, low: Math.max(0, value - halfWidth), high: Math.min(1, value + halfWidth) },
    ...{ estimator: "cell-differences", version: "1", at_ms: timeOf(twin) },
    ...{ emptiestCell: emptiest, fullestCell: fullest },
  };
}

/** Capacity of the cell that has least: ageing of one cell, whatever its charge is now. */
function weakestOf(twin: PackTwin, mean: Estimate): TwinStatus["weakest_Ah"] {
  let cell = 0;
  for (let i = 1; i < twin.options.cells; i++) {
    if (twin.differences.slimness(i).value > twin.differences.slimness(cell).value) cell = i;
  }
  const { value, sigma } = twin.differences.slimness(cell);
  const share = (slimness: number): number => 1 / (1 + clamp(slimness, -0.5, 1));
  return {
    value: mean.value * share(value),
    low: mean.low * share(value + interval95 * sigma),
    high: mean.high * share(value - interval95 * sigma),
    ...{ estimator: "cell-differences", version: "1", at_ms: timeOf(twin), cell },
  };
}

function capacityOf(twin: PackTwin): Estimate {
  const { capacity_Ah, low_Ah, high_Ah } = twin.capacity.estimate;
  const about = { estimator: "capacity-tls", version: "1", at_ms: timeOf(twin) };
  return { value: capacity_Ah, low: low_Ah, high: high_Ah, ...about };
}

function resistanceOf(twin: PackTwin): TwinStatus["resistanceFactor"] {
  const { resistance, options } = twin;
  const { ohmicPerRate } = options.cell;
  let [highestCell, halfWidth] = [0, 0];
  for (let cell = 0; cell < options.cells; cell++) {
    halfWidth += resistance.halfWidth(cell) / options.cells / ohmicPerRate;
    if (resistance.perRate(cell) > resistance.perRate(highestCell)) highestCell = cell;
  }
  const value = resistance.meanFactor;
  return {
    ...{ value, low: Math.max(0, value - halfWidth), high: value + halfWidth },
    ...{ estimator: resistance.name, version: resistance.version, at_ms: timeOf(twin) },
    ...{
      highestCell,
      steps: resistance.steps,
      highest: resistance.perRate(highestCell) / ohmicPerRate,
    },
    highestDoubt: resistance.halfWidth(highestCell) / ohmicPerRate,
  };
}

function energyOf(
  twin: PackTwin,
  { start, doubt }: { start: ChargeStart; doubt: ChargeDoubt },
): TwinStatus["energy_Wh"] {
  const { cell, cells, capacity_Ah, soc } = start;
  const rate = twin.load > 0.02 ? twin.load : usualLoad;
  const behind = Math.max(0, soc - twin.cellSoc(twin.extremes.emptiest));
  const { cell_degC } = start;
  const at = (way: number): number =>
    energyLeft_Wh({
      ...{ cell, cells, capacity_Ah, rate, cell_degC },
      soc: clamp(soc + way * doubt.soc, 0, 1),
      lowestSoc: clamp(soc + way * doubt.soc - behind, 0, 1),
      capacityFactor: start.capacityFactor * (1 + way * doubt.capacityShare),
      resistanceFactor: start.resistanceFactor * (1 - way * doubt.resistanceShare),
    });
  return {
    ...{ value: at(0), low: at(-1), high: at(1), load: rate, cell_degC },
    ...{ estimator: "energy-left", version: "1", at_ms: timeOf(twin) },
  };
}

function timeOf(twin: PackTwin): number {
  return twin.soc?.at_ms ?? 0;
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value));
}

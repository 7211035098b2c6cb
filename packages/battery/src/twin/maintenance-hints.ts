import type { MaintenanceHint, TwinStatus } from "./twin-status.ts";

const limits = {
  imbalance: 0.03,
  // A cell with a quarter more resistance than its neighbours shows 10 mV at C/2.
  residual_mV: 20,
  resistanceFactor: 1.3,
  // Cells differ by 10 % (σ): of a hundred one is 30 % above the mean.
  jointFactor: 1.6,
  capacityLeft: 0.8,
  thermal_K: 3,
  anomaly: 1,
} as const;
/** Residuals are judged after this long, a resistance after so many steps. */
const seen_s = 1800;
const stepsMin = 50;

/** Hints for a status, the gravest first; none for a sound pack. Only what its whole interval supports. */
export function maintenanceHints(
  status: Omit<TwinStatus, "hints">,
  pack: { readonly capacity_Ah: number },
): readonly MaintenanceHint[] {
  return [
    suspectHint(status),
    anomalyHint(status),
    coolingHint(status),
    cellHint(status),
    jointHint(status),
    resistanceHint(status),
    imbalanceHint(status),
    capacityHint(status, pack.capacity_Ah),
  ].filter((hint) => hint !== undefined);
}

type Told = Omit<TwinStatus, "hints">;

function suspectHint({ suspect, at_ms }: Told): MaintenanceHint | undefined {
  if (suspect === undefined) return undefined;
  const value = Math.max(0, at_ms - suspect.since_ms) / 1000;
  const sentence = `Readings are suspect (${suspect.cause}) for ${value.toFixed(0)} s: check that sensor before anything else.`;
  return { code: "sensor-suspect", sentence, value, limit: 0 };
}

function anomalyHint({ anomaly }: Told): MaintenanceHint | undefined {
  const { score: value, cause, place } = anomaly;
  if (value < limits.anomaly) return undefined;
  const where = place === undefined ? "" : ` at place ${place}`;
  const sentence = `The anomaly score is ${value.toFixed(2)} (${cause}${where}), alarm from 1: have the pack looked at.`;
  const found = { code: "anomaly" as const, sentence, value, limit: limits.anomaly };
  return place === undefined ? found : { ...found, place };
}

function coolingHint({ thermal }: Told): MaintenanceHint | undefined {
  const value = thermal.residual_K;
  if (value < limits.thermal_K) return undefined;
  const sentence = `The pack is ${value.toFixed(1)} °C warmer than its current and coolant explain: check pump, coolant and its flow.`;
  return { code: "check-cooling", sentence, value, limit: limits.thermal_K };
}

function cellHint({ residual }: Told): MaintenanceHint | undefined {
  const { cell: place, cell_mV: value } = residual;
  if (residual.seen_s < seen_s || Math.abs(value) < limits.residual_mV) return undefined;
  const side = value > 0 ? "above" : "below";
  const sentence = `Cell ${place} reads ${Math.abs(value).toFixed(1)} mV ${side} what its model expects: check its sense wire and the cell.`;
  return { code: "check-cell", sentence, value, limit: limits.residual_mV, place };
}

function resistanceHint({ resistanceFactor }: Told): MaintenanceHint | undefined {
  const { low, value, highestCell: place, steps } = resistanceFactor;
  if (steps < stepsMin || low < limits.resistanceFactor) return undefined;
  const sentence = `Resistance is ${value.toFixed(2)} times that of new cells (highest in cell ${place}): power and quick charging are less, check the joints.`;
  return { code: "check-connection", sentence, value, limit: limits.resistanceFactor, place };
}

function jointHint({ resistanceFactor }: Told): MaintenanceHint | undefined {
  const { value: mean, highest, highestDoubt, highestCell: place, steps } = resistanceFactor;
  const value = highest / mean;
  const limit = limits.jointFactor;
  if (steps < stepsMin || (highest - highestDoubt) / mean < limit) return undefined;
  const sentence = `Cell ${place} has ${value.toFixed(1)} times the resistance of the mean one: check its joints and busbar.`;
  return { code: "check-connection", sentence, value, limit, place };
}

function imbalanceHint({ imbalance }: Told): MaintenanceHint | undefined {
  const { low, value, emptiestCell: place } = imbalance;
  if (low < limits.imbalance) return undefined;
  const sentence = `Cells are ${(100 * value).toFixed(1)} % of charge apart (cell ${place} has least): balance them; it is no ageing.`;
  return { code: "balance-cells", sentence, value, limit: limits.imbalance, place };
}

function capacityHint({ capacity_Ah }: Told, nominal_Ah: number): MaintenanceHint | undefined {
  const { high, value } = capacity_Ah;
  const limit = limits.capacityLeft * nominal_Ah;
  if (high > limit) return undefined;
  const sentence = `Capacity is ${value.toFixed(1)} Ah of ${nominal_Ah} Ah: plan a second life or a replacement.`;
  return { code: "capacity-low", sentence, value, limit };
}

/**
 * LG 18650HG2 (3 Ah NMC), from the published tests of Kollmeyer et al., McMaster (Mendeley
 * cp3473x7xv): capacity of the C/20 discharge at 25 °C, open-circuit voltage from the same test.
 */
export const cellCapacity_Ah = 2.781;

/** Open-circuit voltage at charge 0, 0.05 … 1. */
const ocv_V: readonly number[] = [
  2.804, 3.12, 3.279, 3.401, 3.474, 3.507, 3.57, 3.615, 3.648, 3.683, 3.726, 3.772, 3.821, 3.88,
  3.923, 3.969, 4.021, 4.064, 4.083, 4.106, 4.181,
];
const segments: number = ocv_V.length - 1;

/** Open-circuit voltage at a state of charge; beyond 0 and 1 the outermost slope goes on. */
export function openCircuitVoltage_V(soc: number): number {
  const place = soc * segments;
  const segment = Math.min(segments - 1, Math.max(0, Math.floor(place)));
  const low_V = ocv_V[segment] ?? 0;
  const high_V = ocv_V[segment + 1] ?? 0;
  return low_V + (place - segment) * (high_V - low_V);
}

/** The state of charge that rests at a voltage, 0 to 1. */
export function restingSoc(cell_V: number): number {
  if (!(cell_V > (ocv_V[0] ?? 0))) return 0;
  const above = ocv_V.findIndex((voltage_V) => voltage_V >= cell_V);
  if (above <= 0) return 1;
  const low_V = ocv_V[above - 1] ?? 0;
  const high_V = ocv_V[above] ?? 0;
  return (above - 1 + (cell_V - low_V) / (high_V - low_V)) / segments;
}

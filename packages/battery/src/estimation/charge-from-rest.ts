import type { CellParameters } from "../cell/cell-parameters.ts";

/** A rested voltage is known to this, with hysteresis and what has not relaxed yet. */
const tolerance_V = 0.01;
const steps = 200;
/** However steep the curve: nobody says that the voltage has rested. */
const sigmaMin = 0.1;

/**
 * The charge at which a cell of this type rests at a voltage at 25 °C, and one standard deviation: the middle
 * of all charges that the voltage allows, and half of their width, which on a flat curve is most of it. A voltage
 * beyond the curve is its nearest end; NaN allows every charge. Cost: about 200 interpolations.
 */
export function chargeFromRest(
  parameters: Pick<CellParameters, "ocvSoc" | "ocv_V">,
  rest_V: number,
): { readonly soc: number; readonly sigma: number } {
  let [low, high, nearest, least_V] = [2, -1, 0, Number.POSITIVE_INFINITY];
  for (let i = 0; i <= steps; i++) {
    const soc = i / steps;
    const off_V = Math.abs(curve_V(parameters, soc) - rest_V);
    if (off_V < least_V) [nearest, least_V] = [soc, off_V];
    if (off_V > tolerance_V) continue;
    low = Math.min(low, soc);
    high = Math.max(high, soc);
  }
  if (high < low) return { soc: nearest, sigma: sigmaMin };
  return { soc: (low + high) / 2, sigma: Math.max(sigmaMin, (high - low) / 2) };
}

function curve_V({ ocvSoc, ocv_V }: Pick<CellParameters, "ocvSoc" | "ocv_V">, soc: number): number {
  const above = Math.max(
    1,
    ocvSoc.findIndex((knot) => knot >= soc),
  );
  const [from = 0, to = 1] = [ocvSoc[above - 1], ocvSoc[above]];
  const [low_V = 0, high_V = 0] = [ocv_V[above - 1], ocv_V[above]];
  return low_V + ((soc - from) / (to - from)) * (high_V - low_V);
}

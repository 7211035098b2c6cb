import type { PileCurveView } from "@voltfog/messages";

/** Of a zone's curve, what a drawing needs. */
type DrawnCurve = Pick<PileCurveView, "supply_Wh" | "weight" | "pricePerKWh">;

/** One point of a zone's price curve, for drawing: the chain's own prices are whole and rounded its way. */
export interface CurvePoint {
  /** Bought from here on; below 0 sold. */
  readonly traded_Wh: number;
  /** Millionths. */
  readonly pricePerKWh: number;
}

/** This much of the supply to both sides is drawn. */
const drawnShare = 0.5;

/**
 * The price after so much energy is bought or sold: P · (1 + ΔS/S)^(1/weight − 1), which follows from
 * P = B/(S · weight) with the reserve that the integral form leaves.
 */
export function priceAfter(curve: DrawnCurve, traded_Wh: number): number {
  const { supply_Wh, weight, pricePerKWh } = curve;
  if (supply_Wh <= 0 || weight <= 0) return pricePerKWh;
  const ratio = Math.max(0, 1 + traded_Wh / supply_Wh);
  return pricePerKWh * ratio ** (1 / weight - 1);
}

/** Points from half of the supply sold to half of it bought. */
export function curvePoints(curve: DrawnCurve, count: number): readonly CurvePoint[] {
  return Array.from({ length: count }, (_, at) => {
    const traded_Wh = curve.supply_Wh * drawnShare * ((2 * at) / (count - 1) - 1);
    return { traded_Wh, pricePerKWh: priceAfter(curve, traded_Wh) };
  });
}

/** A round step that divides a range into about so many parts: 1, 2 or 5 times a power of ten. */
export function roundStep(range: number, parts: number): number {
  const rough = range / parts;
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= rough) ?? 10 * power;
}

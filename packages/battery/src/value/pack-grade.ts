/** A to C for a second use, D for recycling. */
export type PackGrade = "A" | "B" | "C" | "D";

/** What the grade hangs on. Ratios 0..1; undefined where nobody measured it. */
export interface GradeFacts {
  readonly soh: number;
  /** Difference of capacity between cells, over their mean. */
  readonly capacitySpread: number | undefined;
  /** Rise over the new pack's: 0.6 for +60 %. */
  readonly resistanceRise: number | undefined;
  readonly fatalEvents: number;
}

const grades: readonly PackGrade[] = ["A", "B", "C", "D"];

/**
 * The grade by state of health, A from .85, B from .75, C from .65, and one lower when the cells lie
 * more than 5 % apart, the resistance rose by more than 60 % or a fatal event is on record. However many
 * of these hold, it is one grade; what was not measured does not lower it.
 */
export function packGrade(facts: GradeFacts): PackGrade {
  const bySoh = [0.85, 0.75, 0.65].findIndex((limit) => facts.soh >= limit);
  if (bySoh < 0) return "D";
  const isLowered =
    (facts.capacitySpread ?? 0) > 0.05 ||
    (facts.resistanceRise ?? 0) > 0.6 ||
    facts.fatalEvents > 0;
  return grades[bySoh + (isLowered ? 1 : 0)] ?? "D";
}

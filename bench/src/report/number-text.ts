import type { ReportRow } from "@voltfog/runtime";

const grouped = new Intl.NumberFormat("en-GB", { maximumSignificantDigits: 4 });

/** Four digits, thousands apart: 148,200 or 0.4213. */
export function numberText(value: number): string {
  return grouped.format(value);
}

/** "≥ 150,000", or empty where nothing was promised. Which side is good shows in whether it was met. */
export function goalText({ value, goal, met }: ReportRow): string {
  if (goal === null || met === null) return "";
  if (value === goal) return numberText(goal);
  return `${met === value < goal ? "≤" : "≥"} ${numberText(goal)}`;
}

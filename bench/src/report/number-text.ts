import type { Facts, Goal, ReportRow } from "@voltfog/runtime";

const grouped = new Intl.NumberFormat("en-GB", { maximumSignificantDigits: 4 });

/** Four digits, thousands apart: 148,200 or 0.4213. */
export function numberText(value: number): string {
  return grouped.format(value);
}

/** "≥ 150,000", or empty where nothing was promised. The side of the goal stands in `inputs.goals`. */
export function goalText(row: ReportRow, inputs: Facts): string {
  if (row.goal === null) return "";
  const goals = inputs["goals"] as Readonly<Record<string, Goal>> | undefined;
  const sign = goals?.[row.metric]?.sense === "at-most" ? "≤" : "≥";
  return `${sign} ${numberText(row.goal)}`;
}

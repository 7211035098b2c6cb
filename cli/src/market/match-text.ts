import type { BookMatch } from "@voltfog/market";

const rowsMax = 200;

/** Matches for the eye: a row for each, amounts in the currency. */
export function matchesText(
  matches: readonly BookMatch[],
  unmatched: readonly (string | number)[],
): string {
  const head = ["buy", "sell", "meeting point", "Wh", "unit cost", "unit profit", "pays", "fee"];
  const rows = matches
    .slice(0, rowsMax)
    .map((match) => [
      `${match.buy}`,
      `${match.sell}`,
      `${match.meetingPoint}`,
      `${match.energy_Wh}`,
      currency(match.unitCost),
      currency(match.unitProfit),
      currency(match.energyCost),
      currency(match.fee),
    ]);
  const more = matches.length - rows.length;
  return [
    ...(matches.length === 0 ? [] : [columns([head, ...rows])]),
    ...(more > 0 ? [`and ${more} more; --json prints all`] : []),
    `${matches.length} matches, ${unmatched.length} orders left`,
  ].join("\n");
}

/** Of millionths, rounded for the eye. */
function currency(amount: number): string {
  return (amount / 1_000_000).toFixed(4);
}

function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, place) =>
    Math.max(...rows.map((row) => row[place]?.length ?? 0)),
  );
  return rows
    .map((row) =>
      row
        .map((text, place) => text.padEnd(widths[place] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

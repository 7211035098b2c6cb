import type { DayClearingView, SettlementExportView } from "@voltfog/messages";
import { amountText, energyText } from "../market/amount-text.ts";

/** Who an operator's drivers are vouched for by; the union's own desk has no name on the chain. */
const desk = "(desk)";

/** A day's clearing for the eye: lines by pairs, then positions, then how far the database is. */
export function clearingText(clearing: DayClearingView, state: SettlementExportView): string {
  const { day, currency, isFinal, sessions, energy_Wh, beans_Wh, amount, refunds } = clearing;
  const standing = isFinal ? "final" : "not over yet";
  const { contracts, trades } = clearing;
  const head = `${day} (${standing}): ${sessions} sessions, ${energyText(energy_Wh)}, ${amountText(amount)} ${currency}`;
  const also = [
    ...(beans_Wh > 0 ? [`${energyText(beans_Wh)} paid with beans`] : []),
    ...(refunds > 0 ? [`${amountText(refunds)} given back after disputes`] : []),
    ...(contracts.count > 0
      ? [`${contracts.count} contracts of private piles, ${amountText(contracts.amount)}`]
      : []),
    ...(trades.count > 0
      ? [`${trades.count} trades between vehicles, ${amountText(trades.amount)}`]
      : []),
  ];
  const lines = clearing.lines.map((line) => [
    ...[line.home ?? desk, line.operator, String(line.sessions), energyText(line.energy_Wh)],
    ...[energyText(line.beans_Wh), amountText(line.amount)],
  ]);
  const positions = clearing.positions.map((one) => [
    one.organisation ?? desk,
    ...[one.receives, one.owes, one.net].map(amountText),
  ]);
  return [
    head,
    ...also.map((text) => `  ${text}`),
    "",
    ...table(["drivers of", "at piles of", "sessions", "energy", "beans", "amount"], lines),
    "",
    ...table(["operator", "receives", "owes", "net"], positions),
    "",
    exportText(state),
  ].join("\n");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  if (rows.length === 0) return [`${head[0] ?? ""}: nothing`];
  const all = [head, ...rows];
  const widths = head.map((_name, at) => Math.max(...all.map((row) => row[at]?.length ?? 0)));
  return all.map((row) =>
    row
      .map((text, at) => {
        const width = widths[at] ?? 0;
        return at === 0 ? text.padEnd(width) : text.padStart(width);
      })
      .join("  "),
  );
}

function exportText(state: SettlementExportView): string {
  if (state.state === "off") return "database: none is named (settlementUrl)";
  const { rows, waiting, unacknowledged, code, message } = state;
  const counts = `${rows} rows, ${waiting} waiting, ${unacknowledged} orders not acknowledged yet`;
  return code === null ? `database: ${counts}` : `database: ${code}: ${message ?? ""} (${counts})`;
}

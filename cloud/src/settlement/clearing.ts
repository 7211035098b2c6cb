import type { ClearingLineView, ClearingPositionView, DayClearingView } from "@voltfog/messages";
import type { SettlementRow } from "./settlement-row.ts";

type DayFigures = Omit<DayClearingView, "day" | "currency" | "isFinal" | "chainBegan_ms">;

type Line = { -readonly [Key in keyof ClearingLineView]: ClearingLineView[Key] };

/**
 * Clears a day's settled rows between operators. Pure: the same rows give the same figures in whatever
 * order they come. Money has moved on the chain when a session was settled; what is cleared is who stands
 * for it to whom. Costs one pass; memory grows with pairs of operators, not with sessions.
 */
export class DayClearing {
  readonly #lines = new Map<string, Line>();
  readonly #totals = { sessions: 0, energy_Wh: 0, beans_Wh: 0, amount: 0, refunds: 0 };
  readonly #contracts = { count: 0, energy_Wh: 0, amount: 0 };
  readonly #trades = { count: 0, energy_Wh: 0, amount: 0 };

  add(row: SettlementRow): void {
    if (row.kind === "contract" || row.kind === "trade") {
      const sums = row.kind === "contract" ? this.#contracts : this.#trades;
      sums.count++;
      sums.energy_Wh += row.delivered_Wh;
      sums.amount += row.paid;
      return;
    }
    const line = this.#lineOf(row);
    const totals = this.#totals;
    if (row.kind === "correction") {
      const change = row.reason === "refund" ? -row.moved : row.moved;
      line.amount += change;
      totals.amount += change;
      if (row.reason === "refund") totals.refunds += row.moved;
      return;
    }
    const energy_Wh = row.meterEnd_Wh - row.meterBegin_Wh;
    for (const sum of [line, totals]) {
      sum.sessions++;
      sum.energy_Wh += energy_Wh;
      sum.beans_Wh += row.beans_Wh;
      sum.amount += row.cost;
    }
  }

  figures(): DayFigures {
    const lines = [...this.#lines.values()].sort(
      (a, b) => compare(a.home ?? "", b.home ?? "") || compare(a.operator, b.operator),
    );
    return {
      ...this.#totals,
      lines,
      positions: positionsOf(lines),
      contracts: { ...this.#contracts },
      trades: { ...this.#trades },
    };
  }

  #lineOf({ home, operator }: { home: string; operator: string }): Line {
    const name = `${home}/${operator}`;
    const known = this.#lines.get(name);
    if (known !== undefined) return known;
    const line: Line = {
      ...{ home: home === "" ? null : home, operator },
      ...{ sessions: 0, energy_Wh: 0, beans_Wh: 0, amount: 0 },
    };
    this.#lines.set(name, line);
    return line;
  }
}

/** What each owes and gets over all lines; an operator's drivers at its own piles owe nobody anything. */
function positionsOf(lines: readonly ClearingLineView[]): readonly ClearingPositionView[] {
  const sums = new Map<string | null, { receives: number; owes: number }>();
  const of = (name: string | null): { receives: number; owes: number } => {
    const sum = sums.get(name) ?? { receives: 0, owes: 0 };
    sums.set(name, sum);
    return sum;
  };
  for (const { home, operator, amount } of lines) {
    const [payer, payee] = [of(home), of(operator)];
    if (home === operator) continue;
    payer.owes += amount;
    payee.receives += amount;
  }
  return [...sums]
    .map(([organisation, { receives, owes }]) => ({
      ...{ organisation, receives, owes, net: receives - owes },
    }))
    .sort((a, b) => compare(a.organisation ?? "", b.organisation ?? ""));
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

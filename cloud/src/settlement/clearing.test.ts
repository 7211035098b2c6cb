import fc from "fast-check";
import { expect, test } from "vitest";
import { DayClearing } from "./clearing.ts";
import type { SettlementRow } from "./settlement-row.ts";
import { contractRow, correctionRow, sessionRow, tradeRow } from "./testing/settled-sessions.ts";

const organisation = fc.constantFrom("", "north", "south", "west");
const amount = fc.integer({ min: 0, max: 1_000_000_000 });
const session = fc
  .record({
    home: organisation,
    operator: fc.constantFrom("north", "south", "west"),
    cost: amount,
    energy_Wh: amount,
    beans_Wh: amount,
  })
  .map(({ energy_Wh, ...changes }) =>
    sessionRow({ ...changes, meterBegin_Wh: 5, meterEnd_Wh: 5 + energy_Wh }),
  );
const correction = fc
  .record({
    home: organisation,
    operator: fc.constantFrom("north", "south", "west"),
    moved: amount,
    reason: fc.constantFrom("refund" as const, "shortfall" as const),
  })
  .map((changes) => correctionRow(changes));
const rows: fc.Arbitrary<readonly SettlementRow[]> = fc.array(fc.oneof(session, correction), {
  maxLength: 60,
});

function clear(all: readonly SettlementRow[]): ReturnType<DayClearing["figures"]> {
  const clearing = new DayClearing();
  for (const row of all) clearing.add(row);
  return clearing.figures();
}

test("what operators owe each other sums to nothing, and every amount is in one line", () => {
  fc.assert(
    fc.property(rows, (all) => {
      const { lines, positions, amount: total } = clear(all);
      expect(positions.reduce((sum, { net }) => sum + net, 0)).toBe(0);
      expect(lines.reduce((sum, line) => sum + line.amount, 0)).toBe(total);
      const within = lines.filter(({ home, operator }) => home === operator);
      const between = total - within.reduce((sum, line) => sum + line.amount, 0);
      expect(positions.reduce((sum, { receives }) => sum + receives, 0)).toBe(between);
    }),
  );
});

test("the same rows in another order clear alike", () => {
  fc.assert(
    fc.property(rows, (all) => {
      expect(clear(all.toReversed())).toEqual(clear(all));
    }),
  );
});

test("refunds are taken off; contracts of private piles and trades of vehicles stand beside it", () => {
  const figures = clear([
    sessionRow({ home: "south", operator: "north", cost: 3_500_000 }),
    correctionRow({ home: "south", operator: "north", moved: 500_000, reason: "refund" }),
    contractRow({ delivered_Wh: 4000, paid: 900_000 }),
    tradeRow({ delivered_Wh: 4900, paid: 1_425_000 }),
  ]);
  expect(figures).toMatchObject({
    ...{ sessions: 1, amount: 3_000_000, refunds: 500_000 },
    lines: [{ home: "south", operator: "north", sessions: 1, amount: 3_000_000 }],
    positions: [
      { organisation: "north", receives: 3_000_000, owes: 0, net: 3_000_000 },
      { organisation: "south", receives: 0, owes: 3_000_000, net: -3_000_000 },
    ],
    contracts: { count: 1, energy_Wh: 4000, amount: 900_000 },
    trades: { count: 1, energy_Wh: 4900, amount: 1_425_000 },
  });
});

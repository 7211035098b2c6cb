import fc from "fast-check";
import { expect, test } from "vitest";
import { BundleBook } from "../bundles/bundle-book.ts";
import { readWhatIf } from "../http/what-if-question.ts";
import { PlacementBook, type Situation } from "./placement-book.ts";
import { whatIf } from "./what-if.ts";

const rules = {
  ...{ vehiclesPerUnitMax: 6, equalLatency_ms: 5, moveGain_ms: 20, moveGainRatio: 0.1 },
  ...{ moveSamples: 3, moveCooldown_ms: 60_000, movesPerRoundMax: 1 },
};
const ways_ms: Record<string, number> = { "unit-1": 10, "unit-2": 12, "unit-3": 40 };
const situation: Situation = {
  units: Object.keys(ways_ms).map((id) => ({ id, alive: true, connected: new Set<string>() })),
  latencyOf: ({ unitId }) => ways_ms[unitId],
  now_ms: 1000,
};

function fleet(count: number): PlacementBook {
  const bundles = new BundleBook({ functions: [], dwell_ms: 0 });
  const start = { version: 0, attachments: [] };
  const book = new PlacementBook({
    ...{ rules, bundles, functions: [], vehiclesMax: 100, start, now_ms: 0 },
  });
  for (let i = 0; i < count; i++) book.attach(`vehicle-${i}`, situation);
  return book;
}

const nothing = { down: [], vehicles: 0, slower: new Map<string, number>() };

test("nothing changes where nothing is supposed, and nothing ever changes in the book", () => {
  const book = fleet(8);
  const before = JSON.stringify(book.attachments);
  const answer = whatIf({ question: nothing, book, situation });
  expect(answer.after).toEqual({ cost: answer.before.cost, moves: [], unserved: [] });
  whatIf({ question: { ...nothing, down: ["unit-1"] }, book, situation });
  expect(JSON.stringify(book.attachments)).toBe(before);
});

test("a unit that is gone: its vehicles go to the others", () => {
  const book = fleet(8);
  const answer = whatIf({ question: { ...nothing, down: ["unit-1"] }, book, situation });
  expect(answer.after.moves).toHaveLength(4);
  expect(answer.after.moves.every(({ from }) => from === "unit-1")).toBe(true);
  expect(answer.units).toEqual([
    { id: "unit-1", before: 4, after: 0 },
    { id: "unit-2", before: 4, after: 6 },
    { id: "unit-3", before: 0, after: 2 },
  ]);
  expect(answer.sentence).toMatch(/^4 vehicles would move, all would be served; /);
});

test("a way that is longer moves those who gain enough, without waiting for the samples", () => {
  const slower = new Map([["unit-1", 5]]);
  const answer = whatIf({ question: { ...nothing, slower }, book: fleet(6), situation });
  expect(answer.after.moves.map(({ to }) => to)).toEqual(["unit-2", "unit-2", "unit-2"]);
});

test("more vehicles than there is room for are named with the reason", () => {
  const answer = whatIf({ question: { ...nothing, vehicles: 12 }, book: fleet(8), situation });
  expect(answer.after.unserved.map(({ vehicleId }) => vehicleId)).toEqual(["more-10", "more-11"]);
  expect(answer.units.map(({ after }) => after)).toEqual([6, 6, 6]);
});

test("a question is read whole or refused, whatever it is", () => {
  const knownUnits = new Set(["unit-1"]);
  const code = (body: unknown): string | undefined => {
    const read = readWhatIf({ body, knownUnits });
    return read.ok ? undefined : read.problem.code;
  };
  expect(code({})).toBeUndefined();
  expect(code({ down: ["unit-1"], vehicles: 3, slower: { "unit-1": 1.6 } })).toBeUndefined();
  expect(code({ down: ["unit-2"] })).toBe("UNIT_UNKNOWN");
  for (const ratio of [0, -1, Number.NaN, "2"]) {
    expect(code({ slower: { "unit-1": ratio } })).toBe("QUESTION_MALFORMED");
  }
  fc.assert(
    fc.property(fc.anything(), (body) => {
      expect([undefined, "QUESTION_MALFORMED", "UNIT_UNKNOWN"]).toContain(code(body));
    }),
  );
});

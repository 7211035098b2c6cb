import { SeededRandom } from "@voltfog/runtime";
import fc from "fast-check";
import { expect, test } from "vitest";
import { proposerIn, turnCycle } from "./proposer-turns.ts";
import {
  decodeQuality,
  encodeQuality,
  type ParentService,
  qualityAfter,
  type SeatQuality,
  type SeatTurns,
} from "./quality.ts";

const ids = ["a", "b", "c", "d"];
const term = 200;

/** How one validator behaves: which share of the blocks it seals, and how late its proposals come. */
interface Habit {
  readonly seals: number;
  readonly delay_ms: number;
  /** Its own turns end without a decision. */
  readonly isRefused?: boolean;
}

const equal = (seats: readonly string[]): readonly SeatTurns[] =>
  seats.map((id, rank) => ({ id, turns: 1, rank }));

const good: Habit = { seals: 1, delay_ms: 5 };

/** The records after so many terms of validators with these habits, under equal turns. */
function afterTerms(habits: readonly Habit[], terms = 1): readonly SeatQuality[] {
  const random = new SeededRandom(7);
  const cycle = turnCycle([1, 1, 1, 1]);
  let records: readonly SeatQuality[] = [];
  for (let height = 1; height <= terms * term; height++) {
    let round = 0;
    while (habits[proposerIn(cycle, { height, round })]?.isRefused === true) round++;
    const proposer = proposerIn(cycle, { height, round });
    const seals = habits.flatMap((habit, validator) => {
      const delay_ms = habits[proposer]?.delay_ms ?? 0;
      return random.uniform() < habit.seals ? [{ validator, delay_ms }] : [];
    });
    const parent: ParentService = { height, round, seals };
    const isTermEnd = height % term === 0;
    records = qualityAfter({
      records,
      parent,
      seats: equal(ids),
      isTermEnd,
      blockInterval_ms: 400,
    });
  }
  return records;
}

const weights = (records: readonly SeatQuality[]): number[] => records.map(({ weight }) => weight);

test("validators of equal service have equal weights", () => {
  expect(weights(afterTerms([good, good, good, good], 3))).toEqual([12, 12, 12, 12]);
});

test("who seals half of the blocks gets half of the turns, who seals none the least", () => {
  const [best, , half, none] = weights(
    afterTerms([good, good, { ...good, seals: 0.5 }, { ...good, seals: 0 }], 2),
  );
  expect(best).toBe(12);
  expect(half).toBeGreaterThanOrEqual(4);
  expect(half).toBeLessThanOrEqual(8);
  expect(none).toBe(1);
});

test("where the cycle does not share out the turns, only the builder of a round 0 is judged by them", () => {
  const seals = [0, 1, 2].map((validator) => ({ validator, delay_ms: 200 }));
  const after = (round: number): readonly SeatQuality[] => {
    const rest = { seats: equal(ids), isTermEnd: false, blockInterval_ms: 400 };
    const records = qualityAfter({ records: [], parent: undefined, ...rest });
    return qualityAfter({ records, parent: { height: 1, round, seals, builder: 2 }, ...rest });
  };
  expect(after(0).map(({ lateness }) => lateness)).toEqual([0, 0, 400, 0]);
  expect(after(2).map(({ lateness }) => lateness)).toEqual([0, 0, 0, 0]);
  expect(new Set(after(2).map(({ turnsKept }) => turnsKept))).toEqual(new Set([2 ** 20]));
});

test("whose turns end without a decision has the fewest, though it seals every block", () => {
  expect(weights(afterTerms([good, { ...good, isRefused: true }, good, good]))).toEqual([
    12, 1, 12, 12,
  ]);
});

test("a proposer as late as the block interval has half of the turns", () => {
  const [, late] = weights(afterTerms([good, { ...good, delay_ms: 400 }, good, good]));
  expect(late).toBe(6);
});

test("within a term weights stay, and one that is back is as good as the others a term later", () => {
  const records = afterTerms([good, good, good, { ...good, seals: 0, isRefused: true }]);
  const within = qualityAfter({
    records,
    parent: undefined,
    seats: equal(ids),
    isTermEnd: false,
    blockInterval_ms: 400,
  });
  expect(weights(within)).toEqual([12, 12, 12, 1]);
  let later = within;
  const seats = ids.map((id, rank) => ({ id, turns: [12, 12, 12, 1][rank] ?? 0, rank }));
  for (let height = 1; height <= 1000; height++) {
    const seals = ids.map((_, validator) => ({ validator, delay_ms: 5 }));
    const parent = { height, round: 0, seals };
    const isTermEnd = height === 1000;
    later = qualityAfter({ records: later, parent, seats, isTermEnd, blockInterval_ms: 400 });
  }
  expect(weights(later)).toEqual([12, 12, 12, 12]);
});

test("a newcomer begins with the lowest weight, and who left is forgotten", () => {
  const records = afterTerms([good, good, good, { ...good, seals: 0.5 }]);
  const changed = qualityAfter({
    records,
    parent: undefined,
    seats: equal(["b", "d", "e"]),
    isTermEnd: false,
    blockInterval_ms: 400,
  });
  expect(changed.map(({ id }) => id)).toEqual(["b", "d", "e"]);
  expect(changed[2]?.weight).toBe(changed[1]?.weight);
  expect(changed[2]?.weight).toBeLessThan(12);
});

test("two liars of seven cannot move a delay beyond what the others say", () => {
  const seats = equal(["a", "b", "c", "d", "e", "f", "g"]);
  const before = qualityAfter({
    records: [],
    parent: undefined,
    seats,
    isTermEnd: false,
    blockInterval_ms: 400,
  });
  // A proposer picks the quorum of seals that it likes best: five, two of them its friends'.
  for (const lie_ms of [0, 4_000_000_000]) {
    const seals = [lie_ms, lie_ms, 90, 100, 110].map((delay_ms, validator) => ({
      validator,
      delay_ms,
    }));
    const noted = qualityAfter({
      records: before,
      parent: { height: 1, round: 0, seals },
      seats,
      isTermEnd: false,
      blockInterval_ms: 400,
    });
    const delay_ms = (noted[0]?.lateness ?? 0) / 2;
    expect(delay_ms).toBeGreaterThanOrEqual(90);
    expect(delay_ms).toBeLessThanOrEqual(110);
  }
});

const record = fc.record({
  id: fc.string({ maxLength: 20 }),
  participation: fc.nat(1_048_576),
  turnsKept: fc.nat(1_048_576),
  lateness: fc.nat(960_000),
  weight: fc.integer({ min: 1, max: 12 }),
  turns: fc.nat(12),
  rank: fc.nat(255),
});

test("the records have one encoding, and any bytes get a verdict", () => {
  fc.assert(
    fc.property(fc.array(record, { maxLength: 12 }), (records) => {
      expect(decodeQuality(encodeQuality(records))).toEqual({ ok: true, value: records });
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      const decoded = decodeQuality(bytes);
      if (decoded.ok) expect(encodeQuality(decoded.value)).toEqual(bytes);
    }),
  );
});

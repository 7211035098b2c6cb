import { expect, it } from "vitest";
import type { Collected } from "../../consensus/consortium-under-test.ts";
import { type CellPlan, cellFigures, gapAfter } from "./cell-figures.ts";
import type { ClientRun } from "./client-messages.ts";

const run: ClientRun = {
  ...{ start_ms: 1000, stop_ms: 2000, refused: 0, turnedAway: 0, missing: 0, payload_bytes: 97 },
  answered_ms: Float64Array.of(1010, 1500, 1600, 2010),
  took_ms: Float64Array.of(10, 20, 30, 40),
};

function collected(o: Pick<Collected, "cpu_ms" | "height" | "counted">): Collected {
  return {
    ...{ sent: [], seen: [], refused: 0, sent_bytes: 0, messages: 0, connected: 3, stands: [] },
    ...{ memory: { resident_bytes: 1, heap_bytes: 1 }, ...o },
  };
}

const plan: CellPlan = {
  cell: "closed-4",
  loop: "closed",
  clients: 4,
  isDurable: true,
  offered_Hz: undefined,
};
const before = collected({
  ...{ cpu_ms: 100, height: 10 },
  counted: [{ kind: "prepare", first: 90, again: 1 }],
});
const after = collected({
  ...{ cpu_ms: 104, height: 12 },
  counted: [
    { kind: "prepare", first: 114, again: 4 },
    { kind: "proposal", first: 6, again: 0 },
    { kind: "transactions", first: 12, again: 0 },
  ],
});

it("counts what was answered until the last answer, and messages between two looks", () => {
  const figures = cellFigures(plan, { before, after, run });
  expect(figures).toMatchObject({ p50_ms: 25, cpuPerOp_us: 1000, blocks: 2 });
  expect(figures.rate_Hz).toBeCloseTo(4000 / 1010);
  expect(figures).toMatchObject({ votesPerBlock: 15, votesAgain: 3, answered: 4 });
  expect(figures.messages).toBe("prepare 12.0, proposal 3.0, transactions 6.0");
});

it("has no p99 where more than one in a hundred was lost", () => {
  const lost = cellFigures(plan, { before, after, run: { ...run, missing: 1 } });
  expect(lost.p99_ms).toBe(Number.POSITIVE_INFINITY);
});

it("a gap is the longest silence that ends after the event, and has no end where nothing came", () => {
  expect(gapAfter(run, 1020)).toBe(490);
  expect(gapAfter(run, 1700)).toBe(410);
  expect(gapAfter(run, 2500)).toBe(Number.POSITIVE_INFINITY);
});

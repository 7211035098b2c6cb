import { CodedError, silentLogger } from "@voltfog/runtime";
import { expect, test } from "vitest";
import { BundleBook } from "../bundles/bundle-book.ts";
import { type AssignedUnit, AssignmentPush } from "./assignment-push.ts";
import type { UnitAssignment } from "./place-functions.ts";
import { PlacementBook, type Situation } from "./placement-book.ts";

const claim = { term: 3, controllerId: "controller" };
const rules = {
  ...{ vehiclesPerUnitMax: 10, equalLatency_ms: 5, moveGain_ms: 20, moveGainRatio: 0.1 },
  ...{ moveSamples: 3, moveCooldown_ms: 0, movesPerRoundMax: 1 },
};
const situation: Situation = {
  units: [{ id: "unit-1", alive: true, connected: new Set() }],
  latencyOf: () => 1,
  now_ms: 0,
};

function made(answer: () => Promise<void>): {
  push: AssignmentPush;
  book: PlacementBook;
  unit: { incarnation: string };
  told: (typeof claim & UnitAssignment)[];
  fenced: number[];
} {
  const functions = ["thermal-alert"];
  const bundles = new BundleBook({ functions, dwell_ms: 0 });
  const start = { version: 0, attachments: [] };
  const book = new PlacementBook({
    ...{ rules, bundles, functions, vehiclesMax: 10, start, now_ms: 0 },
  });
  const told: (typeof claim & UnitAssignment)[] = [];
  const fenced: number[] = [];
  const unit = { incarnation: "aa" };
  const units = (): readonly AssignedUnit[] => [
    {
      ...{ id: "unit-1", alive: true, incarnation: unit.incarnation },
      client: {
        assign(assignment) {
          told.push(assignment);
          return answer();
        },
      },
    },
  ];
  const peers = [{ unitId: "unit-2", url: "https://b:1" }];
  const push = new AssignmentPush({
    ...{ units, book, peers, logger: silentLogger },
    fenced: ({ term }) => fenced.push(term),
  });
  return { push, book, unit, told, fenced };
}

test("a unit is told once, with the claim, and again when its process or its part is another one", async () => {
  const { push, book, unit, told } = made(async () => {});
  await push.pushAll(claim);
  await push.pushAll(claim);
  expect(told).toHaveLength(1);
  expect(told[0]).toMatchObject({ ...claim, peers: [{ unitId: "unit-2" }] });
  unit.incarnation = "bb";
  await push.pushAll(claim);
  book.attach("vehicle-01", situation);
  await push.pushAll(claim);
  expect(told.map(({ functions }) => functions[0]?.vehicles)).toEqual([[], [], ["vehicle-01"]]);
});

test("what changes while a call is under way follows it at once", async () => {
  let answer = (): void => {};
  const waits = (): Promise<void> =>
    new Promise((resolve) => {
      answer = resolve;
    });
  const { push, book, told } = made(waits);
  const first = push.pushAll(claim);
  book.attach("vehicle-01", situation);
  await push.pushAll(claim);
  expect(told).toHaveLength(1);
  answer();
  await expect.poll(() => told.length).toBe(2);
  answer();
  await first;
  expect(told[1]?.functions[0]?.vehicles).toEqual(["vehicle-01"]);
});

test("a unit that obeys a newer controller fences this one; any other refusal is tried again", async () => {
  let code = "UNREACHABLE";
  const { push, told, fenced } = made(async () => {
    throw new CodedError({ code, message: "no" });
  });
  await push.pushAll(claim);
  expect(fenced).toEqual([]);
  code = "TERM_STALE";
  await push.pushAll(claim);
  expect(fenced).toEqual([3]);
  expect(told).toHaveLength(2);
});

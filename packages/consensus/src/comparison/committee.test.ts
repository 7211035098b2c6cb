import { expect, test } from "vitest";
import { committeeOf, noAnswer_us } from "./committee.ts";

const rows = [
  { epoch: 4, row_us: [0, 900, 300, noAnswer_us] },
  { epoch: 4, row_us: [500, 0, 200, noAnswer_us] },
  { epoch: 4, row_us: [400, 800, 0, noAnswer_us] },
  undefined,
];

test("the fastest replicas verify, by what the others measured of them", () => {
  expect(committeeOf({ rows, epoch: 4, size: 2 })).toEqual([2, 0]);
  expect(committeeOf({ rows, epoch: 4, size: 4 })).toEqual([2, 0, 1, 3]);
});

test("nobody makes itself fast, and reports of another epoch count nothing", () => {
  const boast = rows.with(1, { epoch: 4, row_us: [500, 0, 200, 1] });
  expect(committeeOf({ rows: boast, epoch: 4, size: 2 })).toEqual([2, 0]);
  expect(committeeOf({ rows, epoch: 5, size: 2 })).toEqual([0, 1]);
});

test("replicas that heard other reports reckon other committees: the published design has no answer", () => {
  const withoutTwo = [
    { epoch: 4, row_us: [0, 100, 900] },
    { epoch: 4, row_us: [500, 0, 900] },
    undefined,
  ];
  const withTwo = withoutTwo.with(2, { epoch: 4, row_us: [50, 800, 0] });
  const one = committeeOf({ rows: withoutTwo, epoch: 4, size: 1 });
  const other = committeeOf({ rows: withTwo, epoch: 4, size: 1 });
  expect(one).not.toEqual(other);
});

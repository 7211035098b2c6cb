import { silentLogger } from "@voltfog/runtime";
import { expect, test } from "vitest";
import type { FunctionStatus } from "./function-status.ts";
import { TrustedCapacity } from "./trusted-capacity.ts";
import type { Resources } from "./unit-status.ts";

function unit(most: Resources | null): {
  capacity: TrustedCapacity;
  status: (said: Resources | null, samplesShed: number) => void;
} {
  const capacity = new TrustedCapacity({ id: "unit-1", most, logger: silentLogger });
  const status = (said: Resources | null, samplesShed: number): void => {
    const functions = [{ samplesShed } as FunctionStatus];
    capacity.observe({ capacity: said, functions }, { cpu: 0.4, memory_MB: 50 });
  };
  return { capacity, status };
}

const said = { cpu: 64, memory_MB: 65_536 };

test("a unit is not believed beyond what the list of units allows it", () => {
  const { capacity, status } = unit({ cpu: 2, memory_MB: 100_000 });
  status(said, 0);
  expect(capacity.believed(said)).toEqual({ cpu: 2, memory_MB: 65_536 });
  expect(capacity.complaint).toMatch(/^says it has 64 cores and 65536 MB, at most 2/);
  status({ cpu: 1, memory_MB: 10 }, 0);
  expect(capacity.complaint).toBeNull();
});

test("a unit that sheds samples gets no more than what it had, until it has rested", () => {
  const { capacity, status } = unit(null);
  for (const shed of [5, 5, 6, 7]) status(said, shed);
  expect(capacity.believed(said)).toEqual(said);
  status(said, 8);
  expect(capacity.believed(said)).toEqual({ cpu: 0.4, memory_MB: 50 });
  expect(capacity.complaint).toMatch(/^sheds samples while 0.400 cores/);
  for (let i = 0; i < 60; i++) status(said, 8);
  expect(capacity.believed(said)).toEqual(said);
});

test("where neither unit nor list says anything, nothing is known", () => {
  const { capacity, status } = unit(null);
  status(null, 0);
  expect(capacity.believed(null)).toBeNull();
});

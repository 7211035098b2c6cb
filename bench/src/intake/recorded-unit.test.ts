import { expect, test } from "vitest";
import { samplesPerFrame } from "../ingest/signed-frames.ts";
import { RecordedUnit } from "./recorded-unit.ts";

test("a recorded log is served whole, page by page, under its signed checkpoint", async () => {
  const unit = new RecordedUnit({ unitId: "unit-1", vehicles: 2, framesPerVehicle: 3, seed: 1 });
  expect(unit.samples).toBe(6 * samplesPerFrame);
  const indexes: number[] = [];
  for (let from = 0; from < unit.size; from += 4) {
    const page = await unit.entries({ from, limit: 4 });
    if (!page.ok) throw new Error(page.problem.code);
    expect(page.value.note).toContain(unit.origin);
    indexes.push(...page.value.entries.map(({ index }) => index));
  }
  expect(indexes).toEqual([0, 1, 2, 3, 4, 5]);
});

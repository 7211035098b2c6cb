import { expect, test } from "vitest";
import { datasetRoot } from "./dataset-root.ts";
import { driveCycles, openDriveCycle } from "./drive-cycle.ts";

const root = datasetRoot();

test("a drive cycle starts full, ends discharged and counts charge positive", async () => {
  const rows = await openDriveCycle({ root, ambient_degC: 25, profile: "US06" });
  expect(rows).toHaveLength(4016);
  expect(rows[0]).toMatchObject({ t_s: 0, charge_Ah: 0 });
  expect(rows.at(-1)?.charge_Ah).toBeCloseTo(-2.59, 2);
  const lowest_A = Math.min(...rows.map((row) => row.cellCurrent_A));
  const highest_A = Math.max(...rows.map((row) => row.cellCurrent_A));
  expect(lowest_A).toBeLessThan(-15); // Hard acceleration discharges.
  expect(highest_A).toBeGreaterThan(2); // Braking charges.
});

test("the files hold 47 cycles at five ambients, each of which has rising times", async () => {
  const names = await driveCycles({ root });
  expect(names).toHaveLength(47);
  expect(names).toContainEqual({ ambient_degC: -20, profile: "UDDS" });
  const rows = await openDriveCycle({ root, ambient_degC: -20, profile: "LA92" });
  expect(rows.at(-1)?.t_s).toBe(5253); // Two seconds are missing in the recording.
  expect(rows).toHaveLength(5251);
});

test.each([
  [25, "HWFET"],
  [-10, "US06"],
])("a cycle that is not shipped is refused: %d degC %s", async (ambient_degC, profile) => {
  await expect(openDriveCycle({ root, ambient_degC, profile })).rejects.toMatchObject({
    code: "DATASET_MISSING",
  });
});

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock } from "@voltfog/runtime";
import { afterEach, beforeEach, expect, test } from "vitest";
import { assignFleet } from "./assign-fleet.ts";
import { readEnrolledRows, writeEnrolledRows } from "./enrolled-list.ts";
import { type SitePaths, sitePaths } from "./site-folder.ts";

const rows = [
  { id: "vehicle-01", key: "ab".repeat(32), salt: "cd".repeat(16), revoked: true },
  { id: "vehicle-02", key: "ef".repeat(32), salt: "01".repeat(16) },
];
const clock = new ManualClock();
let folder: string;
let paths: SitePaths;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fleets-"));
  paths = sitePaths(folder);
  writeEnrolledRows(paths, rows);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("a vehicle gets a fleet, another one, and none again, and nothing else changes", async () => {
  for (const fleet of ["north", "south"]) {
    await assignFleet(paths, { vehicle: "vehicle-01", fleet, clock });
    expect(readEnrolledRows(paths)).toEqual([{ ...rows[0], fleet }, rows[1]]);
  }
  await assignFleet(paths, { vehicle: "vehicle-01", fleet: undefined, clock });
  expect(readEnrolledRows(paths)).toEqual(rows);
});

test("a vehicle that is not enrolled belongs to nobody", async () => {
  const asked = assignFleet(paths, { vehicle: "vehicle-09", fleet: "north", clock });
  await expect(asked).rejects.toMatchObject({ code: "VEHICLE_UNKNOWN" });
});

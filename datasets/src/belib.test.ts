import { expect, test } from "vitest";
import { openBelibPoints, openBelibStatus } from "./belib.ts";
import { datasetRoot } from "./dataset-root.ts";

const root = datasetRoot();

test("charge points carry typed attributes, and null where the source has none", async () => {
  const points = await openBelibPoints({ root });
  expect(points).toHaveLength(2097);
  expect(points[0]).toEqual({
    pointId: "FR*V75*E9001*01*1",
    stationId: "FR*V75*E9001*01",
    place: { latitude: 48.854057, longitude: 2.34556 },
    address: "4 Quai du Marché Neuf 75001 Paris",
    municipality: "75101",
    power_kW: 22,
    plugs: ["ef", "t2", "ccs", "chademo", "t3"],
    stationPoints: 3,
    commissioned: "2022-06-15",
  });
  expect(points.filter(({ power_kW }) => power_kW === null)).toHaveLength(54);
  expect(points.filter(({ place }) => place === null)).toHaveLength(0);
});

test("every snapshot states every point once", async () => {
  const rows = await openBelibStatus({ root });
  expect(rows).toHaveLength(26 * 2097);
  expect(new Set(rows.map(({ snapshot_ms }) => snapshot_ms)).size).toBe(26);
  expect(new Set(rows.map((row) => `${row.snapshot_ms} ${row.pointId}`)).size).toBe(rows.length);
  expect(rows.filter(({ state }) => state === "charging")).toHaveLength(17_355);
});

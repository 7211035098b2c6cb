import { cpSync, mkdtempSync, readFileSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadDataset, verifyDatasets } from "./dataset-files.ts";
import { datasetRoot } from "./dataset-root.ts";

let copy = "";
const belib = (file: string): string => join(copy, "belib_pdc_2023", file);

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), "voltfog-datasets-"));
  cpSync(datasetRoot(), copy, { recursive: true });
});

afterAll(() => rmSync(copy, { recursive: true }));

test("every shipped file is the one the manifest names", async () => {
  const report = await verifyDatasets({ root: datasetRoot() });
  expect(report).toEqual({ ok: true, files: 8, faults: [] });
});

test("a dataset loads with its licence and its folder", async () => {
  const dataset = await loadDataset({ root: datasetRoot(), id: "lg_hg2_drive_1hz" });
  expect(dataset.licence).toBe("CC-BY-4.0");
  expect(dataset.folder).toBe(join(datasetRoot(), "lg_hg2_drive_1hz"));
});

test("a file with one changed bit is refused with what to do", async () => {
  const content = readFileSync(belib("points.csv"));
  content[content.length >> 1] = (content[content.length >> 1] ?? 0) ^ 1;
  writeFileSync(belib("points.csv"), content);
  const loading = loadDataset({ root: copy, id: "belib_pdc_2023" });
  await expect(loading).rejects.toMatchObject({
    code: "DATASET_CHANGED",
    remedy: expect.stringContaining("restore"),
  });
});

test("a missing file is refused, and a report names every fault at once", async () => {
  unlinkSync(belib("status.csv.gz"));
  const report = await verifyDatasets({ root: copy });
  expect(report.faults.map(({ file, code }) => `${file} ${code}`)).toEqual([
    "points.csv DATASET_CHANGED",
    "status.csv.gz DATASET_MISSING",
  ]);
});

test("an unknown dataset is refused with the known ones", async () => {
  await expect(loadDataset({ root: copy, id: "nowhere" })).rejects.toMatchObject({
    code: "DATASET_MISSING",
    remedy: "choose one of belib_pdc_2023, lg_hg2_drive_1hz",
  });
});

test("the flag wins over the environment, the environment over the shipped folder", () => {
  const environment = { VOLTFOG_DATASETS: "/from/environment" };
  expect(datasetRoot({ flag: "/from/flag", environment })).toBe("/from/flag");
  expect(datasetRoot({ environment })).toBe("/from/environment");
  expect(datasetRoot({ flag: "", environment: { VOLTFOG_DATASETS: "" } })).toMatch(
    /datasets.data$/,
  );
});

import { join } from "node:path";
import { ManualClock } from "@voltfog/runtime";
import { expect, test } from "vitest";
import { fullDatasets } from "../testing/full-datasets.ts";
import { evaluateCapacity } from "./evaluate-capacity.ts";

const file = join(fullDatasets, "calce_cs2", "cycles.csv");

async function evaluated(flags: Readonly<Record<string, string>> = {}) {
  return evaluateCapacity.run({
    flags: { data: file, "start-error": "10", seed: "1", ...flags },
    clock: new ManualClock(),
    isQuick: false,
    progress: () => undefined,
  });
}

test("from a start 10 % wrong the CALCE cells' capacity is found within 2.1 % RMS in ten deep cycles", async () => {
  const { findings } = await evaluated();
  const value = (metric: string): number =>
    findings.rows.find((row) => row.metric === metric)?.value ?? Number.NaN;
  expect(value("capacity.error_pct.rms.worst_cell")).toBeLessThan(2.1);
  expect(value("capacity.interval_coverage")).toBeGreaterThan(0.95);
  expect(value("capacity.shallow.interval_coverage")).toBeGreaterThan(0.95);
  expect(findings.items?.length).toBeGreaterThan(200);
});

test("the same seed gives the same figures", async () => {
  expect((await evaluated()).findings.rows).toEqual((await evaluated()).findings.rows);
  await expect(evaluated({ "start-error": "x" })).rejects.toMatchObject({ code: "FLAG_INVALID" });
});

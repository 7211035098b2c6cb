import { join } from "node:path";
import { thermalRules } from "@voltfog/battery";
import { ManualClock, normal, SeededRandom } from "@voltfog/runtime";
import { describe, expect, it } from "vitest";
import { fullDatasets } from "../testing/full-datasets.ts";
import { evaluateThermal } from "./evaluate-thermal.ts";
import { readThermalRuns, type ThermalRun } from "./thermal-runs.ts";
import { fitWeights } from "./train-thermal.ts";
import { watchRun } from "./watch-run.ts";

const tests = join(fullDatasets, "cell_abuse_indentation", "tests.csv.gz");
const drives = ["n20c", "0c", "10c", "25c", "40c"].map((name) =>
  join(fullDatasets, "lg_hg2_drive_1hz", `drive_${name}.csv.gz`),
);

async function rowsOf(data: string): Promise<Readonly<Record<string, number>>> {
  const { findings } = await evaluateThermal.run({
    flags: { data },
    clock: new ManualClock(),
    isQuick: false,
    progress: () => {},
  });
  return Object.fromEntries(findings.rows.map(({ metric, value }) => [metric, value]));
}

const tiersOf = (run: ThermalRun): readonly number[] =>
  watchRun(run, thermalRules).map(({ tier }) => tier);

describe("the thermal alert on recorded cells", () => {
  it("finds every runaway in time", async () => {
    const rows = await rowsOf(tests);
    expect(rows["thermal.recall"]).toBe(1);
    expect(rows["thermal.lead_s.median"]).toBeGreaterThanOrEqual(5.5);
    expect(rows["thermal.lead_s.p10"]).toBeGreaterThanOrEqual(2);
  });

  it("has the weights that its training gives", () => {
    expect(fitWeights(readThermalRuns(tests).runs)).toEqual(thermalRules.weights);
  });

  it("is silent on every normal drive, at every temperature", async () => {
    for (const drive of drives) expect((await rowsOf(drive))["thermal.false_alerts"]).toBe(0);
  });

  it("is silent when a sensor breaks during a drive", () => {
    const random = new SeededRandom(3);
    const faults: readonly ((value: number, row: number) => number)[] = [
      (value, row) => (row < 900 ? value : value + 8),
      (value, row) => (row < 900 ? value : value - 8),
      (value, row) => (row % 700 === 699 ? value + 40 : value),
      (value, row) => (row % 700 > 697 ? value + 20 * (700 - (row % 700)) : value),
      (value, row) => (row < 900 ? value : 0),
      (value, row) => (row > 900 && row % 50 < 20 ? value + 8 : value),
      (value, row) => (row > 900 && row < 1500 ? Number.NaN : value),
      (value, row) => (row > 900 && row % 50 < 20 ? -60 : value),
      (value, row) => value + Math.max(0, row - 900) * 0.02,
      (value, row) => (row < 900 ? value : value + 0.5 * normal(random)),
    ];
    for (const drive of drives) {
      for (const run of readThermalRuns(drive).runs) {
        for (const fault of faults) {
          const broken = { ...run, cell_degC: run.cell_degC.map(fault) };
          expect(tiersOf(broken).filter((tier) => tier >= 2)).toEqual([]);
        }
      }
    }
  });

  it("does not look ahead: what comes later changes no earlier alert", () => {
    for (const run of readThermalRuns(tests).runs.slice(0, 20)) {
      const whole = tiersOf(run);
      const cut = Math.floor(run.t_s.length * 0.6);
      const first: ThermalRun = {
        ...run,
        t_s: run.t_s.slice(0, cut),
        cell_degC: run.cell_degC.slice(0, cut),
        voltage_V: run.voltage_V.slice(0, cut),
      };
      expect(tiersOf(first)).toEqual(whole.slice(0, cut));
    }
  });
});

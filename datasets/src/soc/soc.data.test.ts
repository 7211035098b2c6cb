import { join } from "node:path";
import { a123Parameters, leafParameters, lgHg2Parameters } from "@voltfog/battery";
import { ManualClock } from "@voltfog/runtime";
import { describe, expect, it } from "vitest";
import { fullDatasets } from "../testing/full-datasets.ts";
import { a123Training, leafTraining, lgHg2Training, withoutAmbient } from "./cell-designs.ts";
import { type CellRun, readCellRuns } from "./cell-run.ts";
import { evaluateLeftOut } from "./evaluate-left-out.ts";
import { evaluateSoc } from "./evaluate-soc.ts";
import { trackSoc } from "./track-soc.ts";
import { fitFrom } from "./train-soc.ts";

const drives = join(fullDatasets, lgHg2Training.folder);
const context = {
  clock: new ManualClock(),
  isQuick: false,
  progress: () => {},
};

async function evaluated(flags: Record<string, string>) {
  const { findings, predictions } = await evaluateSoc.run({
    ...context,
    flags: { "initial-error": "0", "current-bias": "0", estimator: "ekf", ...flags },
  });
  return { findings, rows: [...predictions.rows] };
}

describe("cell models from the public datasets", () => {
  it("come out bit for bit as shipped", () => {
    expect(fitFrom(fullDatasets, lgHg2Training)).toEqual(lgHg2Parameters);
    expect(fitFrom(fullDatasets, a123Training)).toEqual(a123Parameters);
    expect(fitFrom(fullDatasets, leafTraining)).toEqual(leafParameters);
  });

  it("were fitted to no run that they are tested on", () => {
    const seen = [...lgHg2Parameters.provenance.runs, ...a123Parameters.provenance.runs];
    expect(seen).toHaveLength(36);
    expect(seen.filter((id) => /US06|LA92|UDDS|HWFET/.test(id))).toEqual([]);
    expect(a123Parameters.provenance.runs).toEqual(["5 dynamic", "15 dynamic", "25 dynamic"]);
  });
});

describe("the evaluation", () => {
  const file = join(drives, "drive_10c.csv.gz");

  it("follows the drive cycles within half a point on average, also from a wrong start", async () => {
    for (const wrong of ["0", "-10"]) {
      const { findings } = await evaluated({
        data: file,
        chemistry: "nmc",
        "initial-error": wrong,
      });
      const row = findings.rows.find(({ metric }) => metric === "soc.rmse_pp.mean");
      expect(row?.value).toBeLessThan(0.5);
    }
  });

  it("recovers an LFP cell from a wrong start", async () => {
    const { findings } = await evaluated({
      data: join(fullDatasets, a123Training.folder, "dynamic.csv.gz"),
      chemistry: "lfp",
      "initial-error": "-10",
    });
    const row = findings.rows.find(({ metric }) => metric === "soc.rmse_pp.mean");
    expect(row?.value).toBeLessThan(1);
  });

  it("tells the same of a cell whose truth is blank, and scores nothing", () => {
    const [run] = readCellRuns(file, "nmc").runs;
    expect(run).toBeDefined();
    const blank: CellRun = {
      ...(run as CellRun),
      soc: new Float64Array(run?.soc.length ?? 0).fill(Number.NaN),
    };
    const o = {
      parameters: lgHg2Parameters,
      estimator: "ekf",
      disturbance: { initialError: 0, currentBias_A: 0 },
    } as const;
    expect(trackSoc(blank, o)).toEqual(trackSoc(run as CellRun, o));
  });

  it("refuses what is no file of runs, no chemistry and no number", async () => {
    await expect(evaluated({ data: "nowhere.csv", chemistry: "nmc" })).rejects.toMatchObject({
      code: "DATA_UNREADABLE",
    });
    await expect(evaluated({ data: file, chemistry: "lead" })).rejects.toMatchObject({
      code: "FLAG_INVALID",
    });
    await expect(
      evaluated({ data: file, chemistry: "nmc", "current-bias": "much" }),
    ).rejects.toMatchObject({ code: "FLAG_INVALID" });
  });
});

describe("the LMO cell", () => {
  const file = join(fullDatasets, leafTraining.folder, "hppc.csv.gz");

  it("is followed at 25 °C by a model that saw only 10 and 40 °C, also from a wrong start", () => {
    const { runs } = readCellRuns(file, "lmo");
    const parameters = fitFrom(fullDatasets, withoutAmbient(leafTraining, 25));
    const run = runs.find(({ ambient_degC }) => ambient_degC === 25) as CellRun;
    for (const initialError of [0, -0.1]) {
      const disturbance = { initialError, currentBias_A: 0 };
      const { soc } = trackSoc(run, { parameters, estimator: "ekf", disturbance });
      const errors = run.soc.slice(600).map((truth, row) => (soc[row + 600] as number) - truth);
      const rmse = Math.sqrt(errors.reduce((sum, each) => sum + each ** 2, 0) / errors.length);
      expect(rmse).toBeLessThan(initialError === 0 ? 0.02 : 0.03);
    }
  });
});

describe("a temperature that is left out of the fit", () => {
  it("is followed within the design's goals, but for the start 10 points off", async () => {
    const { findings } = await evaluateLeftOut.run({
      flags: { datasets: fullDatasets, chemistry: "nmc" },
      clock: new ManualClock(),
      isQuick: false,
      progress: () => {},
    });
    const value = (metric: string): number =>
      findings.rows.find((row) => row.metric === `soc.left_out.${metric}`)?.value ?? Number.NaN;
    expect(value("true.rmse_pp.mean")).toBeLessThan(1.4);
    expect(value("off.rmse_pp.mean")).toBeLessThan(1.2);
    expect(value("bias.rmse_pp.mean")).toBeLessThan(1.6);
    for (const start of ["true", "off", "bias"]) {
      expect(value(`${start}.max_pp.mean`)).toBeLessThan(4);
    }
  });
});

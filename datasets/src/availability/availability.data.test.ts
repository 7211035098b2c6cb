import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { modelKinds } from "@voltfog/forecasting";
import { ManualClock } from "@voltfog/runtime";
import { OnnxModel } from "@voltfog/runtime/onnx";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fullDatasets } from "../testing/full-datasets.ts";
import { belibNetwork } from "./belib-network.ts";
import { availabilityEvaluation } from "./evaluate-availability.ts";
import { blendStart, fitBoosting } from "./fit-boosting.ts";
import { fitHorizon } from "./fit-model.ts";
import { addTrees, softmaxRows } from "./learning/boosted-classes.ts";
import { loadNetwork, readDataText } from "./load-network.ts";
import { availabilityTrainer } from "./train-availability.ts";
import { rowsBetween, trainingRows } from "./training-rows.ts";

const folder = join(fullDatasets, "belib_pdc_2023");
const status = join(folder, "status.csv.gz");
const context = { clock: new ManualClock(), progress: () => {}, isQuick: false };
let models: string;

beforeAll(() => {
  models = mkdtempSync(join(tmpdir(), "voltfog-availability-"));
});

afterAll(() => {
  rmSync(models, { recursive: true, force: true });
});

async function trained(model: string, seed = "1"): Promise<string> {
  const out = join(models, `${model}-${seed}`);
  const flags = { dataset: "belib", model, seed };
  await availabilityTrainer.run({ ...context, flags, datasets: fullDatasets, out });
  return out;
}

describe("models of charge-point status", () => {
  it("beat every baseline on the days that they were not trained on", async () => {
    const model = await trained("gbt");
    const { findings, predictions } = await availabilityEvaluation.run({
      ...context,
      flags: { model, data: status, split: "time" },
    });
    const value = (metric: string): number =>
      findings.rows.find((row) => row.metric === metric)?.value ?? Number.NaN;
    expect(findings.inputs["rows"]).toBe(16_776);
    for (const name of ["majority", "persistence", "historical", "blend", "point-transition"]) {
      expect(value("availability.brier")).toBeLessThan(
        value(`availability.baseline.${name}.brier`),
      );
    }
    const rows = [...predictions.rows];
    expect(rows).toHaveLength(16_776);
    const sums = rows.map((row) => row.slice(3).reduce<number>((sum, p) => sum + Number(p), 0));
    expect(Math.max(...sums.map((sum) => Math.abs(sum - 1)))).toBeLessThan(1e-4);
  });

  it("say on the unit what they said to the trainer, row by row", async () => {
    const points = belibNetwork.readPoints(readDataText(join(folder, "points.csv")));
    const network = loadNetwork({ file: status, points });
    const [all] = trainingRows({ source: belibNetwork, points, history: network.history });
    expect(all).toBeDefined();
    if (all === undefined) return;
    const rows = rowsBetween(all, 0, 6000);
    const o = { seed: 1, onStep: () => {} };
    const { onnx } = fitHorizon("gbt", rows, o);
    const { rules } = { rules: { depth: 5, leafWeightMin: 30, lambda: 5, gainMin: 0.5, rounds: 150, learningRate: 0.06, rowShare: 0.5, featureShare: 0.35, seed: 1 } }; // biome-ignore format: as the product's
    const { model } = fitBoosting(rows, { rules, onRound: () => {} });
    const scores = blendStart(rows);
    const { classCount } = rows.tables;
    const [width, start] = [rows.table.names.length, blendStart(rows)];
    for (const trees of model.rounds) addTrees({ trees, table: rows.table, classCount, scores });
    const expected = new Float32Array(scores.length);
    softmaxRows(scores, classCount, expected);
    const inputs = new Float32Array(rows.table.rowCount * (width + classCount));
    for (let row = 0; row < rows.table.rowCount; row++) {
      const at = row * (width + classCount);
      inputs.set(rows.table.values.subarray(row * width, (row + 1) * width), at);
      inputs.set(start.subarray(row * classCount, (row + 1) * classCount), at + width);
    }
    const session = await OnnxModel.open({ name: "trial", bytes: onnx });
    const served = await session.run({ values: inputs, rows: rows.table.rowCount });
    await session.close();
    const worst = served.reduce(
      (most, p, i) => Math.max(most, Math.abs(p - (expected[i] ?? 0))),
      0,
    );
    expect(worst).toBeLessThan(1e-5);
  });

  it("come out bit for bit again with the same seed", async () => {
    const points = belibNetwork.readPoints(readDataText(join(folder, "points.csv")));
    const network = loadNetwork({ file: status, points });
    const [all] = trainingRows({ source: belibNetwork, points, history: network.history });
    if (all === undefined) throw new Error("no rows");
    const rows = rowsBetween(all, 0, 4000);
    for (const kind of modelKinds) {
      const o = { seed: 3, onStep: () => {} };
      expect(fitHorizon(kind, rows, o).onnx).toEqual(fitHorizon(kind, rows, o).onnx);
    }
  });

  it("are refused without their ONNX file, with a code", async () => {
    const model = await trained("lr");
    rmSync(join(model, "horizon-next.onnx"));
    const flags = { model, data: status, split: "time" };
    await expect(availabilityEvaluation.run({ ...context, flags })).rejects.toMatchObject({
      code: "MODEL_MISSING",
    });
  });
});

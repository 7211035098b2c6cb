import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ModelKind, modelKinds } from "@voltfog/forecasting";
import { ManualClock } from "@voltfog/runtime";
import { OnnxModel } from "@voltfog/runtime/onnx";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fullDatasets } from "../testing/full-datasets.ts";
import { belibNetwork } from "./belib-network.ts";
import { availabilityEvaluation } from "./evaluate-availability.ts";
import { blendStart } from "./fit-boosting.ts";
import { fitHorizon, neighbourRules } from "./fit-model.ts";
import { loadNetwork, readDataText } from "./load-network.ts";
import { availabilityTrainer } from "./train-availability.ts";
import { rowsBetween, type TrainingRows, trainingRows } from "./training-rows.ts";

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

/** The first rows of the first horizon. */
function someRows(count: number): TrainingRows {
  const points = belibNetwork.readPoints(readDataText(join(folder, "points.csv")));
  const network = loadNetwork({ file: status, points });
  const [all] = trainingRows({ source: belibNetwork, points, history: network.history });
  if (all === undefined) throw new Error("no rows");
  return rowsBetween(all, 0, count);
}

/** What a unit hands to the model: features, and for boosting the blend's scores after them. */
function inputsOf(kind: ModelKind, { table, ...rows }: TrainingRows): Float32Array {
  if (kind !== "gbt") return table.values;
  const start = blendStart({ table, ...rows });
  const { classCount } = rows.tables;
  const width = table.names.length;
  const inputs = new Float32Array(table.rowCount * (width + classCount));
  for (let row = 0; row < table.rowCount; row++) {
    const at = row * (width + classCount);
    inputs.set(table.values.subarray(row * width, (row + 1) * width), at);
    inputs.set(start.subarray(row * classCount, (row + 1) * classCount), at + width);
  }
  return inputs;
}

const comparedRows = 1500;

/** The worst difference between ONNX file and trainer, and the rows that differ by more than 1e-4. */
async function compared(kind: ModelKind): Promise<{ worst: number; others: number }> {
  const rows = someRows(6000);
  const asked = rowsBetween(rows, 0, comparedRows);
  const { onnx, shares } = fitHorizon(kind, rows, { seed: 1, onStep: () => {} });
  const expected = shares(asked);
  const session = await OnnxModel.open({ name: "trial", bytes: onnx });
  const served = await session.run({ values: inputsOf(kind, asked), rows: comparedRows });
  await session.close();
  expect(served.length).toBe(expected.length);
  const { classCount } = rows.tables;
  const worstOf = Array.from({ length: comparedRows }, (_, row) => {
    const cells = Array.from({ length: classCount }, (_, c) => row * classCount + c);
    return Math.max(
      ...cells.map((at) => Math.abs((served[at] ?? Number.NaN) - (expected[at] ?? Number.NaN))),
    );
  });
  const others = worstOf.filter((worst) => !(worst <= 1e-4)).length;
  return { worst: Math.max(...worstOf), others };
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

  it.each(modelKinds)(
    "%s says on the unit what it said to the trainer, row by row",
    async (kind) => {
      const { worst, others } = await compared(kind);
      // Of two references that are equally near to within a float, either may be the last of the nearest.
      const isTied = kind === "knn";
      expect(others).toBeLessThan(isTied ? 0.005 * comparedRows : 1);
      expect(worst).toBeLessThan(isTied ? 1 / neighbourRules.neighbours : 1e-4);
    },
  );

  it("come out bit for bit again with the same seed", async () => {
    const rows = someRows(4000);
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

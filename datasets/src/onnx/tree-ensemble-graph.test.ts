import { SeededRandom } from "@voltfog/runtime";
import { OnnxModel } from "@voltfog/runtime/onnx";
import { describe, expect, it } from "vitest";
import { predictTrees } from "../learning/boosted-trees.ts";
import type { FeatureTable } from "../learning/feature-table.ts";
import { fitBoostedTrees } from "../learning/fit-boosted-trees.ts";
import { onnxModelBytes } from "./onnx-graph.ts";
import { treeEnsembleNode } from "./tree-ensemble-graph.ts";

const options = {
  trees: 40,
  depthMax: 4,
  leafWeightMin: 3,
  leafPenalty: 1,
  learningRate: 0.1,
  binsMax: 32,
  rowShare: 0.7,
  columnShare: 0.7,
  seed: 5,
};

/** Noisy rows of which each tenth value is missing. */
function sampleTable(rows: number): { table: FeatureTable; target: Float64Array } {
  const random = new SeededRandom(11);
  const names = ["a", "b", "c", "d"];
  const values = Float32Array.from({ length: rows * names.length }, () =>
    random.uniform() < 0.1 ? Number.NaN : random.uniform(),
  );
  const at = (row: number, column: number): number => values[row * names.length + column] || 0;
  const target = Float64Array.from(
    { length: rows },
    (_, row) => Math.sin(6 * at(row, 0)) + at(row, 1) * at(row, 2),
  );
  return { table: { names, rows, values }, target };
}

describe("a forest as an ONNX file", () => {
  const { table, target } = sampleTable(2000);
  const ensemble = fitBoostedTrees({ table, target, options });
  const bytes = onnxModelBytes({
    name: "forest",
    columns: 4,
    outputs: 1,
    nodes: [treeEnsembleNode({ ensemble, input: "features", output: "estimate" })],
    constants: [],
  });

  it("answers every row as the trainer does, missing values too", async () => {
    const trained = predictTrees(ensemble, table);
    const model = await OnnxModel.open({ name: "forest", bytes });
    const served = await model.run({ values: table.values, rows: table.rows });
    await model.close();
    expect(served).toHaveLength(table.rows);
    const worst = served.reduce(
      (most, value, row) => Math.max(most, Math.abs(value - (trained[row] ?? 0))),
      0,
    );
    expect(worst).toBeLessThan(1e-5);
    expect(new Set(served).size).toBeGreaterThan(500);
  });

  it("fits what it was shown far better than a constant does", () => {
    const trained = predictTrees(ensemble, table);
    const error = (of: (row: number) => number): number =>
      target.reduce((sum, value, row) => sum + (value - of(row)) ** 2, 0);
    const mean = target.reduce((sum, value) => sum + value, 0) / target.length;
    expect(error((row) => trained[row] ?? 0)).toBeLessThan(0.1 * error(() => mean));
  });

  it("is the same bytes when it is trained again", () => {
    const again = fitBoostedTrees({ table, target, options });
    expect(again).toEqual(ensemble);
  });

  it("is refused with a code when bytes are cut off", async () => {
    await expect(
      OnnxModel.open({ name: "cut", bytes: bytes.subarray(0, bytes.length - 100) }),
    ).rejects.toMatchObject({ code: "MODEL_UNREADABLE" });
  });
});

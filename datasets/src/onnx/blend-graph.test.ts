import { pulseFeatureNames, pulseFeatures } from "@voltfog/battery";
import { normal, SeededRandom } from "@voltfog/runtime";
import { OnnxModel } from "@voltfog/runtime/onnx";
import { describe, expect, it } from "vitest";
import type { FeatureTable } from "../learning/feature-table.ts";
import { fitRidge, predictLinear } from "../learning/ridge.ts";
import { fitPulses, type PulseModel, predictPulses } from "../second-life/pulse-models.ts";
import { blendGraph } from "./blend-graph.ts";
import { linearGraph } from "./linear-graph.ts";
import { type OnnxGraph, onnxModelBytes } from "./onnx-graph.ts";

const rows = 120;
const random = new SeededRandom(21);
/** Cells whose voltage swings grow as they fade. */
const health = Float64Array.from({ length: rows }, () => 0.6 + 0.4 * random.uniform());
const tests = Array.from(health, (soh) => {
  const rest = 3.3 + 0.4 * random.uniform();
  return Array.from(
    { length: 21 },
    (_, at) => rest + (Math.sin(at) * 0.05) / soh + 2e-4 * normal(random),
  );
});
const table: FeatureTable = {
  names: pulseFeatureNames,
  rows,
  values: Float32Array.from(tests.flatMap((test) => [...pulseFeatures(test)])),
};
const model: PulseModel = {
  type: "any",
  sees: "rises",
  kernel: { reach: 1.5, penalty: 0.1, whitening: 0.4 },
  treeShare: 0.3,
};

async function served(graph: OnnxGraph): Promise<Float32Array> {
  const onnx = await OnnxModel.open({ name: graph.name, bytes: onnxModelBytes(graph) });
  const given = await onnx.run({ values: table.values, rows });
  await onnx.close();
  return given;
}

function worst(given: Float32Array, wanted: Float64Array): number {
  expect(given).toHaveLength(wanted.length);
  return given.reduce(
    (most, value, row) => Math.max(most, Math.abs(value - (wanted[row] ?? 0))),
    0,
  );
}

describe("kernel regression and forest as one ONNX file", () => {
  const blend = fitPulses(table, health, model);

  it("answers every row as the trainer does", async () => {
    const given = await served(blendGraph("blend", blend));
    expect(worst(given, predictPulses(blend, table))).toBeLessThan(2e-4);
  });

  it("learns what the voltages tell", () => {
    const error = predictPulses(blend, table).reduce(
      (sum, value, row) => sum + Math.abs(value - (health[row] ?? 0)),
      0,
    );
    expect(error / rows).toBeLessThan(0.03);
  });

  it("is the same when it is fitted again", () => {
    expect(fitPulses(table, health, model)).toEqual(blend);
  });
});

describe("a linear model as an ONNX file", () => {
  const columns = [0, 1, 2, 3];
  const weight = new Float64Array(rows).fill(1);
  const linear = fitRidge({ table, columns, target: health, weight, penalty: 0.3 });

  it("answers every row as the trainer does", async () => {
    expect(
      worst(await served(linearGraph("line", linear)), predictLinear(linear, table)),
    ).toBeLessThan(1e-4);
  });

  it("holds a wild feature at its bound", () => {
    const wild = Float32Array.from(table.values);
    wild[1] = 1e9;
    const [given = 0] = predictLinear(linear, { ...table, values: wild });
    const [usual = 0] = predictLinear(linear, table);
    expect(Math.abs(given - usual)).toBeLessThan(1);
  });
});

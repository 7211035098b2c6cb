import { normal, SeededRandom } from "@voltfog/runtime";
import { OnnxModel } from "@voltfog/runtime/onnx";
import { expect, test } from "vitest";
import { onnxModelBytes } from "../onnx/onnx-graph.ts";
import { type ClassGraph, neighbourGraph, networkGraph, supportGraph } from "./class-graphs.ts";
import { fitNeighbours, neighbourShares } from "./learning/nearest-neighbours.ts";
import { fitNetwork, networkShares } from "./learning/neural-network.ts";
import { fitSupportVectors, supportShares } from "./learning/support-vectors.ts";

const [width, rowCount, classCount] = [5, 600, 3];

/** Three classes: a ring inside a ring, and what lies to one side; the last two features are noise. */
function drawRows(seed: number) {
  const random = new SeededRandom(seed);
  const values = new Float32Array(width * rowCount).map(() => 3 * normal(random) + 7);
  const labels = new Uint8Array(rowCount).map((_, row) => {
    const [x, y, side] = [0, 1, 2].map((i) => (values[row * width + i] ?? 0) - 7);
    if ((side ?? 0) > 3) return 2;
    return Math.hypot(x ?? 0, y ?? 0) < 3.5 ? 0 : 1;
  });
  const names = Array.from({ length: width }, (_, i) => `feature ${i}`);
  return { table: { names, rowCount, values }, labels };
}

const train = drawRows(1);
const fresh = drawRows(2);

async function served(graph: ClassGraph): Promise<Float32Array> {
  const shape = { name: "trial", columns: width, outputs: classCount };
  const bytes = onnxModelBytes({ ...shape, ...graph });
  const session = await OnnxModel.open({ name: "trial", bytes });
  const shares = await session.run({ values: fresh.table.values, rows: rowCount });
  await session.close();
  return shares;
}

/** Worst difference between the served graph and the trainer, and the share of rows told right. */
async function compared(graph: ClassGraph, own: (row: number) => Float64Array) {
  const shares = await served(graph);
  let [worst, right] = [0, 0];
  for (let row = 0; row < rowCount; row++) {
    const expected = own(row);
    const sum = expected.reduce((total, share) => total + share, 0);
    expect(Math.abs(sum - 1)).toBeLessThan(1e-6);
    for (const [c, share] of expected.entries()) {
      worst = Math.max(worst, Math.abs(share - (shares[row * classCount + c] ?? 0)));
    }
    if (expected.indexOf(Math.max(...expected)) === fresh.labels[row]) right++;
  }
  return { worst, right: right / rowCount };
}

const most = Math.max(...[0, 1, 2].map((c) => fresh.labels.filter((one) => one === c).length));
const majority = most / rowCount;

test("a neural network is served as it was trained, and learns what is not linear", async () => {
  const rules = {
    hidden: [16, 8],
    epochs: 30,
    batch: 16,
    learningRate: 0.01,
    penalty: 1e-4,
    seed: 1,
  };
  const model = fitNetwork(train, { classCount, rules, onEpoch: () => {} });
  const { worst, right } = await compared(networkGraph(model), (row) =>
    networkShares(model, { table: fresh.table, row }),
  );
  expect(worst).toBeLessThan(1e-4);
  expect(right).toBeGreaterThan(majority + 0.25);
});

test("a support vector machine is served as it was trained, and learns what is not linear", async () => {
  const rules = { cosines: 128, epochs: 8, lambda: 1e-3, calibrationShare: 0.25, seed: 1 };
  const model = fitSupportVectors(train, { classCount, rules, onEpoch: () => {} });
  const { worst, right } = await compared(supportGraph(model), (row) =>
    supportShares(model, { table: fresh.table, row }),
  );
  expect(worst).toBeLessThan(1e-4);
  expect(right).toBeGreaterThan(majority + 0.15);
});

test("nearest neighbours are served as they compare", async () => {
  const rules = { references: 500, neighbours: 9, prior: 1, seed: 1 };
  const model = fitNeighbours(train, { classCount, rules });
  const { worst, right } = await compared(neighbourGraph(model, rules), (row) =>
    neighbourShares(model, { table: fresh.table, row, rules }),
  );
  expect(worst).toBeLessThan(1e-5);
  expect(right).toBeGreaterThan(majority + 0.1);
});

test("fewer references than neighbours are asked for are all taken", async () => {
  const rules = { references: 4, neighbours: 9, prior: 1, seed: 1 };
  const model = fitNeighbours(train, { classCount, rules });
  const { worst } = await compared(neighbourGraph(model, rules), (row) =>
    neighbourShares(model, { table: fresh.table, row, rules }),
  );
  expect(worst).toBeLessThan(1e-5);
});

test("the same seed gives the same model, another one another", () => {
  const network = (seed: number) => {
    const rules = { hidden: [4], epochs: 1, batch: 16, learningRate: 0.01, penalty: 0, seed };
    return fitNetwork(train, { classCount, rules, onEpoch: () => {} }).layers;
  };
  const margins = (seed: number) => {
    const rules = { cosines: 8, epochs: 1, lambda: 1e-3, calibrationShare: 0.25, seed };
    return fitSupportVectors(train, { classCount, rules, onEpoch: () => {} }).margins;
  };
  const references = (seed: number) =>
    fitNeighbours(train, { classCount, rules: { references: 9, neighbours: 3, prior: 1, seed } });
  expect([network(1), margins(1), references(1)]).toEqual([network(1), margins(1), references(1)]);
  expect(network(2)).not.toEqual(network(1));
  expect(margins(2)).not.toEqual(margins(1));
  expect(references(2)).not.toEqual(references(1));
});

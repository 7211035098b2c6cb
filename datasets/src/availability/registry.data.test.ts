import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { currentModel, registerModel } from "@voltfog/forecasting/node";
import { ManualClock, SeededRandom } from "@voltfog/runtime";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fullDatasets } from "../testing/full-datasets.ts";
import { readDataText } from "./load-network.ts";
import { shippedAvailabilityModel } from "./shipped-model.ts";
import { availabilityTrainer } from "./train-availability.ts";

let folder: string;
let registry: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "voltfog-registry-"));
  registry = join(folder, "registry");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function trained(model: string, datasets: string): Promise<string> {
  const out = join(folder, `${model}-${datasets.length}`);
  const flags = { dataset: "belib", model, seed: "1" };
  const context = { clock: new ManualClock(), progress: () => {} };
  await availabilityTrainer.run({ ...context, flags, datasets, out });
  return out;
}

/** The same rows with their statuses dealt out anew: nothing is left to learn. */
function shuffledDatasets(): string {
  const source = join(fullDatasets, "belib_pdc_2023");
  const root = join(folder, "shuffled datasets");
  mkdirSync(join(root, "belib_pdc_2023"), { recursive: true });
  copyFileSync(join(source, "points.csv"), join(root, "belib_pdc_2023", "points.csv"));
  const [head = "", ...lines] = readDataText(join(source, "status.csv.gz")).trim().split("\n");
  const random = new SeededRandom(7);
  const rows = lines.map((line) => line.split(","));
  for (let i = rows.length - 1; i > 0; i--) {
    const [one, other] = [rows[i], rows[Math.floor(random.uniform() * (i + 1))]];
    if (one === undefined || other === undefined) continue;
    [one[2], other[2]] = [other[2] ?? "", one[2] ?? ""];
  }
  const text = [head, ...rows.map((row) => row.join(","))].join("\n");
  writeFileSync(join(root, "belib_pdc_2023", "status.csv.gz"), gzipSync(text));
  return root;
}

test("the shipped model is better than every baseline, and is taken into service", async () => {
  expect(currentModel(registry, "belib")).toBeUndefined();
  const registered = await registerModel({ folder: shippedAvailabilityModel(), registry });
  expect(registered).toMatchObject({ network: "belib", kind: "gbt" });
  expect(currentModel(registry, "belib")).toEqual(registered);
});

test("another model takes its place, and the first can come back", async () => {
  const first = currentModel(registry, "belib");
  const second = await registerModel({ folder: await trained("ann", fullDatasets), registry });
  expect(currentModel(registry, "belib")).toEqual(second);
  await registerModel({ folder: first?.folder ?? "", registry });
  expect(currentModel(registry, "belib")).toEqual(first);
});

test("a model with a changed file or without its ONNX file is refused, and the old one stays", async () => {
  const before = currentModel(registry, "belib");
  const broken = await trained("knn", fullDatasets);
  const file = join(broken, "horizon-next.onnx");
  writeFileSync(file, readFileSync(file).fill(7, 100, 110));
  const register = () => registerModel({ folder: broken, registry });
  await expect(register()).rejects.toMatchObject({ code: "MODEL_CHANGED" });
  rmSync(file);
  await expect(register()).rejects.toMatchObject({ code: "MODEL_MISSING" });
  expect(currentModel(registry, "belib")).toEqual(before);
});

test("a model of shuffled labels is no better than its best baseline, and is refused", async () => {
  const model = await trained("lr", shuffledDatasets());
  await expect(registerModel({ folder: model, registry })).rejects.toMatchObject({
    code: "MODEL_WORSE",
  });
});

test("a registry that names what is not there says so", () => {
  const place = join(folder, "odd");
  mkdirSync(join(place, "belib"), { recursive: true });
  for (const name of ["../..", "00".repeat(32), ""]) {
    writeFileSync(join(place, "belib", "current"), name);
    expect(() => currentModel(place, "belib")).toThrow(
      expect.objectContaining({ code: "MODEL_MISSING" }),
    );
  }
});

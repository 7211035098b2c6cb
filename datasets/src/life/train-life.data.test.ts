import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock } from "@voltfog/runtime";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defaultModelFolder } from "../learning/model-folder.ts";
import { fullDatasets } from "../testing/full-datasets.ts";
import { evaluateLife } from "./evaluate-life.ts";
import { trainLife } from "./train-life.ts";

const context = { flags: {}, clock: new ManualClock(), progress: () => undefined };
const source = join(fullDatasets, "severson_early_cycles");

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "train-life-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the shipped model of the cycle life", () => {
  it("comes out again byte for byte when it is trained anew", async () => {
    await trainLife.run({ ...context, datasets: fullDatasets, out: folder });
    for (const file of ["model.json", "life.onnx"]) {
      const shipped = readFileSync(join(defaultModelFolder("rul"), file));
      expect(readFileSync(join(folder, file)).equals(shipped), file).toBe(true);
    }
  });

  it("is fitted to the train cells alone and stays within the goal that counts the 148-cycle cell", async () => {
    const { findings, predictions } = await evaluateLife.run({
      ...context,
      isQuick: false,
      flags: {
        curves: join(source, "discharge_curves.csv.gz"),
        capacity: join(source, "capacity_cycles_2_100.csv.gz"),
        lives: join(source, "cycle_lives.csv"),
      },
    });
    expect(findings.inputs["cellsSeenInTraining"]).toBe(41);
    const row = findings.rows.find(({ metric }) => metric === "rul.rmse_cycles");
    expect(row?.value).toBeLessThanOrEqual(140);
    expect([...predictions.rows]).toHaveLength(124);
  });
});

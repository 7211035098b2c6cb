import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock, reportRow } from "@voltfog/runtime";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Experiment, ExperimentContext } from "./report/experiment.ts";
import { type RunOptions, runExperiment } from "./run-experiment.ts";

const found = {
  method: "counted",
  inputs: {},
  rows: [reportRow({ metric: "fake.size", unit: "bytes", values: [3] })],
  items: [{ setting: "only" }],
};

/** Leaves one file in its folder, as evidence. */
function fake(seen: ExperimentContext[] = []): Experiment {
  return {
    name: "fake",
    summary: "A fake",
    run: (context) => {
      seen.push(context);
      writeFileSync(join(context.folder, "evidence"), "123");
      return Promise.resolve(found);
    },
  };
}

describe("running an experiment", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "run-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const options = (changes: Partial<RunOptions> = {}): RunOptions => ({
    clock: new ManualClock(),
    self: [],
    isQuick: true,
    keep: undefined,
    out: undefined,
    progress: () => {},
    ...changes,
  });

  it("gives one object with name, commit, machine and what was found, and nothing else", async () => {
    const report = await runExperiment(fake(), options());
    expect(Object.keys(report)).toEqual([
      "name",
      "commit",
      "machine",
      "method",
      "inputs",
      "rows",
      "items",
    ]);
    expect(report).toMatchObject({ name: "fake", ...found });
    expect(report.commit).toMatch(/^([0-9a-f]{40}(-dirty)?|unknown)$/);
    expect(Object.keys(report.machine)).toEqual(["cpu", "cores", "memory_MB", "os", "node"]);
    expect(report.machine.node).toBe(process.version);
  });

  it("leaves nothing behind unless it is told to", async () => {
    const seen: ExperimentContext[] = [];
    await runExperiment(fake(seen), options());
    expect(existsSync(seen[0]?.folder ?? folder)).toBe(false);
  });

  it("leaves nothing behind when the experiment fails either", async () => {
    let used = "";
    const failing: Experiment = {
      ...fake(),
      run: (context) => {
        used = context.folder;
        return Promise.reject(new Error("no luck"));
      },
    };
    await expect(runExperiment(failing, options())).rejects.toThrow("no luck");
    expect(used).not.toBe("");
    expect(existsSync(used)).toBe(false);
  });

  it("keeps the evidence and the report where it is told to", async () => {
    const keep = join(folder, "kept");
    const report = await runExperiment(fake(), options({ keep }));
    expect(readdirSync(keep).sort()).toEqual(["evidence", "report.json"]);
    expect(JSON.parse(readFileSync(join(keep, "report.json"), "utf8"))).toEqual(report);
  });

  it("adds the result to a folder of results", async () => {
    const out = join(folder, "results");
    await runExperiment(fake(), options({ out }));
    expect(readdirSync(out).sort()).toEqual(["README.md", "fake.json"]);
  });
});

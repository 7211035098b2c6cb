import { ManualClock } from "@voltfog/runtime";
import { expect, it } from "vitest";
import { simulatorExperiment } from "./simulator-experiment.ts";

const context = {
  ...{ clock: new ManualClock(), self: [], isQuick: true, folder: "", isKept: false },
  progress: () => {},
};

it("counts scenarios, faults and objections of the true engine", async () => {
  const { rows, items } = await simulatorExperiment.run({ ...context, flags: { seeds: "500" } });
  const figure = (name: string) => rows.find(({ metric }) => metric === name)?.value;
  expect(figure("sim.scenarios")).toBe(5);
  expect(figure("sim.violations")).toBe(0);
  expect(figure("sim.final_blocks")).toBeGreaterThanOrEqual(100);
  expect(items[0]).toHaveProperty("faults.lost-message");
});

it.each(["0", "many", "1.5"])("refuses %s scenarios", async (seeds) => {
  await expect(simulatorExperiment.run({ ...context, flags: { seeds } })).rejects.toThrow(
    "--seeds",
  );
});

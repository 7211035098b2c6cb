import { PackModel, PackThermalWatch, thermalRules } from "@voltfog/battery";
import { SeededRandom } from "@voltfog/runtime";
import { expect, it } from "vitest";
import { datasetRoot } from "../dataset-root.ts";
import { driveCycles, openDriveCycle } from "../drive-cycle.ts";

it("tiers 2 and 3 say nothing about a pack that drives the recorded cycles, at every temperature", async () => {
  const root = datasetRoot();
  const names = await driveCycles({ root });
  let readings = 0;
  for (const [seed, name] of names.entries()) {
    const pack = new PackModel({ random: new SeededRandom(seed), sensors: 6 });
    const watch = new PackThermalWatch(thermalRules);
    for (const row of await openDriveCycle({ root, ...name })) {
      const monotonic_ms = 1000 * row.t_s;
      const seen = watch.update(pack.read({ ...row, wall_ms: monotonic_ms, monotonic_ms }));
      expect(seen, `${name.profile} at ${name.ambient_degC} °C, second ${row.t_s}`).toEqual([]);
      readings++;
    }
  }
  expect(readings).toBeGreaterThan(100_000);
}, 120_000);

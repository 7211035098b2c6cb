import { describe, expect, it } from "vitest";
import { RunawayHeat } from "./runaway-heat.ts";

const cell = { thermalMass: 2420, volume: 8.8e-4 };

/** An oven test: where a cell that starts at the oven's temperature and loses 3 W/K to it ends up. */
function hottest_degC(oven_degC: number, step_s: number): number {
  const heat = new RunawayHeat();
  let cell_K = oven_degC + 273.15;
  let hottest_K = cell_K;
  for (let t_s = 0; t_s < 7200; t_s += step_s) {
    cell_K = heat.step({ cell_K, step_s, ...cell });
    hottest_K = Math.max(hottest_K, cell_K);
    cell_K -= ((cell_K - oven_degC - 273.15) * 3 * step_s) / cell.thermalMass;
  }
  return hottest_K - 273.15;
}

describe("the heat of decomposition", () => {
  it("stays small in an oven of 100 °C and runs away in one of 180 °C", () => {
    expect(hottest_degC(100, 10)).toBeLessThan(125);
    expect(hottest_degC(180, 10)).toBeGreaterThan(400);
  });

  it("comes out alike for long and short steps", () => {
    const once = new RunawayHeat().step({ cell_K: 480, step_s: 600, ...cell });
    const heat = new RunawayHeat();
    let cell_K = 480;
    for (let i = 0; i < 6000; i++) cell_K = heat.step({ cell_K, step_s: 0.1, ...cell });
    expect(Math.abs(once - cell_K)).toBeLessThan(0.02 * (cell_K - 480));
  });

  it("never gives more heat than the reactants hold, and gives it once", () => {
    const heat = new RunawayHeat();
    const end_K = heat.step({ cell_K: 600, step_s: 600, ...cell });
    const all_J =
      (2.57e5 * 610.4 * 0.15 + 1.714e6 * 610.4 * 0.75 + 3.14e5 * 1221 * 0.96 + 1.55e5 * 406.9) *
      cell.volume;
    expect((end_K - 600) * cell.thermalMass).toBeLessThanOrEqual(all_J * 1.0001);
    expect((end_K - 600) * cell.thermalMass).toBeGreaterThan(all_J * 0.8);
    expect(heat.step({ cell_K: 600, step_s: 600, ...cell })).toBeLessThan(
      600 + 0.2 * (end_K - 600),
    );
  });
});

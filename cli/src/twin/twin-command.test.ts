import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lgHg2Parameters, PackSimulator, PackTwin, packPresets, twinState } from "@voltfog/battery";
import { simulateFleet } from "@voltfog/datasets";
import { SeededRandom } from "@voltfog/runtime";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CommandContext } from "../command-context.ts";
import { twinCommand } from "../commands/twin.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "voltfog-twin-"));
  for (const [place, vehicle] of ["vehicle-01", "vehicle-02"].entries()) {
    mkdirSync(join(folder, "fleet", vehicle), { recursive: true });
    writeFileSync(join(folder, "fleet", vehicle, "twin.json"), savedTwin(place + 1));
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

function savedTwin(seed: number): string {
  const { cell, cells, sensors, capacity_Ah } = packPresets.nmc96;
  const pack = new PackSimulator({ random: new SeededRandom(seed), startSoc: 0.4 });
  const twin = new PackTwin({ cell, parameters: lgHg2Parameters, cells, sensors, capacity_Ah });
  for (let i = 0; i < 120; i++) {
    const at_ms = i * 1000;
    const current_A = i % 20 < 10 ? -80 : 0;
    twin.update(pack.step({ current_A, step_s: 1, wall_ms: 1.7e12 + at_ms, monotonic_ms: at_ms }));
  }
  return JSON.stringify(twinState(twin));
}

async function printed(...flags: string[]): Promise<string> {
  const texts: string[] = [];
  const terminal = {
    print: (text: string) => texts.push(text),
    note: () => {},
    progress: () => {},
    progressDone: () => {},
  };
  const context: CommandContext = { terminal, environment: {}, self: [], exitCode: 0 };
  await twinCommand(context).exitOverride().parseAsync(flags, { from: "user" });
  return texts.join("\n");
}

test("the twins of a site's vehicles tell their state without any process", async () => {
  const told = JSON.parse(await printed("status", "--data-dir", folder, "--json")) as {
    vehicle: string;
    status: { soc: { value: number } };
  }[];
  expect(told.map(({ vehicle }) => vehicle)).toEqual(["vehicle-01", "vehicle-02"]);
  expect(told[0]?.status.soc.value).toBeGreaterThan(0.3);
  expect(await printed("status", "--data-dir", folder)).toMatch(/state of charge +\d+\.\d %/);
});

test("a charge is forecast as a table and as JSON", async () => {
  const ask = ["what-if", "--data-dir", join(folder, "fleet"), "--vehicle", "vehicle-02"];
  const cold = [...ask, "--charger", "50kW", "--ambient", "5"];
  expect(await printed(...cold)).toMatch(/to 80 % with 50 kW at 5 °C.*reaches its target/);
  const told = JSON.parse(await printed(...cold, "--json")) as {
    forecast: { end: string; duration_s: { value: number } };
  };
  expect(told.forecast.end).toBe("reached");
  const quick = JSON.parse(await printed(...ask, "--charger", "50kW", "--json")) as typeof told;
  expect(quick.forecast.duration_s.value).toBeLessThan(told.forecast.duration_s.value);
});

test("a pack that has the charge already is told so, without a suggestion", async () => {
  const ask = ["what-if", "--data-dir", folder, "--vehicle", "vehicle-01", "--charger", "50kW"];
  const below = [...ask, "--from", "0.9", "--to", "0.8"];
  expect(await printed(...below)).toMatch(/^vehicle-01: the pack is at 90 % already/);
  const told = JSON.parse(await printed(...below, "--json")) as {
    forecast: { end: string; duration_s: { value: number } };
    suggestions: unknown[];
  };
  expect(told.forecast).toMatchObject({ end: "reached", duration_s: { value: 0 } });
  expect(told.suggestions).toEqual([]);
});

test.each([
  [["what-if", "--charger", "50kW"], "VEHICLE_AMBIGUOUS"],
  [["what-if", "--vehicle", "vehicle-01", "--charger", "50"], "POWER_INVALID"],
  [["what-if", "--vehicle", "vehicle-01", "--charger", "50kW", "--to", "80"], "NUMBER_INVALID"],
  [
    ["what-if", "--vehicle", "vehicle-01", "--charger", "50kW", "--pattern", "x"],
    "PATTERN_UNKNOWN",
  ],
  [["status", "--vehicle", "vehicle-09"], "TWIN_MISSING"],
])("what cannot be answered is refused with a code and a remedy: %s", async (flags, code) => {
  await expect(printed(...flags, "--data-dir", folder)).rejects.toMatchObject({ code });
});

test("without an agent the twin follows a file of simulated readings", async () => {
  const out = join(folder, "simulated");
  const steps = { driving_s: 1, charging_s: 10, parked_s: 60 };
  const fleet = { seed: 3, vehicles: 1, days: 1, preset: "nmc96", faults: [] } as const;
  simulateFleet({ out, ...fleet, steps, onVehicle: () => {} });
  const file = join(out, "vehicle-0001.pack");
  expect(await printed("status", "--data", file)).toContain("vehicle-0001 at 2026");
});

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../testing/test-vehicle.ts";
import { noLimits } from "./battery-source.ts";
import { fleetSources } from "./fleet-sources.ts";

function replayFile(ambient_degC: number, profiles: readonly string[]): string {
  const path = join(temporaryFolder(), "drive.csv");
  const lines = profiles.flatMap((profile) =>
    Array.from({ length: 100 }, (_, i) => `${ambient_degC},${profile},${i},3.9,-1,25,-0.1`),
  );
  writeFileSync(path, ["ambient_c,profile,t_s,v,i,temp,ah", ...lines].join("\n"));
  return path;
}

const at = { wall_ms: 0, monotonic_ms: 0, limits: noLimits };

test("vehicles go round the files and inside a file round its cycles", async () => {
  const replayFiles = [replayFile(25, ["A", "B"]), replayFile(0, ["C"])];
  const sources = await fleetSources({
    kind: "replay",
    vehicles: 5,
    replayFiles,
    rate_Hz: 1,
    seed: 0,
  });
  expect(sources.map((source) => source.read(at).source)).toEqual([
    "LG HG2 A 25 degC",
    "LG HG2 C 0 degC",
    "LG HG2 B 25 degC",
    "LG HG2 C 0 degC",
    "LG HG2 A 25 degC",
  ]);
});

test("a seed repeats a fleet, and no two vehicles of it are the same", async () => {
  const fleet = { kind: "simulator", vehicles: 3, replayFiles: [], rate_Hz: 1, seed: 7 } as const;
  const readings = (await fleetSources(fleet)).map((source) => source.read(at).sample);
  const again = (await fleetSources(fleet)).map((source) => source.read(at).sample);
  expect(again).toEqual(readings);
  expect(new Set(readings.map(({ cellVoltage_mV }) => cellVoltage_mV.join())).size).toBe(3);
});

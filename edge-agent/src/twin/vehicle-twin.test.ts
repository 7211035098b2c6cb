import { writeFileSync } from "node:fs";
import { type PackSample, PackSimulator } from "@voltfog/battery";
import { ManualClock, SeededRandom, silentLogger } from "@voltfog/runtime";
import { expect, test } from "vitest";
import { startTime_ms, temporaryFolder } from "../testing/test-vehicle.ts";
import { twinFile, twinPath } from "./twin-file.ts";
import { VehicleTwin } from "./vehicle-twin.ts";

function samples(count: number, cells = 12): readonly PackSample[] {
  const random = new SeededRandom(3);
  const pack = new PackSimulator({ random, startSoc: 0.6, cells, sensors: 3 });
  return Array.from({ length: count }, (_, i) =>
    pack.step({
      current_A: i % 40 < 20 ? -120 : 30,
      step_s: 1,
      wall_ms: startTime_ms + i * 1000,
      monotonic_ms: i * 1000,
    }),
  );
}

function twinIn(folder: string, clock = new ManualClock(startTime_ms)): VehicleTwin {
  const store = twinFile(twinPath(folder));
  return new VehicleTwin({ store, clock, logger: silentLogger, savePeriod_ms: 60_000 });
}

test("what the twin learned survives a restart", async () => {
  const folder = temporaryFolder();
  const first = twinIn(folder);
  const readings = samples(1200);
  for (const reading of readings.slice(0, 1100)) first.take(reading);
  await first.save();
  const second = twinIn(folder);
  second.take(readings[1100] as PackSample);
  const [before, after] = [first.status, second.status];
  expect(after?.samples).toBe(1101);
  expect(after?.soc.value).toBeCloseTo(before?.soc.value ?? 0, 2);
  expect(after?.imbalance.value).toBeCloseTo(before?.imbalance.value ?? 0, 2);
  expect(after?.resistanceFactor.value).toBeCloseTo(before?.resistanceFactor.value ?? 0, 6);
});

test.each(["", "{}", '{"format":"voltfog-twin-9"}', '{"format":"voltfog-twin-1","cells":96}'])(
  "a state that cannot be read costs the learning and nothing else: %s",
  (text) => {
    const folder = temporaryFolder();
    writeFileSync(twinPath(folder), text);
    const twin = twinIn(folder);
    for (const reading of samples(3)) twin.take(reading);
    expect(twin.status).toMatchObject({ samples: 3 });
  },
);

test("another number of cells is suspect, and after a minute it is another pack", () => {
  const twin = twinIn(temporaryFolder());
  for (const reading of samples(100)) twin.take(reading);
  const other = samples(200, 10).slice(100);
  for (const reading of other.slice(0, 30)) twin.take(reading);
  expect(twin.status?.suspect?.cause).toBe("cell-count-changed");
  for (const reading of other.slice(30)) twin.take(reading);
  expect(twin.status?.suspect).toBeUndefined();
});

test("a disk that takes nothing leaves the twin at work", async () => {
  const store = { load: () => undefined, save: () => Promise.reject(new Error("disk full")) };
  const clock = new ManualClock(startTime_ms);
  const twin = new VehicleTwin({ store, clock, logger: silentLogger, savePeriod_ms: 1000 });
  for (const reading of samples(5)) twin.take(reading);
  await twin.save();
  expect(twin.status).toMatchObject({ samples: 5 });
});

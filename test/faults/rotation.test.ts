import { existsSync, watch } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunReport } from "../../cli/src/report/write-report.ts";
import { eventually, voltfog } from "../system/running-site.ts";
import { type CountedSite, startCountedSite } from "./counted-site.ts";

/**
 * Vehicles change their keys while the agent or the unit is killed: once the new key lies there, once the
 * old key's last frames are fixed, and once the certificate has come.
 */
const moments = [
  { vehicle: "vehicle-01", file: ["keys", "next.key"], victim: "fleet" },
  { vehicle: "vehicle-02", file: ["keys", "change.json"], victim: "fleet" },
  { vehicle: "vehicle-03", file: ["certificates", "next.crt"], victim: "fleet" },
  { vehicle: "vehicle-04", file: ["keys", "change.json"], victim: "unit-1" },
] as const;
let site: CountedSite;
let report: RunReport;
const ended: number[] = [];

beforeAll(async () => {
  site = await startCountedSite(
    ...["--units", "1", "--vehicles", "4", "--rate", "10", "--frame-age", "1s"],
  );
  for (const { vehicle, file, victim } of moments) {
    await connected(vehicle);
    const [folder, name] = file;
    const due = appears(join(site.dataDir, folder), `${vehicle}.${name}`);
    const rotating = voltfog("enrol", "rotate", vehicle, "--data", site.dataDir);
    await due;
    await site.signal(victim, "SIGKILL");
    ended.push((await rotating).code ?? -1);
  }
  await site.untilReady();
  for (const { vehicle } of moments) await connected(vehicle);
  report = await site.count();
});
afterAll(() => site?.stop());

/** Resolves as soon as the folder has a file of this name, even if it is gone again by then. */
function appears(folder: string, name: string): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(folder, (_event, changed) => {
      if (changed !== name) return;
      watcher.close();
      resolve();
    });
  });
}

async function connected(vehicle: string): Promise<void> {
  await eventually(`${vehicle} to be connected`, async () => {
    const status = await site.ask<{ connectedVehicles: readonly string[] }>("unit-1", "/v1/status");
    return status?.connectedVehicles.includes(vehicle) === true ? true : undefined;
  });
}

test("every change of keys was carried through", () => {
  expect(ended).toEqual([0, 0, 0, 0]);
  for (const { vehicle } of moments) {
    for (const left of ["keys/next.key", "keys/change.json", "certificates/next.crt"]) {
      const [folder = "", name] = left.split("/");
      expect(existsSync(join(site.dataDir, folder, `${vehicle}.${name}`)), left).toBe(false);
    }
  }
});

test("nothing is lost, refused or unprovable", () => {
  expect(report.samplesSent).toBeGreaterThan(100);
  expect(report).toMatchObject({ unexplainedLoss: 0, samplesInOutboxes: 0, framesRefused: {} });
  expect(report.samplesDurable + report.samplesInGaps).toBe(report.samplesSent);
  expect(report.samplesStored).toBe(report.samplesDurable);
  expect(report.verified).toMatchObject({ failed: 0, reasons: [] });
});

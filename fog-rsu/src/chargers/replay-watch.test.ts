import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ChargerReport, decodeChargerReport } from "@voltfog/forecasting";
import { ManualClock, silentLogger } from "@voltfog/runtime";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ChargerWatch } from "./charger-reports.ts";
import { watchReplay } from "./replay-watch.ts";

const point = {
  ...{ pointId: "p", siteId: "s", name: "Quai 1", latitude: 48.85, longitude: 2.35 },
  ...{ types: ["type2"], power_kW: 7, price_EURperkWh: 0 },
};
const hour_ms = 3_600_000;
const file = {
  ...{ version: 1, network: "n", title: "t", attribution: "a", zone_min: 60, points: [point] },
  snapshots: [0, 1, 0, 1, 0].map((status, i) => ({ at_ms: i * hour_ms, statuses: `${status}` })),
};

let folder: string;
let clock: ManualClock;
let changes: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "chargers-"));
  clock = new ManualClock(1_700_000_000_000);
  changes = 0;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function watch(text: string): Promise<ChargerWatch> {
  const path = join(folder, "replay.json");
  writeFileSync(path, text);
  const changed = (): void => void changes++;
  return watchReplay({
    replay: path,
    models: "",
    step_ms: 1000,
    clock,
    logger: silentLogger,
    changed,
  });
}

function newest({ news }: ChargerWatch): ChargerReport {
  const report = decodeChargerReport(JSON.parse(new TextDecoder().decode(news?.body)));
  return report.ok ? report.value : expect.fail(report.problem.detail);
}

test("a replay begins past its middle, goes on step by step, and begins again at its end", async () => {
  const running = await watch(JSON.stringify(file));
  const shown = (): unknown => {
    const { at_ms, shown_ms, count, sites, origin } = newest(running);
    return [
      at_ms / hour_ms,
      shown_ms - 1_700_000_000_000,
      count,
      sites[0]?.plugs[0]?.status,
      origin,
    ];
  };
  let steps = 1;
  expect(shown()).toEqual([3, 0, 1, "charging", "replayed"]);
  clock.advance(1000);
  steps++;
  await vi.waitFor(() => expect(changes).toBe(steps));
  expect(shown()).toEqual([4, 1000, 2, "available", "replayed"]);
  clock.advance(1000);
  steps++;
  await vi.waitFor(() => expect(changes).toBe(steps));
  expect(shown()).toEqual([3, 2000, 3, "charging", "replayed"]);
  expect(changes).toBe(3);
  await running.stop();
  clock.advance(5000);
  expect(changes).toBe(3);
});

test("a file that is not there or no replay is refused with its code", async () => {
  await expect(watch("{}")).rejects.toMatchObject({ code: "REPLAY_INVALID" });
  const path = join(folder, "missing.json");
  const options = {
    ...{ replay: path, models: "", step_ms: 1000, clock, logger: silentLogger },
    changed: () => {},
  };
  await expect(watchReplay(options)).rejects.toMatchObject({ code: "REPLAY_UNREADABLE" });
});

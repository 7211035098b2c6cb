import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock as clock } from "@voltfog/runtime/node";
import { afterEach, beforeEach, expect, it } from "vitest";
import { BatteryCluster } from "./battery-cluster.ts";
import type { BatteryEngine } from "./battery-engine.ts";
import { runLoad, workOf } from "./load-step.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "battery-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const engines: readonly BatteryEngine[] = ["pbft", "poa-published"];

it.each(engines)(
  "records of every client become final in processes of their own: %s",
  async (engine) => {
    const link = { mean_ms: 0, jitter_ms: 0 };
    const setting = { engine, n: 4, link, blockInterval_ms: 250 };
    const cluster = await BatteryCluster.start({ setting, folder, clock });
    try {
      const load = { rate_Hz: 30, for_ms: 1000, isBuried: false, patience_ms: 30_000 };
      const step = await runLoad({ cluster, ...load });
      expect(step).toMatchObject({ sent: 30, missing: 0, records: 30 });
      expect(step.works).toHaveLength(4);
      expect(workOf(step).signaturesVerified).toBeGreaterThan(0);
      expect(workOf(step).kinds["proposal"]).toBeGreaterThan(0);
    } finally {
      await cluster.stop();
    }
  },
  120_000,
);

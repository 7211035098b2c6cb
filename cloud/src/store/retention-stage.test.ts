import { ManualClock } from "@voltfog/runtime";
import { expect, test } from "vitest";
import type { Retention } from "./retention.ts";
import { RetentionStage } from "./retention-stage.ts";
import type { TelemetryStore } from "./telemetry-store.ts";

const day_ms = 86_400_000;

/** What a store was asked to keep. */
async function asked(kept: { samplesKept_d: number; framesKept_d: number }): Promise<Retention[]> {
  const seen: Retention[] = [];
  const store = {
    retain(retention: Retention) {
      seen.push(retention);
      return Promise.resolve({ samples: 0, frames: 0 });
    },
  } as unknown as TelemetryStore;
  const clock = new ManualClock(100 * day_ms);
  const verdict = await new RetentionStage({ store, clock, ...kept }).step();
  expect(verdict.pause_ms).toBeGreaterThan(0);
  return seen;
}

test("nothing is removed unless the configuration says how long to keep", async () => {
  expect(await asked({ samplesKept_d: 0, framesKept_d: 0 })).toEqual([]);
});

test("what is older than the configuration keeps is removed, and of the other kind nothing", async () => {
  expect(await asked({ samplesKept_d: 30, framesKept_d: 0 })).toEqual([
    { samplesFrom_ms: 70 * day_ms, framesFrom_ms: 0 },
  ]);
  expect(await asked({ samplesKept_d: 0, framesKept_d: 365 })).toEqual([
    { samplesFrom_ms: 0, framesFrom_ms: 0 },
  ]);
});

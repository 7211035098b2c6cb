import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CodedError, ManualClock, silentLogger } from "@voltfog/runtime";
import { nodeCrypto, systemClock } from "@voltfog/runtime/node";
import { afterEach, beforeEach, expect, test } from "vitest";
import { LoopbackLink } from "../backbone/loopback-link.ts";
import { repeat } from "../remote/repeat.ts";
import { openDuckDbStore } from "../store/duckdb-store.ts";
import type { TelemetryStore } from "../store/telemetry-store.ts";
import { createSite } from "../testing/fake-chain.ts";
import { fakeRemote } from "../testing/fake-remote.ts";
import { telemetry } from "../testing/test-vehicle.ts";
import { UnitIntake } from "./unit-intake.ts";

const minute_ms = 60_000;
const samplesPerMinute = 6;

let folder: string;
let store: TelemetryStore;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "cloud-outage-"));
  store = await openDuckDbStore({ folder, memoryMax_bytes: 512e6, clock: systemClock });
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The store, which takes no entries while it is down, and every second time keeps them without saying so. */
function failing(): { store: TelemetryStore; isDown: boolean; tries: number; kept: number } {
  const state = { store, isDown: false, tries: 0, kept: 0 };
  const outage = new CodedError({ code: "STORE_UNREACHABLE", message: "nobody answers" });
  state.store = new Proxy(store, {
    get(target, name) {
      const own: unknown = Reflect.get(target, name);
      if (typeof own !== "function") return own;
      if (name !== "commitEntries") return own.bind(target);
      return async (...batch: Parameters<TelemetryStore["commitEntries"]>) => {
        if (!state.isDown) return await target.commitEntries(...batch);
        state.tries += 1;
        if (state.tries === 3) {
          await target.commitEntries(...batch);
          state.kept = batch[0].rows.length;
        }
        throw outage;
      };
    },
  });
  return state;
}

test("a store that is down for an hour loses nothing, is not stormed, and catches up", async () => {
  const [unit] = createSite().units;
  const [car] = createSite().vehicles;
  if (unit === undefined || car === undefined) throw new Error("the site is empty");
  const outage = failing();
  const clock = new ManualClock();
  const stopping = new AbortController();
  const intake = new UnitIntake({
    identity: { unitId: unit.id, origin: unit.origin, publicKey: unit.signer.publicKey },
    next: () => undefined,
    link: new LoopbackLink(fakeRemote(unit)),
    store: outage.store,
    vehicleNames: new Map(),
    listener: { stored: () => {}, halted: () => Promise.reject(new Error("halted")) },
    ...{ clock, crypto: nodeCrypto, signal: stopping.signal, entriesMax: 256, longPoll_ms: 100 },
  });
  const stage = { name: "intake", step: () => intake.step(), logger: silentLogger };
  const running = repeat({ ...stage, clock, signal: stopping.signal });
  const stored = async (): Promise<number> => (await store.position(unit.id)).size;
  /** Time goes on while the store's own threads work. */
  const until = async (size: number): Promise<void> => {
    while ((await stored()) < size) clock.advance(100);
  };

  unit.accept(car.cut(telemetry(0, samplesPerMinute)));
  await until(1);
  outage.isDown = true;
  for (let minute = 1; minute <= 60; minute++) {
    unit.accept(car.cut(telemetry(minute * minute_ms, samplesPerMinute)));
    for (let at_ms = 0; at_ms < minute_ms; at_ms += 1000) {
      clock.advance(1000);
      await stored(); // Lets what fell due begin and end.
    }
  }
  expect(outage.tries).toBeGreaterThan(100);
  expect(outage.tries).toBeLessThan(60 * 60);
  expect(outage.kept).toBeGreaterThan(0);
  outage.isDown = false;
  await until(61);
  stopping.abort();
  clock.advance(minute_ms);
  await running;
  const [totals] = await store.vehicleTotals();
  expect(totals?.samples.logged).toBe(61 * samplesPerMinute);
  expect(await store.sampleCount()).toBe(61 * samplesPerMinute);
});

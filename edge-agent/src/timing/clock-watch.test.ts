import { chmodSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ManualClock, silentLogger } from "@voltfog/runtime";
import { expect, test } from "vitest";
import { temporaryFolder } from "../testing/test-vehicle.ts";
import type { ClockEvidence } from "./clock-quality.ts";
import { ClockWatch } from "./clock-watch.ts";
import { readClockEvidence } from "./read-clock-evidence.ts";

const start_ms = 1_790_000_000_000;

/** A wall clock that can be set while monotonic time goes on. */
class SettableClock extends ManualClock {
  set_ms = 0;
  override wall_ms(): number {
    return super.wall_ms() + this.set_ms;
  }
}

async function watched(first: Partial<ClockEvidence>) {
  const clock = new SettableClock(start_ms);
  const evidence = { chronyTracking: undefined, timesyncTouched_ms: undefined, ...first };
  const looked: Promise<ClockEvidence>[] = [];
  const look = (): Promise<ClockEvidence> => {
    const found = Promise.resolve({ ...evidence });
    looked.push(found);
    return found;
  };
  const watch = new ClockWatch({ clock, logger: silentLogger, look });
  expect(watch.quality()).toBe("unknown");
  await watch.start();
  const minute = async (): Promise<void> => {
    clock.advance(60_000);
    await looked.at(-1);
  };
  return { clock, evidence, watch, minute, looked };
}

test("what the services say is known after the first look and renewed every minute", async () => {
  const { evidence, watch, minute } = await watched({});
  expect(watch.quality()).toBe("unknown");
  evidence.timesyncTouched_ms = start_ms;
  expect(watch.quality()).toBe("unknown");
  await minute();
  expect(watch.quality()).toBe("synchronised");
});

test("a clock that is set counts as free-running until the next look says otherwise", async () => {
  const { clock, evidence, watch, minute } = await watched({ timesyncTouched_ms: start_ms });
  expect(watch.quality()).toBe("synchronised");
  clock.set_ms = 1000;
  expect(watch.quality()).toBe("synchronised");
  clock.set_ms = -3_600_000;
  expect(watch.quality()).toBe("free-running");
  evidence.timesyncTouched_ms = clock.wall_ms();
  await minute();
  expect(watch.quality()).toBe("synchronised");
});

test("setting a clock of which nothing is known makes nothing known", async () => {
  const { clock, watch } = await watched({});
  clock.set_ms = 3_600_000;
  expect(watch.quality()).toBe("unknown");
});

test("a stopped watch looks no more", async () => {
  const { clock, watch, looked } = await watched({});
  watch.stop();
  clock.advance(600_000);
  expect(looked).toHaveLength(1);
});

test("evidence is read from the machine: the mark's time, chronyc's answer, nothing where there is none", async () => {
  const folder = temporaryFolder();
  const places = { chronyc: join(folder, "chronyc"), mark: join(folder, "synchronized") };
  const nothing = { chronyTracking: undefined, timesyncTouched_ms: undefined };
  expect(await readClockEvidence(places)).toEqual(nothing);
  writeFileSync(places.mark, "");
  utimesSync(places.mark, 1_790_000_000, 1_790_000_000);
  writeFileSync(places.chronyc, '#!/bin/sh\necho "$@"\n');
  chmodSync(places.chronyc, 0o755);
  expect(await readClockEvidence(places)).toEqual({
    chronyTracking: "-c -n tracking\n",
    timesyncTouched_ms: 1_790_000_000_000,
  });
  writeFileSync(places.chronyc, "#!/bin/sh\necho 506 Cannot talk to daemon\nexit 1\n");
  expect(await readClockEvidence(places)).toMatchObject({ chronyTracking: undefined });
});

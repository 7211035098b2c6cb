import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { repeatedInLog } from "../../cli/src/report/repeated-frames.ts";
import { Link } from "../../cli/src/soak/link.ts";
import { openLogReader } from "../../packages/ledger/src/node/index.ts";
import { eventually } from "../system/running-site.ts";
import { HandRunSite } from "./hand-run-site.ts";

interface Vehicle {
  readonly frames: Readonly<Record<string, number>>;
  readonly acknowledged: number;
  readonly outbox: { readonly frames: number };
}

const vehicles = 12;
let site: HandRunSite;
let link: Link;

beforeEach(async () => {
  site = await HandRunSite.make({ units: 1, vehicles });
  const { mqtt = 0 } = site.process("unit-1").ports;
  link = await Link.open(mqtt);
  site.configure("fleet", { units: [`unit-1@127.0.0.1:${link.port}`] });
});
afterEach(async () => {
  await site?.remove();
  await link?.close();
});

test("frames whose acknowledgement a cut swallowed are sent again, acknowledged once and kept once", async () => {
  await site.startReady("unit-1", "fleet");
  let repeated = 0;
  for (let round = 0; round < 4; round++) {
    await acknowledgedMore(2 * vehicles);
    link.mute();
    const told = await sum("acknowledged");
    const size = await logSize();
    await eventually("frames that the unit takes and the vehicles do not know of", async () => {
      return (await logSize()) >= size + vehicles || undefined;
    });
    // An answer may have been on its way inside the fleet when the link fell silent.
    repeated += (await logSize()) - size - ((await sum("acknowledged")) - told);
    link.cut();
    await framesMore(vehicles);
    link.mend();
  }
  expect(repeated).toBeGreaterThanOrEqual(2 * vehicles);
  await acknowledgedMore(2 * vehicles);
  await expectAllOnce();
});

test("over a link of 32 kB/s everything that waited behind an outage arrives", async () => {
  link.cut();
  site.start("unit-1");
  site.start("fleet");
  await site.ready("unit-1");
  await eventually("a backlog of seconds of the link", async () => {
    return (await sum("outbox")) > 200 || undefined;
  });
  link.slowTo(32_000);
  link.mend();
  await eventually("the backlog to be sent", async () => {
    return (await sum("outbox")) <= 2 * vehicles || undefined;
  });
  expect(link.up_bytes).toBeGreaterThan(3 * 32_000);
  expect(link.waits).toBeGreaterThan(100);
  await expectAllOnce();
});

/** Stops everything in order; then each frame is in the log once and nothing is missing. */
async function expectAllOnce(): Promise<void> {
  await eventually("each frame to be acknowledged once or to wait", async () => {
    const each = (await fleet()).map(({ frames, acknowledged, outbox }) => {
      return total(frames) === acknowledged + outbox.frames && acknowledged > 10;
    });
    return each.length === vehicles && each.every(Boolean) ? true : undefined;
  });
  expect(await site.end("fleet", "SIGTERM")).toEqual({ code: 0, signal: null });
  expect(await site.end("unit-1", "SIGTERM")).toEqual({ code: 0, signal: null });
  const count = await site.count();
  expect(count.samplesSent).toBeGreaterThan(vehicles * 50);
  expect(count).toMatchObject({
    samplesDurable: count.samplesSent,
    unexplainedLoss: 0,
    samplesInOutboxes: 0,
    framesRefused: {},
    gapsDeclared: 0,
  });
  const { looked, repeated } = await repeatedInLog(
    await openLogReader(join(site.folderOf("unit-1"), "log")),
  );
  expect(looked).toBeGreaterThan(vehicles * 10);
  expect(repeated).toEqual([]);
}

async function fleet(): Promise<readonly Vehicle[]> {
  const status = await eventually("the fleet to answer", () =>
    site.ask<{ vehicles: readonly Vehicle[] }>("fleet", "/v1/status"),
  );
  return status.vehicles;
}

/** Frames of all vehicles together. */
async function sum(of: "acknowledged" | "outbox" | "cut"): Promise<number> {
  const counts = (await fleet()).map(({ acknowledged, outbox, frames }) => {
    if (of === "cut") return total(frames);
    return of === "outbox" ? outbox.frames : acknowledged;
  });
  return counts.reduce((all, count) => all + count, 0);
}

function total(frames: Vehicle["frames"]): number {
  return Object.values(frames).reduce((all, count) => all + count, 0);
}

async function logSize(): Promise<number> {
  const status = await eventually("the unit to answer", () =>
    site.ask<{ log: { size: number } }>("unit-1", "/v1/status"),
  );
  return status.log.size;
}

async function acknowledgedMore(frames: number): Promise<void> {
  const before = await sum("acknowledged");
  await eventually(`${frames} more frames to be acknowledged`, async () => {
    return (await sum("acknowledged")) >= before + frames || undefined;
  });
}

async function framesMore(frames: number): Promise<void> {
  const before = await sum("cut");
  await eventually(`${frames} more frames to be cut`, async () => {
    return (await sum("cut")) >= before + frames || undefined;
  });
}

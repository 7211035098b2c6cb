import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Problem } from "@voltfog/runtime";
import { nodeCrypto, systemClock } from "@voltfog/runtime/node";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { LoopbackLink } from "../backbone/loopback-link.ts";
import { UnitIntake } from "../intake/unit-intake.ts";
import { openDuckDbStore } from "../store/duckdb-store.ts";
import type { BlockRecord, FinalDelta, TelemetryStore } from "../store/telemetry-store.ts";
import { createSite, FakeChain, type TestSite } from "../testing/fake-chain.ts";
import { fakeRemote } from "../testing/fake-remote.ts";
import type { FakeUnit } from "../testing/fake-unit.ts";
import { type TestVehicle, telemetry } from "../testing/test-vehicle.ts";
import { BlockFollower } from "./block-follower.ts";
import { Consortium } from "./consortium.ts";
import { RowRaiser } from "./row-raiser.ts";

const signal = new AbortController().signal;

let folder: string;
let store: TelemetryStore;
let site: TestSite;
let chain: FakeChain;
let unit: FakeUnit;
let car: TestVehicle;
let rejected: Problem[];
let diverged: Problem[];
let records: BlockRecord[];
let raised: FinalDelta[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "cloud-finality-"));
  store = await openStore();
  site = createSite();
  chain = new FakeChain(site);
  const [firstUnit] = site.units;
  const [firstCar] = site.vehicles;
  if (firstUnit === undefined || firstCar === undefined) throw new Error("the site is empty");
  unit = firstUnit;
  car = firstCar;
  rejected = [];
  diverged = [];
  records = [];
  raised = [];
});

afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

function openStore(): Promise<TelemetryStore> {
  return openDuckDbStore({ folder, memoryMax_bytes: 512e6, clock: systemClock });
}

function follower(
  options: { remotes?: readonly { answer: FakeChain["answer"] }[] } = {},
): BlockFollower {
  const remotes = (options.remotes ?? [chain]).map((peer, i) => ({
    id: `validator-${i + 1}`,
    remote: fakeRemote({ answer: (path) => peer.answer(path) }),
  }));
  return new BlockFollower({
    consortium: new Consortium({ genesis: site.genesis, crypto: nodeCrypto }),
    remotes,
    store,
    clock: systemClock,
    crypto: nodeCrypto,
    signal,
    longPoll_ms: 100,
    listener: {
      followed: (record) => records.push(record),
      rejected: async (_id, problem) => {
        rejected.push(problem);
      },
    },
  });
}

function raiser(): RowRaiser {
  return new RowRaiser({
    unitId: unit.id,
    store,
    crypto: nodeCrypto,
    listener: {
      raised: (_checkpoint, delta) => raised.push(...delta),
      diverged: async (problem) => {
        diverged.push(problem);
      },
    },
  });
}

function intake(): UnitIntake {
  return new UnitIntake({
    next: () => undefined,
    identity: { unitId: unit.id, origin: unit.origin, publicKey: unit.signer.publicKey },
    link: new LoopbackLink(fakeRemote(unit)),
    store,
    vehicleNames: new Map(),
    listener: { stored: () => {}, halted: async () => {} },
    clock: systemClock,
    crypto: nodeCrypto,
    signal,
    entriesMax: 256,
    longPoll_ms: 100,
  });
}

function accept(count: number): void {
  for (let i = 0; i < count; i++) unit.accept(car.cut(telemetry(1000 * (i + 1))));
}

async function heights(): Promise<(number | null)[]> {
  const rows = await store.frames({
    vehicleId: "car-1",
    stream: "telemetry",
    before: 999,
    limit: 99,
  });
  return rows.map(({ finalHeight }) => finalHeight).reverse();
}

describe("following the chain", () => {
  test("blocks are verified, executed and kept with their signers", async () => {
    chain.finalise().finalise({ signers: [1, 2, 3] });
    const stage = follower();
    await stage.step();
    expect(stage.head.height).toBe(2);
    const blocks = await store.blocks({ before: 99, limit: 9 });
    expect(blocks.map(({ height, signers }) => [height, signers[0]])).toEqual([
      [2, "validator-2"],
      [1, "validator-1"],
    ]);
    expect(records).toHaveLength(2);
  });

  test("a new process executes the stored blocks and asks only for what comes after", async () => {
    accept(2);
    await intake().step();
    chain.submitCheckpoint(unit).finalise();
    await follower().step();
    await store.close();
    store = await openStore();
    accept(1);
    await intake().step();
    chain.submitCheckpoint(unit).finalise();
    const next = follower();
    await next.restore();
    expect(next.head.height).toBe(1);
    await next.step();
    expect(next.head.height).toBe(2);
    expect(records.map(({ view }) => view.height)).toEqual([1, 2]);
  });

  test("a snapshot in the store replaces the blocks before it", async () => {
    chain.finalise().finalise();
    await follower().step();
    const { Chain } = await import("@voltfog/ledger");
    const copy = Chain.fromGenesis({ genesis: site.genesis, crypto: nodeCrypto });
    for (const served of chain.blocks) copy.follow(served);
    await store.commitSnapshot({ height: 2, bytes: copy.snapshot() });
    chain.finalise();
    const next = follower();
    await next.step();
    expect(next.head.height).toBe(3);
  });

  test("a certificate below the quorum is refused and the next validator is asked", async () => {
    const good = new FakeChain(site);
    good.finalise();
    chain.finalise({ signers: [0, 1] });
    const stage = follower({ remotes: [chain, good] });
    await stage.step();
    expect(rejected.map(({ code }) => code)).toEqual(["CERTIFICATE_BELOW_QUORUM"]);
    expect(stage.head.height).toBe(0);
    await stage.step();
    expect(stage.head.height).toBe(1);
  });

  test("an altered block is refused whatever byte was changed", async () => {
    accept(1);
    chain.submitCheckpoint(unit).finalise();
    const [served] = chain.blocks;
    if (served === undefined) throw new Error("there is a block");
    for (let at = 0; at < served.block.length; at += 37) {
      const block = Uint8Array.from(served.block);
      block[at] = (block[at] ?? 0) ^ 1;
      chain.blocks[0] = { ...served, block };
      await follower().step();
      expect(rejected.length, `byte ${at}`).toBeGreaterThan(0);
      expect(await store.height()).toBe(0);
      rejected = [];
    }
  });

  test("a validator that answers nothing is passed over", async () => {
    const good = new FakeChain(site);
    good.finalise();
    const silent = { answer: () => ({ status: 503, body: new Uint8Array() }) };
    const stage = follower({ remotes: [silent, chain, good] });
    await expect(stage.step()).rejects.toMatchObject({ code: "UNREACHABLE" });
    await stage.step();
    await stage.step();
    expect(stage.head.height).toBe(1);
  });

  test("an event result makes the event final", async () => {
    const event = unit.record({ vehicleId: "car-1" });
    chain.submitEvent(unit, event).finalise();
    await follower().step();
    expect(records[0]?.events).toEqual([
      { id: event.id, height: 1, resultIndex: 0, final_ms: expect.any(Number) },
    ]);
  });
});

describe("raising rows to final", () => {
  test("rows below a final checkpoint whose root is the stored entries' root become final", async () => {
    accept(3);
    await intake().step();
    chain.submitCheckpoint(unit, 2).finalise();
    await follower().step();
    const stage = raiser();
    await stage.raise();
    expect(await heights()).toEqual([1, 1, null]);
    expect(raised).toEqual([{ vehicleId: "car-1", frames: 2, samples: 20 }]);
    expect(stage.final).toEqual({ size: 2, height: 1 });
  });

  test("a checkpoint ahead of the stored entries waits for them", async () => {
    accept(3);
    chain.submitCheckpoint(unit).finalise();
    await follower().step();
    const stage = raiser();
    await stage.raise();
    expect(stage.final.size).toBe(0);
    await intake().step();
    await stage.raise();
    expect(await heights()).toEqual([1, 1, 1]);
    expect(diverged).toEqual([]);
  });

  test("after an absence each row gets the height of the first checkpoint that covers it", async () => {
    accept(2);
    chain.submitCheckpoint(unit).finalise();
    accept(2);
    chain.submitCheckpoint(unit).finalise();
    accept(1);
    await intake().step();
    await follower().step();
    await raiser().raise();
    expect(await heights()).toEqual([1, 1, 2, 2, null]);
  });

  test("a restart goes on from the verified range", async () => {
    accept(2);
    await intake().step();
    chain.submitCheckpoint(unit).finalise();
    await follower().step();
    await raiser().raise();
    accept(2);
    await intake().step();
    chain.submitCheckpoint(unit).finalise();
    await follower().step();
    const next = raiser();
    await next.restore();
    expect(next.final).toEqual({ size: 2, height: 1 });
    await next.raise();
    expect(await heights()).toEqual([1, 1, 2, 2]);
  });

  test("a final root that the stored entries do not give is an incident, and no row is raised", async () => {
    accept(2);
    await intake().step();
    // The unit shows the chain another log than it showed the cloud.
    const [first] = unit.logged;
    if (first === undefined) throw new Error("there is an entry");
    first.entry[7] = 1;
    chain.submitCheckpoint(unit).finalise();
    await follower().step();
    const stage = raiser();
    await stage.raise();
    await stage.raise();
    expect(diverged.map(({ code }) => code)).toEqual(["FINAL_ROOT_MISMATCH"]);
    expect(await heights()).toEqual([null, null]);
    expect(stage.final.size).toBe(0);
  });
});

import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Chain } from "../../chain/chain.ts";
import { createConsortium, finalise } from "../../testing/consortium.ts";
import { at, eventTx } from "../../testing/transactions.ts";
import { openBlockReader } from "./block-reader.ts";
import { type BlockRetention, keepAllBlocks, lowestKept } from "./block-retention.ts";
import { ChainStore, storedBlock } from "./chain-store.ts";
import { IncomingSnapshot } from "./incoming-snapshot.ts";
import { SnapshotFile } from "./snapshot-file.ts";
import type { StoredBlock } from "./stored-block.ts";

// Hundreds of signatures, and files that are synced: seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const consortium = createConsortium({ crypto });
const { genesis } = consortium;
const unit = at(consortium.units, 0);
const logger = silentLogger;

let root: string;
let folder: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "transfer-"));
  folder = join(root, "blocks");
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const chain = Chain.fromGenesis({ genesis, crypto });
const blocks: StoredBlock[] = Array.from({ length: 50 }, (_, i) => {
  const event = { eventId: crypto.sha256(Uint8Array.of(i)) };
  const transactions = [eventTx({ consortium, sender: unit, nonce: i + 1, event })];
  const { checked, certificate } = finalise({ consortium, chain, transactions });
  return storedBlock(checked, certificate);
});

interface StoreOptions {
  readonly folder?: string;
  readonly retention?: BlockRetention;
}

/** Snapshots every 10 blocks, some 4 blocks in a file. */
async function openStore(options: StoreOptions = {}): Promise<ChainStore> {
  return await ChainStore.open({
    folder,
    genesis,
    crypto,
    logger,
    segmentMax_bytes: 5000,
    snapshotEvery: 10,
    ...options,
  });
}

async function extendTo(store: ChainStore, height: number): Promise<void> {
  for (const stored of blocks.slice(store.chain.height, height)) {
    const checked = store.chain.follow(stored);
    const { certificate } = store.chain.head;
    if (!checked.ok || certificate === undefined) throw new Error("the blocks are good");
    await store.record(checked.value, certificate);
  }
}

/** A store that has all blocks and was closed, so that its snapshots are written. */
async function stored(height: number, options: StoreOptions = {}): Promise<void> {
  const store = await openStore(options);
  await extendTo(store, height);
  await store.close();
}

async function offer(where = folder): Promise<SnapshotFile> {
  const store = await openStore({ folder: where });
  const { offered } = store;
  await store.close();
  if (offered === undefined) throw new Error("a snapshot is offered");
  return offered;
}

async function fetched(from: SnapshotFile, into: string): Promise<IncomingSnapshot> {
  const incoming = await IncomingSnapshot.begin({ folder: into, genesis, crypto, plan: from.plan });
  for (const place of [...incoming.missing].reverse()) {
    const bytes = await from.read(place);
    expect(await incoming.put(place, bytes ?? new Uint8Array())).toBeUndefined();
  }
  return incoming;
}

function headAt(height: number) {
  const replayed = Chain.fromGenesis({ genesis, crypto });
  for (const block of blocks.slice(0, height)) replayed.follow(block);
  return replayed.head;
}

describe("a snapshot on its way to another validator", () => {
  it("comes part by part in any order, and the chain goes on after it", async () => {
    await stored(34);
    const source = await offer();
    expect(source.plan.evidence.header.height).toBe(30);
    const other = join(root, "other");
    const store = await openStore({ folder: other });
    await extendTo(store, 3);
    const incoming = await fetched(source, join(other, "incoming"));
    expect(await store.install(incoming)).toBe(true);
    await incoming.discard();
    expect(store.chain.head).toEqual(headAt(30));
    expect([store.blocks.first, store.blocks.height]).toEqual([31, 30]);
    expect(await store.blocks.read(3)).toBeUndefined();
    await extendTo(store, 44);
    await store.close();
    const again = await openStore({ folder: other });
    expect(again.chain.head).toEqual(headAt(44));
    expect([again.blocks.first, again.blocks.height]).toEqual([31, 44]);
    // It gives to others what it got, and what it made since.
    expect(again.offered?.plan.evidence.header.height).toBe(40);
    await again.close();
  });

  it("goes on after a kill with the parts that were good, and asks again for torn ones", async () => {
    await stored(20);
    const source = await offer();
    const into = join(root, "incoming");
    await fetched(source, into);
    const names = readdirSync(into).filter((name) => name.startsWith("0"));
    expect(names.length).toBeGreaterThan(1);
    truncateSync(join(into, at(names, 0)), 10);
    writeFileSync(join(into, "000001.part.new"), "half");
    const resumed = await IncomingSnapshot.resume({ folder: into, genesis, crypto });
    expect([...(resumed?.missing ?? [])]).toEqual([0]);
    expect(resumed?.is(source.plan.evidence.header.parent)).toBe(false);
    writeFileSync(join(into, "plan.part"), "nothing");
    expect(await IncomingSnapshot.resume({ folder: into, genesis, crypto })).toBeUndefined();
    expect(await IncomingSnapshot.resume({ folder: root, genesis, crypto })).toBeUndefined();
  });

  it("keeps no part that a hostile sender changed, whatever it sends", async () => {
    await stored(20);
    const source = await offer();
    const into = join(root, "incoming");
    const incoming = await IncomingSnapshot.begin({
      folder: into,
      genesis,
      crypto,
      plan: source.plan,
    });
    const part = (await source.read(0)) ?? new Uint8Array();
    const hostile = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.nat(part.length - 1).map((place) => {
        const changed = part.slice();
        changed[place] = (changed[place] ?? 0) ^ 1;
        return changed;
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.nat(source.parts + 1), hostile, async (place, bytes) => {
        expect(await incoming.put(place, bytes)).toBeDefined();
      }),
    );
    expect(incoming.missing.size).toBe(source.parts);
    expect(readdirSync(into)).toEqual(["plan.part"]);
  });

  it("is not installed where the chain has come that far itself", async () => {
    await stored(20);
    const source = await offer();
    const store = await openStore({ folder: join(root, "other") });
    await extendTo(store, 20);
    expect(await store.install(await fetched(source, join(root, "incoming")))).toBe(false);
    expect(store.chain.height).toBe(20);
    await store.close();
  });

  it("is installed whole or not at all, wherever the process is killed", async () => {
    await stored(30);
    const source = await offer();
    const old = join(root, "old");
    await stored(15, { folder: old });
    const whole = join(root, "whole");
    cpSync(old, whole, { recursive: true });
    const store = await openStore({ folder: whole });
    await store.install(await fetched(source, join(root, "incoming")));
    await store.close();
    const snapshot = "state-0000000000000030.snap";
    const segments = readdirSync(old).filter((name) => name.endsWith(".seg"));
    expect(segments.length).toBeGreaterThan(2);
    for (let removed = 0; removed <= segments.length + 1; removed++) {
      const cut = join(root, `cut-${removed}`);
      cpSync(old, cut, { recursive: true });
      cpSync(join(whole, snapshot), join(cut, snapshot));
      writeFileSync(join(cut, "begins-after"), "30\n");
      for (const name of segments.slice(0, removed)) rmSync(join(cut, name));
      if (removed > segments.length) writeFileSync(join(cut, "blocks-0000000000000031.seg"), "");
      const again = await openStore({ folder: cut });
      expect(again.chain.head).toEqual(headAt(30));
      expect([again.blocks.first, again.blocks.height]).toEqual([31, 30]);
      expect(existsSync(join(cut, "begins-after"))).toBe(false);
      await again.close();
    }
    // Before the mark stands, the old chain is what there is.
    cpSync(join(whole, snapshot), join(old, snapshot));
    const before = await openStore({ folder: old });
    expect([before.chain.height, before.blocks.first]).toEqual([15, 1]);
    await before.close();
  });

  it("that was damaged on disk is passed over for an older one, and given to nobody", async () => {
    await stored(24);
    const newest = join(folder, "state-0000000000000020.snap");
    truncateSync(newest, 700);
    const store = await openStore();
    expect(store.chain.height).toBe(24);
    expect(store.offered?.plan.evidence.header.height).toBe(10);
    await store.close();
    await expect(SnapshotFile.open({ path: newest, crypto })).rejects.toMatchObject({
      code: "SNAPSHOT_DAMAGED",
    });
  });
});

describe("pruning", () => {
  const everyoneHasAll = (): number => Number.POSITIVE_INFINITY;

  it("keeps what the policy, the oldest snapshot and the readers ask for", () => {
    const from = (options: { kept?: number; readers?: number; snapshots?: number[] }): number =>
      lowestKept({
        retention: {
          blocksKept: options.kept,
          readersFrom: () => options.readers ?? Number.POSITIVE_INFINITY,
        },
        height: 5000,
        snapshots: options.snapshots ?? [5000, 4000],
      });
    expect(from({})).toBe(1);
    expect(from({ kept: 3000 })).toBe(2001);
    expect(from({ kept: 10 })).toBe(4001);
    expect(from({ kept: 10, readers: 77 })).toBe(77);
    expect(from({ kept: 10, snapshots: [] })).toBe(1);
    expect(from({ kept: 9000 })).toBe(1);
    expect(keepAllBlocks.readersFrom()).toBe(Number.POSITIVE_INFINITY);
  });

  it("removes whole files below the older snapshot, and restarts and proofs go on", async () => {
    await stored(45, { retention: { blocksKept: 5, readersFrom: everyoneHasAll } });
    const reader = await openBlockReader({ folder, crypto });
    expect(reader.height).toBe(45);
    expect(reader.first).toBeGreaterThan(20);
    expect(reader.first).toBeLessThanOrEqual(31);
    expect(await reader.read(reader.first - 1)).toBeUndefined();
    expect((await reader.read(reader.first))?.height).toBe(reader.first);
    const store = await openStore();
    expect(store.chain.head).toEqual(headAt(45));
    expect(await store.resultAt(44)).toMatchObject({ height: 45 });
    expect(await store.resultAt(0)).toBeUndefined();
    await store.close();
    // The second snapshot and the blocks after it still serve.
    rmSync(join(folder, "state-0000000000000040.snap"));
    const older = await openStore();
    expect(older.chain.head).toEqual(headAt(45));
    await older.close();
  });

  it("waits for a reader that has yet to fetch", async () => {
    await stored(45, { retention: { blocksKept: 5, readersFrom: () => 7 } });
    const reader = await openBlockReader({ folder, crypto });
    expect(reader.first).toBeLessThanOrEqual(7);
    expect((await reader.read(7))?.height).toBe(7);
  });

  it("leaves a chain without gaps wherever it is killed", async () => {
    await stored(45);
    const segments = readdirSync(folder).filter((name) => name.endsWith(".seg"));
    const below = segments.filter((_, i) => Number(segments[i + 1]?.slice(7, 23)) <= 31);
    expect(below.length).toBeGreaterThan(3);
    for (const name of below) {
      rmSync(join(folder, name));
      const store = await openStore();
      expect(store.chain.head).toEqual(headAt(45));
      const { first, height } = store.blocks;
      for (let at = first; at <= height; at++) {
        expect((await store.blocks.read(at))?.height).toBe(at);
      }
      await store.close();
    }
  });

  it("tells a reader of the files, who listed them before, that a block is gone", async () => {
    await stored(45);
    const reader = await openBlockReader({ folder, crypto });
    const [oldest = ""] = readdirSync(folder);
    rmSync(join(folder, oldest));
    expect(await reader.read(1)).toBeUndefined();
    expect(reader.first).toBeGreaterThan(1);
  });

  it("says which block is missing where no snapshot is left", async () => {
    await stored(45, { retention: { blocksKept: 5, readersFrom: everyoneHasAll } });
    for (const name of readdirSync(folder)) {
      if (name.endsWith(".snap"))
        writeFileSync(join(folder, name), readFileSync(join(folder, name)).subarray(0, 99));
    }
    await expect(openStore()).rejects.toMatchObject({
      code: "STORE_DAMAGED",
      message: "stored block 1: was pruned, and no snapshot is left beyond it",
    });
  });
});

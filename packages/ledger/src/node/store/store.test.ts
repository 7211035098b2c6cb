import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LogFields, silentLogger } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Chain } from "../../chain/chain.ts";
import { createConsortium, finalise } from "../../testing/consortium.ts";
import { at, eventTx } from "../../testing/transactions.ts";
import { openBlockReader, storedResultAt } from "./block-reader.ts";
import { BlockStore } from "./block-store.ts";
import { blocksPerSnapshot, ChainStore, replayChain, storedBlock } from "./chain-store.ts";
import type { StoredBlock } from "./stored-block.ts";

// Thousands of signatures and hashes: seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const crypto = nodeCrypto;
const consortium = createConsortium({ crypto });
const { genesis } = consortium;
const unit = at(consortium.units, 0);

let folder: string;
let warnings: string[];
const logger = {
  ...silentLogger,
  warn: (phrase: string, _fields?: LogFields) => warnings.push(phrase),
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "blocks-"));
  warnings = [];
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Blocks with one event each. */
function blocksOf(chain: Chain, count: number): StoredBlock[] {
  return Array.from({ length: count }, () => {
    const nonce = chain.height + 1;
    const eventId = crypto.sha256(Uint8Array.of(nonce & 255, nonce >> 8));
    const transactions = [eventTx({ consortium, sender: unit, nonce, event: { eventId } })];
    const { checked, certificate } = finalise({ consortium, chain, transactions });
    return storedBlock(checked, certificate);
  });
}

const sample = blocksOf(Chain.fromGenesis({ genesis, crypto }), 12);

async function write(blocks: readonly StoredBlock[]): Promise<void> {
  const store = await BlockStore.open({ folder, crypto, logger });
  await Promise.all(blocks.map((block) => store.append(block)));
  await store.close();
}

function segmentPath(index = 0): string {
  const names = readdirSync(folder).filter((name) => name.endsWith(".seg"));
  return join(folder, at(names.sort(), index));
}

describe("the block store", () => {
  it("gives back every block, in this run and after opening again", async () => {
    const store = await BlockStore.open({ folder, crypto, logger });
    expect(store.height).toBe(0);
    for (const block of sample) {
      await store.append(block);
      expect(await store.read(block.height)).toEqual(block);
    }
    await store.close();
    const again = await BlockStore.open({ folder, crypto, logger });
    expect(again.height).toBe(12);
    for (const block of sample) expect(await again.read(block.height)).toEqual(block);
    expect(await again.read(0)).toBeUndefined();
    expect(await again.read(13)).toBeUndefined();
    await again.close();
  });

  it("takes heights in order only", async () => {
    const store = await BlockStore.open({ folder, crypto, logger });
    expect(() => store.append(at(sample, 1))).toThrow("block 1 is the next");
    await store.append(at(sample, 0));
    expect(() => store.append(at(sample, 0))).toThrow("block 2 is the next");
    await store.close();
  });

  it("cuts a torn tail at start, wherever the last write was torn, and goes on", async () => {
    await write(sample.slice(0, 3));
    const whole = readFileSync(segmentPath());
    const third_bytes = whole.length / 3;
    for (const size of [whole.length - 1, whole.length - 40, Math.ceil(2 * third_bytes) + 30]) {
      writeFileSync(segmentPath(), whole.subarray(0, size));
      const store = await BlockStore.open({ folder, crypto, logger });
      expect(store.height).toBe(2);
      await store.append(at(sample, 2));
      await store.close();
      expect(readFileSync(segmentPath()).equals(whole)).toBe(true);
    }
    expect(warnings).toEqual(Array(3).fill("block store tail cut"));
  });

  it("cuts a tail whose checksum is wrong", async () => {
    await write(sample.slice(0, 3));
    const bytes = readFileSync(segmentPath());
    bytes[bytes.length - 100] = (bytes[bytes.length - 100] ?? 0) ^ 1;
    writeFileSync(segmentPath(), bytes);
    const store = await BlockStore.open({ folder, crypto, logger });
    expect(store.height).toBe(2);
    await store.close();
  });

  it("does not cut more than one write can tear", async () => {
    const big = { ...at(sample, 0), block: new Uint8Array(600_000) };
    await write([big, { ...big, height: 2 }, { ...big, height: 3 }]);
    const bytes = readFileSync(segmentPath());
    bytes[1000] = 1;
    writeFileSync(segmentPath(), bytes);
    await expect(BlockStore.open({ folder, crypto, logger })).rejects.toMatchObject({
      code: "STORE_DAMAGED",
    });
  });

  it("starts a new file when one is full, and reads across them", async () => {
    const big = Array.from({ length: 12 }, (_, i) => ({
      ...at(sample, 0),
      height: i + 1,
      block: new Uint8Array(2_000_000).fill(i),
    }));
    await write(big);
    expect(readdirSync(folder).sort()).toEqual([
      "blocks-0000000000000001.seg",
      "blocks-0000000000000010.seg",
    ]);
    const reader = await openBlockReader({ folder, crypto });
    expect(reader.height).toBe(12);
    for (const height of [12, 1, 9, 10]) {
      expect((await reader.read(height))?.block[0]).toBe(height - 1);
    }
    const first = readFileSync(segmentPath(0));
    first[first.length - 50] = 99;
    writeFileSync(segmentPath(0), first);
    const damaged = await openBlockReader({ folder, crypto });
    await expect(damaged.read(3)).rejects.toMatchObject({ code: "STORE_DAMAGED" });
    expect((await damaged.read(11))?.height).toBe(11);
  });

  it("is read while it is written", async () => {
    const store = await BlockStore.open({ folder, crypto, logger });
    const reader = await openBlockReader({ folder, crypto });
    expect(reader.height).toBe(0);
    for (const block of sample.slice(0, 4)) {
      await store.append(block);
      expect(await reader.refresh()).toBe(block.height);
      expect(await reader.read(block.height)).toEqual(block);
    }
    await store.close();
  });

  it("says what to copy: its files up to the last whole block", async () => {
    const reader = await openBlockReader({ folder, crypto });
    expect(await reader.extent()).toEqual([]);
    await write(sample.slice(0, 3));
    const [name = ""] = readdirSync(folder);
    const whole = readFileSync(join(folder, name));
    writeFileSync(join(folder, name), Buffer.concat([whole, Buffer.from("half a rec")]));
    expect(await reader.extent()).toEqual([{ path: name, length_bytes: whole.length }]);
    expect(reader.height).toBe(3);
  });

  it("refuses what waits behind a write that failed, and takes it again later", async () => {
    const store = await BlockStore.open({ folder, crypto, logger });
    rmSync(folder, { recursive: true });
    writeFileSync(folder, "a file where the folder was");
    const lost = await Promise.allSettled(sample.slice(0, 2).map((block) => store.append(block)));
    expect(lost.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(store.height).toBe(0);
    rmSync(folder);
    await store.append(at(sample, 0));
    expect(await store.read(1)).toEqual(sample[0]);
    await store.close();
  });

  it("answers many readers at once", async () => {
    await write(sample);
    const store = await BlockStore.open({ folder, crypto, logger });
    const read = await Promise.all([...sample, ...sample].map(({ height }) => store.read(height)));
    expect(read).toEqual([...sample, ...sample]);
    await store.close();
  });

  it("finds any result by its index", async () => {
    await write(sample);
    const reader = await openBlockReader({ folder, crypto });
    const chain = Chain.fromGenesis({ genesis, crypto });
    for (const block of sample) expect(chain.follow(block).ok).toBe(true);
    for (let index = 0; index < 12; index++) {
      expect(await storedResultAt(reader, index)).toEqual(chain.resultAt(index));
    }
    expect(await storedResultAt(reader, 12)).toBeUndefined();
  });
});

describe("the chain store", () => {
  async function openStore(): Promise<ChainStore> {
    return await ChainStore.open({ folder, genesis, crypto, logger });
  }

  async function extend(store: ChainStore, count: number): Promise<void> {
    const pending: Promise<void>[] = [];
    for (let i = 0; i < count; i++) {
      const { checked, certificate } = finalise({ consortium, chain: store.chain });
      pending.push(store.record(checked, certificate));
    }
    await Promise.all(pending);
  }

  it("comes back to the same head after a restart", async () => {
    const store = await openStore();
    await extend(store, 5);
    const { head } = store.chain;
    await store.close();
    const again = await openStore();
    expect(again.chain.head).toEqual(head);
    await extend(again, 1);
    expect(again.blocks.height).toBe(6);
    await again.close();
    const replayed = await replayChain({ folder, genesis, crypto, logger });
    expect(replayed.head).toEqual(again.chain.head);
    const earlier = await replayChain({ folder, genesis, crypto, logger, heightMax: 3 });
    expect(earlier.height).toBe(3);
  });

  it("restarts from a snapshot, and without it where it is damaged", async () => {
    const store = await openStore();
    await extend(store, blocksPerSnapshot + 2);
    const { head } = store.chain;
    await store.close();
    const name = at(
      readdirSync(folder).filter((file) => file.endsWith(".snap")),
      0,
    );
    expect(name).toBe("state-0000000000001000.snap");
    const again = await openStore();
    expect(again.chain.head).toEqual(head);
    await again.close();
    expect(warnings).toEqual([]);
    truncateSync(join(folder, name), 500);
    const replayed = await openStore();
    expect(replayed.chain.head).toEqual(head);
    await replayed.close();
    expect(warnings).toEqual(["snapshot passed over"]);
  });

  it("refuses the folder of another chain", async () => {
    const store = await openStore();
    await extend(store, 2);
    await store.close();
    const other = createConsortium({ crypto, chain: "other" }).genesis;
    await expect(ChainStore.open({ folder, genesis: other, crypto, logger })).rejects.toMatchObject(
      { code: "STORE_OTHER_CHAIN" },
    );
  });

  it("gives old results from disk", async () => {
    const store = await ChainStore.open({ folder, genesis, crypto, logger, resultsKept: 1 });
    for (const stored of sample.slice(0, 6)) {
      const checked = store.chain.follow(stored);
      const { certificate } = store.chain.head;
      if (!checked.ok || certificate === undefined) throw new Error("the sample is good");
      await store.record(checked.value, certificate);
    }
    expect(store.chain.resultAt(0)).toBeUndefined();
    expect(await store.resultAt(0)).toMatchObject({ height: 1, code: "OK" });
    expect(await store.resultAt(99)).toBeUndefined();
    await store.close();
  });
});

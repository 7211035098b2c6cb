import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UnitLedger } from "@voltfog/evm/node";
import {
  consistencyPath,
  encodeEventRecord,
  leafHash,
  logId,
  logOrigin,
  rootOf,
  signCheckpoint,
} from "@voltfog/ledger";
import { fromHex, ManualClock, silentLogger, toHex } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import { afterEach, beforeEach, expect, it } from "vitest";
import { AnvilNode, fundedKey } from "../../../packages/evm/src/node/testing/anvil-node.ts";
import { TestContract } from "../../../packages/evm/src/node/testing/test-contract.ts";
import { newSigner } from "../testing/test-vehicle.ts";
import type { AnchoredEvents, AnchoredLog } from "./anchor.ts";
import { EvmAnchor } from "./evm-anchor.ts";

const signer = newSigner();
const { publicKey } = signer;
const origin = logOrigin({ chain: "test", unitId: "unit-1" });
const id = logId({ origin, publicKey, crypto });
const confirmations = 3;

/** A log whose notes are real and whose leaves are only numbers. */
class NumberedLog implements AnchoredLog {
  leaves: Uint8Array[] = [];
  get size(): number {
    return this.leaves.length;
  }
  grow(by: number): void {
    for (let i = 0; i < by; i++) this.leaves.push(leafHash(Uint8Array.of(this.size), crypto));
  }
  async publish(): Promise<{ size: number; note: string }> {
    const { size } = this;
    const root = rootOf(this.leaves, crypto);
    return { size, note: signCheckpoint({ origin, size, root, signer, crypto }) };
  }
  async consistencyPath(range: { from: number; to: number }): Promise<readonly Uint8Array[]> {
    return consistencyPath({ leaves: this.leaves, ...range, crypto });
  }
}

class NumberedEvents implements AnchoredEvents {
  readonly final = new Map<string, number>();
  #pending: string[] = [];
  get pendingIds(): readonly string[] {
    return this.#pending;
  }
  add(number: number): string {
    const eventId = toHex(crypto.sha256(Uint8Array.of(number)));
    this.#pending.push(eventId);
    return eventId;
  }
  async payload(eventId: string): Promise<Uint8Array> {
    return encodeEventRecord({
      ...{ class: "overcharge", state: "asserted", level: 2, timeBucket: 1 },
      pseudonym: new Uint8Array(16),
      eventId: fromHex(eventId) ?? new Uint8Array(32),
    });
  }
  finalise(o: Parameters<AnchoredEvents["finalise"]>[0]): void {
    this.final.set(o.id, o.finality.height);
    this.#pending = this.#pending.filter((one) => one !== o.id);
  }
}

let folder: string;
let node: AnvilNode;
let logs: TestContract;
let registered: TestContract;
let clock: ManualClock;
let log: NumberedLog;
let events: NumberedEvents;
let anchor: EvmAnchor;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "voltfog-evm-anchor-"));
  node = await AnvilNode.start({ blockTime_s: 0 });
  const key = fundedKey(0);
  ({ contract: logs } = await TestContract.deploy({ node, name: "LogRegistry", key }));
  ({ contract: registered } = await TestContract.deploy({ node, name: "EventRegistry", key }));
  clock = new ManualClock();
  log = new NumberedLog();
  events = new NumberedEvents();
  anchor = create();
});
afterEach(async () => {
  await anchor.stop();
  await node.kill();
  rmSync(folder, { recursive: true });
});

function create(): EvmAnchor {
  return new EvmAnchor({
    ...{ log, events, origin, logId: id, publicKey, crypto, clock, logger: silentLogger },
    open: () =>
      UnitLedger.open({
        url: node.url,
        logRegistry: logs.address,
        eventRegistry: registered.address,
        key: fundedKey(4),
        journalPath: join(folder, "transactions.seg"),
        clock,
        logger: silentLogger,
        confirmations,
        bumpAfter_ms: 30_000,
        feeLimit: 10n ** 12n,
      }),
    checkpointInterval_ms: 1000,
    poll_ms: 1000,
  });
}

const owner = "0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65";
const head = async (): Promise<unknown> => {
  const [size, root] = (await logs.view("head", [owner, `0x${toHex(id)}`])) as [bigint, string];
  return { size: Number(size), root: root.slice(2) };
};

/** Looks and blocks, with time. */
async function pass(times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    await anchor.step();
    await node.mine();
    clock.advance(1000);
  }
}

it("brings a growing log straight to its contract, with proof that it only grew", async () => {
  for (const by of [1, 4, 11]) {
    log.grow(by);
    await pass(2);
    expect(await head()).toEqual({ size: log.size, root: toHex(rootOf(log.leaves, crypto)) });
  }
  expect(anchor.finalSize).toBeLessThan(16);
  await pass(3);
  expect(anchor.finalSize).toBe(16);
});

it("records events once each, many at a time, and final only as deep as was asked", async () => {
  const ids = [1, 2, 3].map((number) => events.add(number));
  await pass(2);
  expect(events.final.size).toBe(0);
  const late = events.add(4);
  await pass(confirmations + 3);
  expect([...events.final.keys()].sort()).toEqual([...ids, late].sort());
  expect(new Set([...events.final.values()]).size).toBe(2);
  expect(events.pendingIds).toEqual([]);
});

it("goes on after a restart and after a reorganisation where the contracts are", async () => {
  log.grow(5);
  const event = events.add(1);
  await pass(2);
  await anchor.stop();
  anchor = create();
  await pass(2);
  log.grow(2);
  await pass(2);
  await node.ask("anvil_reorg", [2, []]);
  await node.ask("anvil_dropAllTransactions");
  log.grow(3);
  await pass(8);
  expect(await head()).toEqual({ size: 10, root: toHex(rootOf(log.leaves, crypto)) });
  expect([anchor.finalSize, events.final.has(event)]).toEqual([10, true]);
});

it("a log that was rewritten is refused by the contract", async () => {
  log.grow(8);
  await pass(3);
  log.leaves = log.leaves.slice(0, 3);
  log.leaves.push(leafHash(Uint8Array.of(99), crypto));
  log.grow(8);
  await pass(5);
  expect(await head()).toMatchObject({ size: 8 });
});

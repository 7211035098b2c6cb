import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock, silentLogger } from "@voltfog/runtime";
import { computeAddress, Transaction } from "ethers";
import { afterEach, beforeEach, expect, it } from "vitest";
import { artefactOf } from "./artefacts.ts";
import { EvmEndpoint } from "./evm-endpoint.ts";
import { AnvilNode, fundedKey } from "./testing/anvil-node.ts";
import { TestContract } from "./testing/test-contract.ts";
import {
  type EndedMatter,
  type Matter,
  type SenderOptions,
  TransactionSender,
} from "./transaction-sender.ts";

const key = fundedKey(3);
const gwei = 1_000_000_000n;
let folder: string;
let node: AnvilNode;
let clock: ManualClock;
let events: TestContract;
let sender: TransactionSender;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "voltfog-sender-"));
  node = await AnvilNode.start({ blockTime_s: 0, state: join(folder, "state.json") });
  clock = new ManualClock();
  ({ contract: events } = await TestContract.deploy({
    node,
    name: "EventRegistry",
    key: fundedKey(0),
  }));
  sender = await open();
});
afterEach(async () => {
  await sender.close();
  await node.kill();
  rmSync(folder, { recursive: true });
});

function open(over: Partial<SenderOptions> = {}): Promise<TransactionSender> {
  return TransactionSender.open({
    endpoint: new EvmEndpoint({ url: node.url }),
    evmChainId: 31337n,
    key,
    journalPath: join(folder, "transactions.seg"),
    clock,
    logger: silentLogger,
    confirmations: 3,
    bumpAfter_ms: 30_000,
    feeLimit: 500n * gwei,
    ...over,
  });
}

/** Recorded twice it would be refused by the contract, and that transaction would show as reverted. */
function matter(id: number): Matter {
  const record = `0x080102${"0000ffff"}${"aa".repeat(16)}${id.toString(16).padStart(64, "0")}`;
  const data = artefactOf("EventRegistry").abi.encodeFunctionData("record", [record]);
  return { id: `event-${id}`, to: events.address, data };
}

const sent = async (): Promise<number> =>
  Number(await node.ask<string>("eth_getTransactionCount", [computeAddress(key), "latest"]));
const isRecorded = async (id: number): Promise<boolean> =>
  (await events.view("recordedAt", [
    computeAddress(key),
    `0x${id.toString(16).padStart(64, "0")}`,
  ])) !== 0n;

/** Blocks and looks, until everything has ended. */
async function settle(blocks = 10): Promise<EndedMatter[]> {
  const ended: EndedMatter[] = [];
  for (let i = 0; i < blocks && sender.openIds.length > 0; i++) {
    ended.push(...(await sender.step()));
    await node.mine();
  }
  expect(sender.openIds).toEqual([]);
  return ended;
}

it("makes a matter final once, as many blocks deep as was asked", async () => {
  expect(await sender.send(matter(1))).toMatchObject({ ok: true });
  expect(await sender.step()).toEqual([]);
  await node.mine();
  expect(await sender.step()).toEqual([]);
  expect(sender.isWaiting).toBe(false);
  await node.mine();
  expect(await sender.step()).toEqual([]);
  await node.mine();
  expect(await sender.step()).toMatchObject([{ id: "event-1", outcome: "final" }]);
  expect(await sent()).toBe(1);
});

it("sends nothing that the contract would refuse, and takes one matter at a time", async () => {
  await sender.send(matter(1));
  expect(await sender.send(matter(1))).toMatchObject({ ok: true });
  expect(await sender.send(matter(2))).toMatchObject({ problem: { code: "SENDER_BUSY" } });
  await node.mine();
  await sender.step();
  expect(await sender.send({ ...matter(1), id: "again" })).toMatchObject({
    problem: { code: "WOULD_REVERT" },
  });
  await settle();
  expect(await sent()).toBe(1);
});

it("offers more for a transaction that no block takes, under the same nonce", async () => {
  await sender.send(matter(1));
  await node.ask("anvil_setNextBlockBaseFeePerGas", [`0x${(20n * gwei).toString(16)}`]);
  await node.mine();
  await sender.step();
  expect(await sent()).toBe(0);
  clock.advance(29_999);
  await sender.step();
  await node.ask("anvil_setNextBlockBaseFeePerGas", [`0x${(20n * gwei).toString(16)}`]);
  await node.mine();
  expect(await sent()).toBe(0);
  clock.advance(1);
  await sender.step();
  await node.mine();
  expect(await sent()).toBe(1);
  expect(await settle()).toMatchObject([{ outcome: "final" }]);
  expect(await sent()).toBe(1);
});

it("never offers more than the limit", async () => {
  await sender.close();
  sender = await open({ feeLimit: 3n * gwei });
  await sender.send(matter(1));
  const dear = `0x${(20n * gwei).toString(16)}`;
  for (let i = 0; i < 8; i++) {
    await node.ask("anvil_setNextBlockBaseFeePerGas", [dear]);
    await node.mine();
    clock.advance(30_000);
    await sender.step();
  }
  expect(await sent()).toBe(0);
  const { pending } = await node.ask<{ pending: object }>("txpool_content");
  const offers = JSON.stringify(pending).matchAll(/"maxFeePerGas":"(0x[0-9a-f]+)"/g);
  for (const [, offer = "0x0"] of offers) expect(BigInt(offer)).toBeLessThanOrEqual(3n * gwei);
  await node.ask("anvil_setNextBlockBaseFeePerGas", ["0x1"]);
  await node.mine();
  expect(await settle()).toMatchObject([{ outcome: "final" }]);
});

it("sends again what a reorganisation threw out, and counts its depth anew", async () => {
  await sender.send(matter(1));
  await node.mine();
  await sender.step();
  await sender.send(matter(2));
  await node.mine();
  await sender.step();
  // Both blocks are replaced by two that hold nothing of ours.
  await node.ask("anvil_reorg", [2, []]);
  await node.ask("anvil_dropAllTransactions");
  expect(await isRecorded(1)).toBe(false);
  expect(await sender.step()).toEqual([]);
  expect(sender.reorganised).toBe(2);
  await node.mine();
  const ended = await settle();
  expect(ended.map(({ outcome }) => outcome)).toEqual(["final", "final"]);
  expect([await isRecorded(1), await isRecorded(2), await sent()]).toEqual([true, true, 2]);
});

it("loses and doubles nothing, wherever it is cut off", async () => {
  class BrokenEndpoint extends EvmEndpoint {
    readonly #callsLeft: () => boolean;
    constructor(callsLeft: () => boolean) {
      super({ url: node.url });
      this.#callsLeft = callsLeft;
    }
    override async sendRaw(raw: string): ReturnType<EvmEndpoint["sendRaw"]> {
      if (!this.#callsLeft()) throw new Error("cut off before the node hears of it");
      const answer = await super.sendRaw(raw);
      if (!this.#callsLeft()) throw new Error("cut off after the node has it");
      return answer;
    }
  }
  for (let calls = 0; calls < 3; calls++) {
    let left = calls;
    await sender.close();
    sender = await open({ endpoint: new BrokenEndpoint(() => left-- > 0) });
    await sender.send(matter(calls)).catch(() => {});
    await sender.close();
    sender = await open();
    expect(sender.openIds).toEqual([`event-${calls}`]);
    // The owner does not remember and asks again.
    expect(await sender.send(matter(calls))).toMatchObject({ ok: true });
    expect(await settle()).toMatchObject([{ id: `event-${calls}`, outcome: "final" }]);
    expect(await sent()).toBe(calls + 1);
    expect(await isRecorded(calls)).toBe(true);
  }
});

it("goes on when the node was killed and came back, with what it kept or with less", async () => {
  await sender.send(matter(1));
  await node.mine();
  await sender.step();
  await node.kill("SIGTERM");
  await expect(sender.step()).rejects.toMatchObject({ code: "EVM_UNREACHABLE" });
  await node.resume();
  expect(await settle()).toMatchObject([{ id: "event-1", outcome: "final" }]);
  // A waiting transaction dies with the node's memory.
  await sender.send(matter(2));
  await node.kill("SIGKILL");
  await node.resume();
  await settle();
  expect([await isRecorded(1), await isRecorded(2)]).toEqual([true, true]);
});

it("gives up a nonce that a chain which lost final blocks can not reach, and sends anew", async () => {
  await node.kill("SIGTERM");
  await node.resume();
  await sender.send(matter(1));
  await node.mine(3);
  expect(await sender.step()).toMatchObject([{ outcome: "final" }]);
  await sender.send(matter(2));
  // Back to where it had nothing of ours.
  await node.kill("SIGKILL");
  await node.resume();
  expect(await sender.step()).toEqual([]);
  clock.advance(30_000);
  expect(await sender.step()).toMatchObject([{ id: "event-2", outcome: "displaced" }]);
  await sender.send(matter(1));
  expect(await settle()).toMatchObject([{ id: "event-1", outcome: "final" }]);
  // The old transaction came within reach then, and the contract takes it for what it is.
  expect(await sender.send(matter(2))).toMatchObject({ problem: { code: "WOULD_REVERT" } });
  expect([await isRecorded(1), await isRecorded(2), await sent()]).toEqual([true, true, 2]);
});

it("says so when a stranger used its nonce, and does not send under it for ever", async () => {
  await sender.send(matter(1));
  await node.ask("anvil_dropAllTransactions");
  const stranger = Transaction.from({
    type: 2,
    chainId: 31337,
    nonce: 0,
    to: computeAddress(key),
    gasLimit: 21_000,
    maxFeePerGas: 100n * gwei,
    maxPriorityFeePerGas: gwei,
  });
  stranger.signature = key.sign(stranger.unsignedHash);
  await node.ask("eth_sendRawTransaction", [stranger.serialized]);
  await node.mine();
  expect(await settle()).toMatchObject([{ id: "event-1", outcome: "displaced" }]);
  expect(await sender.send(matter(1))).toMatchObject({ ok: true });
  await node.mine();
  expect(await settle()).toMatchObject([{ outcome: "final" }]);
});

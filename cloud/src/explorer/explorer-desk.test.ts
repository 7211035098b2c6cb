import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeChainEvidence, verifyChainEvidence } from "@voltfog/ledger";
import { assert, fromHex, toHex } from "@voltfog/runtime";
import { nodeCrypto, systemClock } from "@voltfog/runtime/node";
import { afterEach, beforeEach, expect, test } from "vitest";
import { BlockFollower } from "../finality/block-follower.ts";
import { Consortium } from "../finality/consortium.ts";
import { openDuckDbStore } from "../store/duckdb-store.ts";
import type { TelemetryStore } from "../store/telemetry-store.ts";
import { createSite, FakeChain, type TestSite } from "../testing/fake-chain.ts";
import { fakeRemote } from "../testing/fake-remote.ts";
import { telemetry } from "../testing/test-vehicle.ts";
import { chainView } from "./chain-view.ts";
import { ExplorerDesk } from "./explorer-desk.ts";

let folder: string;
let store: TelemetryStore;
let site: TestSite;
let desk: ExplorerDesk;
let eventId: string;

const everything = { before: Number.MAX_SAFE_INTEGER, limit: 100 };

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "explorer-"));
  store = await openDuckDbStore({ folder, memoryMax_bytes: 512e6, clock: systemClock });
  site = createSite();
  const chain = new FakeChain(site);
  const [unit] = site.units;
  const [car] = site.vehicles;
  assert(unit !== undefined && car !== undefined, "the site has a unit and a car");
  for (let frame = 0; frame < 3; frame++) unit.accept(car.cut(telemetry(10_000 * frame)));
  const event = unit.record({ vehicleId: "car-1" });
  eventId = event.id;
  chain.submitCheckpoint(unit, 2).submitEvent(unit, event).finalise();
  // The same event once more is refused, and the log is final to its end.
  chain.submitEvent(unit, event).finalise({ signers: [0, 1, 3] });
  chain.submitCheckpoint(unit, 3).finalise();
  const consortium = new Consortium({ genesis: site.genesis, crypto: nodeCrypto });
  const follower = new BlockFollower({
    consortium,
    remotes: [{ id: "validator-1", remote: fakeRemote({ answer: (path) => chain.answer(path) }) }],
    store,
    clock: systemClock,
    crypto: nodeCrypto,
    signal: new AbortController().signal,
    longPoll_ms: 100,
    listener: { followed: () => {}, rejected: async () => {} },
  });
  await follower.step();
  desk = new ExplorerDesk({
    ...{ store, consortium, units: [], validators: [] },
    chain: () => follower.chain,
    crypto: nodeCrypto,
  });
});

afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

test("the chain's engine is told with the votes that it takes", () => {
  const chainId = toHex(site.genesis.chainId);
  expect(desk.chain()).toEqual({
    ...{ chain: site.genesis.chain, chainId, engine: "poa", redundant: 0 },
    ...{ validators: 4, faultyMax: 1, quorum: 3, fastQuorum: null },
  });
  const engine = { name: "sbft", redundant: 1 } as const;
  const [seat] = site.genesis.validators;
  assert(seat !== undefined, "the site has validators");
  const seats = Array.from({ length: 6 }, () => ({ ...seat, weight: 1, quarantined: false }));
  expect(chainView({ genesis: { ...site.genesis, engine }, seats })).toMatchObject({
    ...{ engine: "sbft", redundant: 1, validators: 6 },
    ...{ faultyMax: 1, quorum: 4, fastQuorum: 5 },
  });
});

test("transactions come newest first, by module, sender and outcome, a page at a time", async () => {
  const all = await desk.transactions(everything);
  expect(all.map(({ module, code }) => [module, code])).toEqual([
    ["checkpoints", "OK"],
    ["events", "DUPLICATE"],
    ["events", "OK"],
    ["checkpoints", "OK"],
  ]);
  const events = await desk.transactions({ ...everything, module: "events" });
  expect(events.map(({ index }) => index)).toEqual([2, 1]);
  expect(await desk.transactions({ ...everything, module: "events", before: 2 })).toEqual([
    events[1],
  ]);
  const refused = await desk.transactions({ ...everything, refused: true });
  expect(refused.map(({ index }) => index)).toEqual([2]);
  expect(await desk.transactions({ ...everything, sender: "unit-1" })).toEqual(all);
  expect(await desk.transactions({ ...everything, sender: "unit-2" })).toEqual([]);
  expect(await desk.transactions({ ...everything, sender: "nobody" })).toEqual([]);
});

test("a transaction is told in words, with its bytes and what its code means", async () => {
  const [, duplicate, recorded, checkpoint] = await desk.transactions(everything);
  const event = await desk.transaction(fromHex(recorded?.hash ?? "") ?? new Uint8Array());
  expect(event?.payload.slice(0, 4)).toEqual([
    { name: "event", value: eventId, kind: "event" },
    { name: "class", value: "thermal-alert", kind: "text" },
    { name: "state", value: "asserted", kind: "text" },
    { name: "level", value: "2", kind: "text" },
  ]);
  expect(event?.data).toEqual(event?.payload);
  expect(toHex(nodeCrypto.sha256(fromHex(event?.bytes ?? "") ?? new Uint8Array()))).toBe(
    event?.hash,
  );
  const again = await desk.transaction(fromHex(duplicate?.hash ?? "") ?? new Uint8Array());
  expect(again).toMatchObject({ code: "DUPLICATE", data: [], remedy: expect.any(String) });
  const grown = await desk.transaction(fromHex(checkpoint?.hash ?? "") ?? new Uint8Array());
  expect(grown?.payload[0]).toEqual({ name: "log", value: "unit-1", kind: "log" });
  expect(grown?.payload[1]?.value).toBe("2 entries");
  expect(await desk.transaction(new Uint8Array(32))).toBeUndefined();
});

test("each transaction's proof verifies with the genesis file, against the newest block", async () => {
  for (const { hash, index } of await desk.transactions(everything)) {
    const proof = await desk.proof(fromHex(hash) ?? new Uint8Array());
    const evidence = decodeChainEvidence(proof ?? new Uint8Array());
    assert(evidence.ok, "the proof decodes");
    expect(evidence.value.header.height).toBe(3);
    expect(evidence.value.results[0]?.index).toBe(index);
    expect(toHex(evidence.value.results[0]?.result.txHash ?? new Uint8Array())).toBe(hash);
    const { genesis } = site;
    const options = { evidence: evidence.value, genesis, crypto: nodeCrypto };
    expect(verifyChainEvidence(options).ok).toBe(true);
  }
  expect(await desk.proof(new Uint8Array(32))).toBeUndefined();
});

test("an epoch says who was in it, and how many blocks each sealed and proposed", async () => {
  const [epoch] = await desk.epochs();
  expect(epoch).toMatchObject({ epoch: 0, firstHeight: 1, lastHeight: 3, quorum: 3, changes: [] });
  expect(
    epoch?.members.map(({ id, sealed, proposed, firstSealed, lastSealed }) => [
      ...[id, sealed, proposed],
      ...[firstSealed, lastSealed],
    ]),
  ).toEqual([
    ["validator-1", 3, 1, 1, 3],
    ["validator-2", 3, 1, 1, 3],
    ["validator-3", 2, 1, 1, 3],
    ["validator-4", 1, 0, 2, 2],
  ]);
});

test("a block names who sealed it after which delay, and who did not", async () => {
  const stored = await store.block(2);
  assert(stored !== undefined, "block 2 is stored");
  const seals = await desk.seals(stored);
  expect(seals.seals.map(({ id, delay_ms }) => [id, delay_ms])).toEqual([
    ["validator-1", 5],
    ["validator-2", 5],
    ["validator-4", 5],
  ]);
  expect(seals).toMatchObject({ unsealed: ["validator-3"], quorum: 3, validators: 4, epoch: 0 });
});

test("a log's final checkpoints and its growth lead to the transactions that made them final", async () => {
  const [log] = await desk.logs();
  expect(log).toMatchObject({ log: "unit-1", finalSize: 3, finalHeight: 3, checkpoints: 2 });
  const checkpoints = await desk.checkpoints({ log: "unit-1", ...everything });
  expect(checkpoints.map(({ size, height }) => [size, height])).toEqual([
    [3, 3],
    [2, 1],
  ]);
  const [newest] = await desk.transactions(everything);
  expect(checkpoints[0]?.transaction).toBe(newest?.hash);
  const growth = await desk.growth({ log: "unit-1", points: 10 });
  expect(growth.map(({ size }) => size)).toEqual([2, 3]);
});

test("a height, a hash, an event, a log, a validator and an organisation are found by their text", async () => {
  const kinds = async (text: string): Promise<readonly string[]> =>
    (await desk.find(text)).map(({ kind, id }) => `${kind} ${id}`);
  expect(await kinds(" 2 ")).toEqual(["block 2"]);
  expect(await kinds("4")).toEqual([]);
  const [, , recorded] = await desk.transactions(everything);
  expect(await kinds(recorded?.hash.toUpperCase() ?? "")).toEqual([
    `transaction ${recorded?.hash}`,
  ]);
  expect(await kinds(eventId)).toEqual([`event ${eventId}`, `transaction ${recorded?.hash}`]);
  const stored = await store.block(3);
  expect(await kinds(stored?.view.hash ?? "")).toEqual(["block 3"]);
  expect(await kinds("unit-1")).toEqual(["log unit-1"]);
  const [log] = await desk.logs();
  expect(await kinds(log?.logId ?? "")).toEqual(["log unit-1"]);
  expect(await kinds("validator-3")).toEqual(["validator validator-3"]);
  expect(await kinds("north")).toEqual(["organisation north"]);
  expect(await kinds("' or 1=1 --")).toEqual([]);
});

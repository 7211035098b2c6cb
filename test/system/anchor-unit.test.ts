import { type ChildProcess, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openLogReader } from "@voltfog/ledger/node";
import { upTopic } from "@voltfog/messages";
import { toHex } from "@voltfog/runtime";
import { createHttpClient, freePorts } from "@voltfog/runtime/node";
import { connectAsync } from "mqtt";
import { afterAll, beforeAll, expect, test } from "vitest";
import { processIdentity, vehicleIdentity } from "../../fog-rsu/src/testing/test-certificates.ts";
import { TestUnit } from "../../fog-rsu/src/testing/test-unit.ts";
import {
  type CutFrame,
  reading,
  TestVehicle,
  telemetry,
} from "../../fog-rsu/src/testing/test-vehicle.ts";
import { artefactOf, type ContractName } from "../../packages/evm/src/node/artefacts.ts";
import { AnvilNode, fundedKey } from "../../packages/evm/src/node/testing/anvil-node.ts";
import { TestContract } from "../../packages/evm/src/node/testing/test-contract.ts";
import { eventually, voltfog, voltfogMain } from "./running-site.ts";

/** A roadside unit whose only ledger is an Ethereum chain: its process, the chain's, and both killed. */
const confirmations = 4;
/** One event each: an alert that stands is not told again. */
const vehicles = [1, 2, 3, 4].map((number) => new TestVehicle(`vehicle-0${number}`));
const [first, second, third, fourth] = vehicles as [
  TestVehicle,
  TestVehicle,
  TestVehicle,
  TestVehicle,
];
const fixture = new TestUnit(vehicles, { validators: 1 });
const configFile = join(fixture.folder, "unit-1.json");
let node: AnvilNode;
let logs: TestContract;
let events: TestContract;
let account: string;
let ports: { readonly http: number; readonly mqtt: number; readonly backbone: number };
let unit: ChildProcess | undefined;

beforeAll(async () => {
  node = await AnvilNode.start({ blockTime_s: 1, state: join(fixture.folder, "evm.json") });
  const key = fundedKey(0);
  ({ contract: logs } = await TestContract.deploy({ node, name: "LogRegistry", key }));
  ({ contract: events } = await TestContract.deploy({ node, name: "EventRegistry", key }));
  const keyFile = join(fixture.folder, "account.key");
  const made = await voltfog("anchor", "key", keyFile, "--json");
  account = (JSON.parse(made.stdout) as { address: string }).address;
  await node.ask("anvil_setBalance", [account, "0xde0b6b3a7640000"]);
  const [http = 0, mqttPort = 0, backbone = 0] = await freePorts(3);
  ports = { http, mqtt: mqttPort, backbone };
  const config = await fixture.config({
    ...{ httpPort: http, mqttPort, backbonePort: backbone, logLevel: "warn" },
    ...{ evmUrl: node.url, evmLogRegistry: logs.address, evmEventRegistry: events.address },
    ...{ evmKey: keyFile, evmConfirmations: confirmations, evmInterval_ms: 500 },
  });
  writeFileSync(configFile, JSON.stringify(config));
  await startUnit();
});

afterAll(async () => {
  await killUnit();
  await node?.kill();
  await fixture.remove();
});

test("checkpoints and events of a unit's process stand in the contracts", async () => {
  await overheat(first);
  await eventually("the checkpoint to be final", async () => {
    const { finalSize } = (await status()).log;
    return finalSize === 2 || undefined;
  });
  for (const [id, height] of await eventually("the event to be final", finalEvents)) {
    expect(await recordedAt(id)).toBe(height);
  }
});

test("neither the unit's kill nor the chain's loses anything or brings it twice", async () => {
  const known = (await feed()).length;
  await overheat(second);
  // With the transaction on its way, or in a block that is not deep enough yet.
  await eventually("an event that is not final yet", async () => {
    return (await feed()).length > known || undefined;
  });
  await killUnit();
  await startUnit();
  await overheat(third);
  // The chain loses its last two blocks and all that waits, as after a cut of its power.
  await node.ask("evm_setIntervalMining", [0]);
  await node.keep();
  await node.mine(2);
  await node.kill("SIGKILL");
  // Vehicles are answered all the same, also by a unit that starts with the chain down.
  await send(fourth, telemetryOf(fourth, { from_s: 0, degC: 25 }));
  await killUnit();
  await startUnit();
  await send(fourth, telemetryOf(fourth, { from_s: 3, degC: 70 }));
  expect((await status()).chain.state).toBe("unreachable");
  await node.resume();
  await eventually("everything to be final", async () => {
    const { log } = await status();
    return log.finalSize === log.size ? finalEvents() : undefined;
  });
  await expectWhole((await finalEvents()) ?? new Map());
});

/** Whole and once: the log as the disk has it, checkpoints that only grow, each event in one block. */
async function expectWhole(own: ReadonlyMap<string, number>): Promise<void> {
  const log = await openLogReader(join(fixture.dataDir, "log"));
  expect(log.size).toBe(8);
  const checkpoints = await said("LogRegistry", logs);
  const sizes = checkpoints.map(({ size }) => Number(size));
  expect(sizes.at(-1)).toBe(log.size);
  expect(sizes).toEqual([...new Set(sizes)].sort((a, b) => a - b));
  expect(checkpoints.at(-1)?.["root"]).toBe(`0x${toHex(log.root)}`);
  const recorded = (await said("EventRegistry", events)).map(({ eventId }) => String(eventId));
  expect(own.size).toBeGreaterThanOrEqual(vehicles.length);
  expect(recorded.toSorted()).toEqual([...own.keys()].map((id) => `0x${id}`).toSorted());
  for (const [id, height] of own) expect(await recordedAt(id)).toBe(height);
}

/** What a contract has told since it is there, in the order of the chain. */
async function said(
  name: ContractName,
  contract: TestContract,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { abi } = artefactOf(name);
  const filter = { address: contract.address, fromBlock: "0x0", toBlock: "latest" };
  const found = await node.ask<readonly { topics: string[]; data: string }[]>("eth_getLogs", [
    filter,
  ]);
  return found.flatMap((one) => {
    const parsed = abi.parseLog(one);
    return parsed === null ? [] : [parsed.args.toObject()];
  });
}

async function recordedAt(id: string): Promise<number> {
  return Number(await events.view("recordedAt", [account, `0x${id}`]));
}

interface FeedItem {
  readonly event: { readonly id: string };
  readonly final: { readonly height: number } | null;
}

async function feed(): Promise<readonly FeedItem[]> {
  const identity = await processIdentity("cloud", "cloud");
  const url = `https://127.0.0.1:${ports.backbone}`;
  const client = createHttpClient({ url, peerId: "unit-1", identity });
  try {
    const signal = AbortSignal.timeout(10_000);
    const answer = await client.call({ path: "/v1/events", signal, bodyMax_bytes: 1_000_000 });
    return JSON.parse(new TextDecoder().decode(answer.body)) as readonly FeedItem[];
  } finally {
    client.close();
  }
}

/** Block of each event by its id, once all are final. The feed tells each when it is recorded and when it is final. */
async function finalEvents(): Promise<ReadonlyMap<string, number> | undefined> {
  const items = await feed();
  const ids = new Set(items.map(({ event }) => event.id));
  const told = items.flatMap(({ event, final }) =>
    final === null ? [] : [[event.id, final.height] as const],
  );
  const blocks = new Map(told);
  expect(told).toHaveLength(blocks.size);
  return ids.size > 0 && blocks.size === ids.size ? blocks : undefined;
}

interface Status {
  readonly log: { readonly size: number; readonly finalSize: number };
  readonly chain: { readonly state: string };
}

async function status(): Promise<Status> {
  return (await (await fetch(`http://127.0.0.1:${ports.http}/v1/status`)).json()) as Status;
}

/** Six seconds in two frames, the last three past the fatal limit. */
async function overheat(vehicle: TestVehicle): Promise<void> {
  await send(vehicle, telemetryOf(vehicle, { from_s: 0, degC: 25 }));
  await send(vehicle, telemetryOf(vehicle, { from_s: 3, degC: 70 }));
}

function telemetryOf(vehicle: TestVehicle, at: { from_s: number; degC: number }): CutFrame {
  const samples = [1, 2, 3].map((second) => {
    const monotonic_ms = 1000 * (at.from_s + second);
    const temperature_degC = Float32Array.of(at.degC, 30);
    return reading({ wall_ms: 1_700_000_000_000 + monotonic_ms, monotonic_ms, temperature_degC });
  });
  return vehicle.cut(telemetry(samples));
}

/** Ends with the unit's word that it has the frame on its disk. */
async function send(vehicle: TestVehicle, frame: CutFrame): Promise<void> {
  const { authority: ca, certificate: cert, key } = await vehicleIdentity(vehicle);
  const mqtt = await connectAsync(`mqtts://localhost:${ports.mqtt}`, {
    ...{ clientId: vehicle.id, ca, cert, key, protocolVersion: 4, reconnectPeriod: 0 },
  });
  await mqtt.publishAsync(upTopic(vehicle.id, "telemetry"), Buffer.from(frame.bytes), { qos: 1 });
  await mqtt.endAsync(true);
}

async function startUnit(): Promise<void> {
  unit = spawn(process.execPath, [voltfogMain, "rsu", "--config", configFile], { stdio: "ignore" });
  await eventually("the unit to answer", async () => {
    return (await status().catch(() => undefined)) === undefined ? undefined : true;
  });
}

async function killUnit(): Promise<void> {
  if (unit === undefined || unit.exitCode !== null || unit.signalCode !== null) return;
  const exited = new Promise((resolve) => unit?.once("exit", resolve));
  unit.kill("SIGKILL");
  await exited;
}

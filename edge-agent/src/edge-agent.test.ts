import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { decodeRefusal, encodeRefusal, sealCommand } from "@voltfog/messages";
import { type Signer, silentLogger, toHex, type UnitId, unitId, utf8 } from "@voltfog/runtime";
import { createSigningKey, nodeCrypto, systemClock, systemRandom } from "@voltfog/runtime/node";
import { afterEach, expect, test } from "vitest";
import { edgeConfig } from "./config.ts";
import { type RunningEdge, runEdge } from "./edge-agent.ts";
import { openEdgeJournal } from "./outbox/journal-reader.ts";
import { chainFaults, readFrame } from "./testing/read-frames.ts";
import { processIdentity, writeFleetCertificates } from "./testing/test-certificates.ts";
import { temporaryFolder, testVehicleId } from "./testing/test-vehicle.ts";
import { TinyBroker } from "./testing/tiny-broker.ts";

const cleanUp: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const task of cleanUp.splice(0).reverse()) await task();
});

interface Site {
  readonly folder: string;
  readonly broker: TinyBroker;
  readonly unit: Signer;
  readonly tls: object;
  readonly mqttPort: number;
}

const unit1 = unitId("unit-1") as UnitId;

async function makeSite(): Promise<Site> {
  const folder = temporaryFolder();
  const broker = new TinyBroker(await processIdentity("unit-1", "unit"));
  const mqttPort = await broker.listen();
  cleanUp.push(() => broker.close());
  mkdirSync(join(folder, "keys"));
  createSigningKey(join(folder, "keys", `${testVehicleId}.key`));
  const unit = createSigningKey(join(folder, "unit.key"));
  const genesis = { version: 1, chain: "test", units: [{ id: unit1, key: toHex(unit.publicKey) }] };
  writeFileSync(join(folder, "genesis.json"), JSON.stringify(genesis));
  const tls = await writeFleetCertificates({ folder, vehicleId: testVehicleId });
  return { folder, broker, unit, tls, mqttPort };
}

async function start(site: Site, given: Record<string, unknown> = {}): Promise<RunningEdge> {
  const config = edgeConfig.parse({
    file: {
      dataDir: join(site.folder, "fleet"),
      keys: join(site.folder, "keys"),
      ...site.tls,
      genesis: join(site.folder, "genesis.json"),
      vehicles: [testVehicleId],
      units: [`unit-1@127.0.0.1:${site.mqttPort}`],
      source: "simulator",
      rate_Hz: 10,
      frameAge_ms: 200,
      ...given,
    },
  });
  if (!config.ok) throw new Error(config.problem.detail);
  const ports = { logger: silentLogger, clock: systemClock, crypto: nodeCrypto };
  const edge = await runEdge(config.value, { ...ports, random: systemRandom });
  let stopped: Promise<void> | undefined;
  const running = { ports: edge.ports, stop: () => (stopped ??= edge.stop()) };
  cleanUp.push(running.stop);
  return running;
}

function telemetryOf(broker: TinyBroker) {
  return broker.published
    .filter(({ topic }) => topic.endsWith("/telemetry"))
    .map(({ payload }) => readFrame(payload));
}

async function heldFrames(site: Site): Promise<readonly number[]> {
  const journal = await openEdgeJournal(join(site.folder, "fleet", testVehicleId));
  const held: number[] = [];
  for await (const frame of journal.outbox()) held.push(frame.sequence);
  return held;
}

test("readings arrive as signed frames in one chain, and a stop leaves nothing behind", async () => {
  const site = await makeSite();
  const edge = await start(site);
  await site.broker.until(() => telemetryOf(site.broker).length >= 3);
  await edge.stop();
  const frames = telemetryOf(site.broker);
  expect(chainFaults(frames)).toEqual([]);
  expect(frames[0]?.payload).toMatchObject({ type: "telemetry", origin: "simulated" });
  expect(await heldFrames(site)).toEqual([]);
  const journal = await openEdgeJournal(join(site.folder, "fleet", testVehicleId));
  expect(await journal.unframedSamples()).toBe(0);
  expect(site.broker.certificates.get(testVehicleId)).toBe(testVehicleId);
});

test("what was not acknowledged is sent again, in order, after the connection was lost", async () => {
  const site = await makeSite();
  const edge = await start(site);
  await site.broker.until(() => site.broker.published.length >= 1);
  site.broker.acknowledges = false;
  const before = site.broker.published.length;
  await site.broker.until(() => site.broker.published.length >= before + 2);
  const unanswered = telemetryOf(site.broker).slice(before);
  site.broker.acknowledges = true;
  const received = site.broker.published.length;
  site.broker.dropAll();
  await site.broker.until(() => site.broker.published.length >= received + 2);
  const again = telemetryOf(site.broker).slice(received);
  expect(again[0]?.header.sequence).toBeLessThanOrEqual(unanswered[0]?.header.sequence ?? 0);
  expect(again[1]?.header.sequence).toBe((again[0]?.header.sequence ?? 0) + 1);
  await edge.stop();
  expect(await heldFrames(site)).toEqual([]);
});

test("without any unit a vehicle samples on, keeps its frames, and delivers them after a restart", async () => {
  const site = await makeSite();
  site.broker.connectCode = 5;
  const first = await start(site, { drainMax_ms: 0 });
  await site.broker.until(() => site.broker.certificates.size > 0);
  await first.stop();
  const held = await heldFrames(site);
  site.broker.connectCode = 0;
  const second = await start(site);
  await site.broker.until(() => telemetryOf(site.broker).length > held.length + 1);
  await second.stop();
  const frames = telemetryOf(site.broker);
  expect(chainFaults(frames)).toEqual([]);
  expect(frames.map(({ header }) => header.boot)).toContain(2);
  const restarts = frames.filter(({ payload }) => payload.type === "gap");
  expect(restarts.map(({ payload }) => payload)).toMatchObject([{ cause: "agent-restart" }]);
  expect(await heldFrames(site)).toEqual([]);
});

test("a unit's command is applied and acknowledged, a refusal is counted", async () => {
  const site = await makeSite();
  const edge = await start(site);
  await site.broker.until(() => site.broker.published.length > 0);
  const issued_ms = systemClock.wall_ms();
  const command = sealCommand({
    command: {
      commandId: new Uint8Array(16).fill(7),
      unitId: unit1,
      kind: "limit-charge-current",
      value: 25,
      issued_ms,
      expires_ms: issued_ms + 60_000,
    },
    signer: site.unit,
  });
  const down = `voltfog/v1/${testVehicleId}`;
  const refusal = encodeRefusal({ code: "TIME_IN_FUTURE", detail: "an hour ahead" });
  expect(decodeRefusal(refusal).ok).toBe(true);
  site.broker.send(testVehicleId, `${down}/refusal`, refusal);
  site.broker.send(testVehicleId, `${down}/receipt`, utf8("no receipt"));
  site.broker.send(testVehicleId, `${down}/command`, command);
  await site.broker.until(() =>
    site.broker.published.some(({ topic }) => topic.endsWith("/command-ack")),
  );
  const url = `http://127.0.0.1:${edge.ports.http}`;
  const status = (await (await fetch(`${url}/v1/status`)).json()) as { vehicles: unknown[] };
  expect(status.vehicles[0]).toMatchObject({
    id: testVehicleId,
    unitId: unit1,
    limits: { chargeMax_A: 25, dischargeMax_A: null },
    refusals: { TIME_IN_FUTURE: 1 },
    receipts: { malformed: 1 },
  });
  const metrics = await (await fetch(`${url}/metrics`)).text();
  expect(metrics).toContain(
    `voltfog_edge_refusals_total{vehicle="${testVehicleId}",code="TIME_IN_FUTURE",process="edge"} 1`,
  );
  expect((await fetch(`${url}/ready`)).status).toBe(200);
});

test.each([
  ["vehicles", { vehicles: ["Not An Id"] }, "CONFIG_INVALID"],
  ["vehicles", { vehicles: ["vehicle-01", "vehicle-01"] }, "CONFIG_INVALID"],
  ["units", { units: ["unit-1:1883"] }, "CONFIG_INVALID"],
  ["genesis", { genesis: "/nowhere/genesis.json" }, "GENESIS_UNREADABLE"],
  ["keys", { keys: "/nowhere" }, "KEY_UNREADABLE"],
  ["certificates", { certificates: "/nowhere" }, "CERTIFICATE_UNREADABLE"],
  ["fleet's certificate", { tlsCertificate: "/nowhere" }, "CERTIFICATE_UNREADABLE"],
  ["replay", { source: "replay" }, "REPLAY_MISSING"],
  ["replay", { source: "replay", replayFiles: ["/nowhere.csv.gz"] }, "REPLAY_UNREADABLE"],
])("settings that cannot work are refused with a code: %s %j", async (_name, given, code) => {
  const site = await makeSite();
  await expect(start(site, given)).rejects.toMatchObject({ code, remedy: expect.any(String) });
});

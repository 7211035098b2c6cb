import { cpSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type FrameOpener, verifyBundle } from "@voltfog/ledger";
import { fsckLog, openLogReader, restoredMark } from "@voltfog/ledger/node";
import {
  type BatteryEvent,
  decodePayload,
  openFrame,
  sampleCount,
  upTopic,
} from "@voltfog/messages";
import { accepted, silentLogger } from "@voltfog/runtime";
import { freePort, nodeCrypto, systemClock, systemRandom } from "@voltfog/runtime/node";
import { connectAsync, type MqttClient } from "mqtt";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { readRecordedEvents } from "./events/read-recorded-events.ts";
import { library } from "./functions/built-in.ts";
import { replayFunctions } from "./functions/replay-functions.ts";
import { vehicleIdentity, writeIdentity } from "./testing/test-certificates.ts";
import { TestUnit } from "./testing/test-unit.ts";
import { type CutFrame, reading, TestVehicle, telemetry } from "./testing/test-vehicle.ts";
import { type RunningValidator, runValidator } from "./validator/validator.ts";

const frames: FrameOpener = {
  open(bytes) {
    const opened = openFrame(bytes);
    if (!opened.ok) return opened;
    const { header, signedBytes, signature } = opened.value;
    const payload = decodePayload(opened.value);
    const samples = payload.ok ? sampleCount(payload.value) : undefined;
    return accepted({ ...header, samples, signedBytes, signature });
  },
};

let vehicle: TestVehicle;
let unit: TestUnit;
let validatorPort: number;
let validator: RunningValidator | undefined;
let mqtt: MqttClient;

beforeEach(async () => {
  vehicle = new TestVehicle("vehicle-01");
  unit = new TestUnit([vehicle], { validators: 1, blockInterval_ms: 100 });
  validatorPort = await freePort();
});

afterEach(async () => {
  await mqtt.endAsync(true);
  await unit.stop();
  await stopValidator();
  await unit.remove();
});

async function startValidator(): Promise<void> {
  const [own = expect.fail("no validator")] = unit.validators;
  const ports = { logger: silentLogger, clock: systemClock, random: systemRandom };
  validator = await runValidator(
    {
      id: own.id,
      genesis: join(unit.folder, "genesis.json"),
      key: own.key,
      passphraseFile: "",
      tlsAgency: "",
      ...(await writeIdentity({ folder: unit.folder, id: own.id, role: "validator" })),
      tlsRevocations: "",
      dataDir: join(unit.folder, own.id),
      host: "127.0.0.1",
      p2pPort: 0,
      backbonePort: 0,
      httpPort: validatorPort,
      peers: [],
      admission: "",
      roundTimeout_ms: 1000,
      mempoolMax: 1000,
      blocksKept: 0,
      snapshotBehind: 5000,
      diskFreeMin_bytes: 0,
      diskLeftMin_d: 0,
      logLevel: "error",
    },
    ports,
  );
}

async function stopValidator(): Promise<void> {
  await validator?.stop();
  validator = undefined;
}

async function startUnit(): Promise<void> {
  const validatorUrl = `http://127.0.0.1:${validatorPort}`;
  await unit.start({ validatorUrl, checkpointInterval_ms: 100 });
  const { authority: ca, certificate: cert, key } = await vehicleIdentity(vehicle);
  mqtt = await connectAsync(`mqtts://127.0.0.1:${unit.ports.mqtt}`, {
    clientId: vehicle.id,
    ca,
    cert,
    key,
    protocolVersion: 4,
  });
}

async function send(frame: CutFrame): Promise<void> {
  const topic = upTopic(vehicle.id, "telemetry");
  await mqtt.publishAsync(topic, Buffer.from(frame.bytes), { qos: 1 });
}

const finalSize = async (): Promise<number> =>
  (await unit.json<{ log: { finalSize: number } }>("/v1/status")).log.finalSize;

async function bundle(path: string): Promise<ReturnType<typeof verifyBundle>> {
  const response = await unit.fetch(path);
  expect(response.status, path).toBe(200);
  const bytes = new Uint8Array(await response.arrayBuffer());
  return verifyBundle({ bytes, genesisBytes: unit.genesis.bytes, crypto: nodeCrypto, frames });
}

/** Three seconds at 70 °C, past the fatal limit. */
const hot = (): CutFrame =>
  vehicle.cut(
    telemetry(
      [0, 1, 2].map((second) =>
        reading({
          wall_ms: 1_700_000_000_000 + 1000 * second,
          monotonic_ms: 1000 * second,
          temperature_degC: Float32Array.of(70, 30),
        }),
      ),
    ),
  );

test("a frame becomes final and proves itself; an event that it shows does too", async () => {
  await startValidator();
  await startUnit();
  await send(vehicle.cut());
  await send(hot());
  await vi.waitFor(async () => expect(await finalSize()).toBe(2), 20_000);
  expect(await bundle("/v1/proofs/frame?vehicle=vehicle-01&sequence=1")).toMatchObject({
    ok: true,
    value: {
      kind: "frame",
      vehicle: { id: "vehicle-01" },
      unit: { id: "unit-1" },
      frame: { sequence: 1 },
    },
  });
  type Item = { cursor: number; event: BatteryEvent; final: { height: number } | null };
  await vi.waitFor(async () => {
    const feed = await unit.json<Item[]>("/v1/events");
    expect(feed.map(({ event, final }) => [event.class, final === null])).toEqual([
      ["thermal-alert", true],
      ["thermal-alert", false],
    ]);
  }, 20_000);
  const [{ event } = expect.fail("no event")] = await unit.json<Item[]>("/v1/events");
  expect(await bundle(`/v1/proofs/event/${event.id}`)).toMatchObject({
    ok: true,
    value: { kind: "event", frame: { sequence: 2 }, event: { class: "thermal-alert", level: 3 } },
  });
  await unit.stop();
  expect(await fsckLog(unit.dataDir)).toMatchObject({ ok: true, entries: 2, samples: 4 });
  const recorded = await readRecordedEvents({ folder: unit.dataDir, crypto: nodeCrypto });
  expect(await replayedSentences()).toEqual(recorded.map((one) => one.event.sentence));
}, 60_000);

/** What the functions find in the unit's log when they run over it again. */
async function replayedSentences(): Promise<readonly string[]> {
  const log = await openLogReader(join(unit.dataDir, "log"));
  const sentences: string[] = [];
  const counts = await replayFunctions({
    functions: library,
    pages: (async function* () {
      yield await log.read({ from: 0, limit: log.size });
    })(),
    serves: () => true,
    found: ({ finding, isNews }) => {
      if (finding.kind === "condition" && isNews) sentences.push(finding.condition.sentence);
    },
  });
  expect(counts).toEqual({ frames: 2, samples: 4 });
  return sentences;
}

test("frames of before the validator ran, of while it was down and of after become final", async () => {
  await startUnit();
  await send(vehicle.cut());
  expect((await unit.fetch("/v1/proofs/frame?vehicle=vehicle-01&sequence=1")).status).toBe(503);
  await startValidator();
  await vi.waitFor(async () => expect(await finalSize()).toBe(1), 20_000);
  await stopValidator();
  await send(vehicle.cut());
  await send(vehicle.cut());
  await startValidator();
  await vi.waitFor(async () => expect(await finalSize()).toBe(3), 20_000);
}, 60_000);

test("a unit that came back from a backup goes on with a next log, and proves what it holds of both", async () => {
  await startValidator();
  await startUnit();
  for (let i = 0; i < 3; i++) await send(vehicle.cut());
  await vi.waitFor(async () => expect(await finalSize()).toBe(3), 20_000);
  await mqtt.endAsync(true);
  await unit.stop();
  const backup = join(unit.folder, "backup");
  cpSync(unit.dataDir, backup, { recursive: true });
  await startUnit();
  for (let i = 0; i < 2; i++) await send(vehicle.cut());
  await vi.waitFor(async () => expect(await finalSize()).toBe(5), 20_000);
  await mqtt.endAsync(true);
  await unit.stop();
  rmSync(unit.dataDir, { recursive: true });
  cpSync(backup, unit.dataDir, { recursive: true });
  writeFileSync(join(unit.dataDir, restoredMark.file), restoredMark.text);
  await startUnit();
  expect(await unit.json("/v1/logs")).toEqual([
    { number: 1, size: 3 },
    { number: 2, size: 1 },
  ]);
  await send(vehicle.cut());
  await vi.waitFor(async () => {
    const status = await unit.json("/v1/status");
    expect(status).toMatchObject({ log: { number: 2, size: 2, finalSize: 2 } });
  }, 20_000);
  for (const sequence of [2, 6]) {
    const proven = await bundle(`/v1/proofs/frame?vehicle=vehicle-01&sequence=${sequence}`);
    expect(proven).toMatchObject({ ok: true, value: { kind: "frame", frame: { sequence } } });
  }
  await mqtt.endAsync(true);
  await unit.stop();
  await startUnit();
  expect(await unit.json("/v1/status")).toMatchObject({ log: { number: 2, size: 2 } });
  await unit.stop();
  expect(await fsckLog(unit.dataDir)).toMatchObject({ ok: true, entries: 2 });
}, 60_000);

import { cpSync } from "node:fs";
import { connect as connectTcp } from "node:net";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { openCheckpoint } from "@voltfog/ledger";
import { fsckLog, openLogReader } from "@voltfog/ledger/node";
import {
  decodeReceipt,
  decodeRefusal,
  downTopic,
  encodeHello,
  type OpenedReceipt,
  type Refusal,
  type Stream,
  upTopic,
} from "@voltfog/messages";
import { decodeBytes, toHex, utf8 } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import { connectAsync, connect as connectMqtt, type IClientOptions, type MqttClient } from "mqtt";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { foreignAuthority, processIdentity, vehicleIdentity } from "./testing/test-certificates.ts";
import { TestUnit, writeStrangeKey } from "./testing/test-unit.ts";
import { type CutFrame, reading, TestVehicle, telemetry } from "./testing/test-vehicle.ts";

/** A real MQTT client that speaks for one vehicle. */
class VehicleClient {
  readonly receipts: OpenedReceipt[] = [];
  readonly refusals: Refusal[] = [];
  readonly commands: Uint8Array[] = [];
  readonly mqtt: MqttClient;
  readonly #vehicle: TestVehicle;

  private constructor(vehicle: TestVehicle, mqtt: MqttClient) {
    this.#vehicle = vehicle;
    this.mqtt = mqtt;
    mqtt.on("message", (topic, payload) => this.#heard(topic, new Uint8Array(payload)));
  }

  static async connect(
    vehicle: TestVehicle,
    port: number,
    more: IClientOptions = {},
  ): Promise<VehicleClient> {
    const { id } = vehicle;
    const { authority: ca, certificate: cert, key } = await vehicleIdentity(vehicle);
    const mqtt = connectMqtt(`mqtts://127.0.0.1:${port}`, {
      clientId: id,
      ca,
      cert,
      key,
      protocolVersion: 4,
      reconnectPeriod: 0,
      ...more,
    });
    // The library's own promise knows errors and CONNACKs, not a connection that just closes.
    await new Promise<void>((resolve, reject) => {
      mqtt.once("connect", () => resolve());
      mqtt.on("error", reject);
      mqtt.once("close", () => reject(new Error("closed")));
    });
    const client = new VehicleClient(vehicle, mqtt);
    const topics = (["receipt", "refusal", "command"] as const).map((kind) => downTopic(id, kind));
    await mqtt.subscribeAsync(topics);
    return client;
  }

  /** Resolves with the unit's PUBACK. */
  async send(frame: CutFrame | Uint8Array, stream: Stream = "telemetry"): Promise<void> {
    const bytes = frame instanceof Uint8Array ? frame : frame.bytes;
    await this.mqtt.publishAsync(upTopic(this.#vehicle.id, stream), Buffer.from(bytes), { qos: 1 });
  }

  async end(): Promise<void> {
    await this.mqtt.endAsync(true);
  }

  #heard(topic: string, bytes: Uint8Array): void {
    if (topic.endsWith("/command")) this.commands.push(bytes);
    const receipt = topic.endsWith("/receipt") ? decodeReceipt(bytes) : undefined;
    if (receipt?.ok) this.receipts.push(receipt.value);
    const refusal = topic.endsWith("/refusal") ? decodeRefusal(bytes) : undefined;
    if (refusal?.ok) this.refusals.push(refusal.value);
  }
}

let vehicle: TestVehicle;
let unit: TestUnit;
const clients: VehicleClient[] = [];
const operators: MqttClient[] = [];

beforeEach(() => {
  vehicle = new TestVehicle("vehicle-01");
  unit = new TestUnit([vehicle, new TestVehicle("vehicle-02")]);
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.end()));
  await Promise.all(operators.splice(0).map((operator) => operator.endAsync(true)));
  await unit.remove();
});

async function attach(): Promise<VehicleClient> {
  const client = await VehicleClient.connect(vehicle, unit.ports.mqtt);
  clients.push(client);
  return client;
}

interface Page {
  readonly entries: readonly { index: number; frame: string }[];
  readonly size: number | undefined;
}

async function entries(query = ""): Promise<Page> {
  const response = await unit.fetch(`/v1/entries?${query}`);
  const page = decodeBytes(new Uint8Array(await response.arrayBuffer()), (reader) => ({
    version: reader.u8(),
    entries: reader.list({
      limit: 4096,
      read: (inner) => {
        const index = inner.u64();
        inner.u64();
        inner.block(1000);
        return { index, frame: toHex(inner.block(200_000)) };
      },
    }),
    note: new TextDecoder().decode(reader.block(4096)),
  }));
  if (!page.ok) throw new Error(page.problem.detail);
  expect(page.value.version).toBe(1);
  return { entries: page.value.entries, size: sizeOf(page.value.note) };
}

function sizeOf(note: string): number | undefined {
  const origin = "voltfog/test/log/unit-1";
  const { publicKey } = unit.signer;
  const opened = openCheckpoint({ note, origin, publicKey, crypto: nodeCrypto });
  return opened.ok ? opened.value.size : undefined;
}

interface Status {
  readonly log: { size: number; finalSize: number };
  readonly refusals: Record<string, number>;
  readonly connectedVehicles: readonly string[];
  readonly estimates: readonly {
    vehicleId: string;
    name: string;
    value: number;
    low: number;
    high: number;
  }[];
}

const status = (): Promise<Status> => unit.json<Status>("/v1/status");

describe("a unit without a chain or a controller", () => {
  test("acknowledges a frame when it is durable, with a receipt that its checkpoint covers", async () => {
    await unit.start();
    const client = await attach();
    const frames = [vehicle.cut(), vehicle.cut(), vehicle.cut()];
    await Promise.all(frames.map((frame) => client.send(frame)));
    const page = await entries();
    expect(page.entries).toEqual(
      frames.map(({ bytes }, index) => ({ index, frame: toHex(bytes) })),
    );
    await vi.waitFor(() => {
      const acknowledged = client.receipts.flatMap((receipt) => receipt.entries);
      expect(acknowledged).toEqual(
        frames.map(({ sequence, commitment }, index) => ({
          stream: "telemetry",
          sequence,
          commitment,
          index,
        })),
      );
    });
    for (const receipt of client.receipts) {
      const size = sizeOf(receipt.checkpoint) ?? 0;
      for (const { index } of receipt.entries) expect(size).toBeGreaterThan(index);
    }
    expect(await status()).toMatchObject({
      log: { size: 3, finalSize: 0 },
      connectedVehicles: ["vehicle-01"],
    });
  });

  test("estimates the state of charge of a vehicle that it hears", async () => {
    await unit.start();
    const client = await attach();
    await client.send(vehicle.cut());
    await vi.waitFor(async () => {
      const { estimates } = await status();
      expect(estimates.map(({ name }) => name)).toEqual([
        "soc",
        "soc-lowest-cell",
        "soc-highest-cell",
      ]);
      expect(new Set(estimates.map(({ vehicleId }) => vehicleId))).toEqual(new Set(["vehicle-01"]));
      const [{ value, low, high } = expect.fail("no estimate")] = estimates;
      expect(low).toBeLessThanOrEqual(value);
      expect(value).toBeLessThanOrEqual(high);
    }, 20_000);
  }, 30_000);

  test("acknowledges a frame that comes again, without a second entry", async () => {
    await unit.start();
    const client = await attach();
    const frame = vehicle.cut();
    await Promise.all([client.send(frame), client.send(frame)]);
    await client.send(frame);
    await client.send(vehicle.cut());
    await vi.waitFor(() =>
      expect(client.receipts.flatMap(({ entries: all }) => all)).toHaveLength(4),
    );
    expect((await entries()).entries).toHaveLength(2);
  });

  test("takes what comes at any quality of service", async () => {
    await unit.start();
    const client = await attach();
    const topic = upTopic(vehicle.id, "telemetry");
    for (const qos of [0, 1, 2] as const) {
      await client.mqtt.publishAsync(topic, Buffer.from(vehicle.cut().bytes), { qos });
    }
    await vi.waitFor(async () => expect((await entries()).entries).toHaveLength(3));
  });

  test("after a restart it goes on with the same log, and a frame of before is still known", async () => {
    await unit.start();
    const first = vehicle.cut();
    const client = await attach();
    await client.send(first);
    await unit.stop();
    await unit.start();
    const again = await attach();
    await again.send(first);
    await again.send(vehicle.cut());
    await vi.waitFor(() => {
      const acknowledged = again.receipts.flatMap(({ entries: all }) => all);
      expect(acknowledged.map(({ index }) => index)).toEqual([0, 1]);
    });
    expect((await entries()).size).toBe(2);
    await unit.stop();
    expect(await fsckLog(unit.dataDir)).toMatchObject({
      ok: true,
      entries: 2,
      samples: 2,
      gaps: 0,
    });
  });

  test("what was acknowledged is there after a crash at any later moment", async () => {
    await unit.start();
    const client = await attach();
    const frames = [vehicle.cut(), vehicle.cut()];
    await Promise.all(frames.map((frame) => client.send(frame)));
    // The folder as it is now, while the unit runs, is what a killed unit leaves behind.
    const killed = join(unit.folder, "killed");
    cpSync(unit.dataDir, killed, { recursive: true });
    await unit.stop();
    await unit.start({ dataDir: killed });
    const again = await attach();
    await Promise.all(frames.map((frame) => again.send(frame)));
    await again.send(vehicle.cut());
    expect((await entries()).entries).toHaveLength(3);
    await unit.stop();
    expect(await fsckLog(killed)).toMatchObject({ ok: true, entries: 3, samples: 3 });
  });

  test("a payload of a version to come is refused with a code and kept unread, and the stream goes on", async () => {
    await unit.start();
    const client = await attach();
    await client.send(vehicle.cut());
    const newer = vehicle.cutNewer();
    await client.send(newer);
    await client.send(vehicle.cut());
    await vi.waitFor(() => {
      expect(client.refusals).toMatchObject([
        { code: "PAYLOAD_VERSION_UNKNOWN", stream: "telemetry", sequence: 2 },
      ]);
    });
    // Byte for byte, so that whoever knows the version reads it later; and after a restart as well.
    const kept = (await entries()).entries.map(({ frame }) => frame);
    expect(kept).toHaveLength(3);
    expect(kept[1]).toBe(toHex(newer.bytes));
    await unit.stop();
    await unit.start();
    expect((await entries()).entries.map(({ frame }) => frame)).toEqual(kept);
    await unit.stop();
    const reader = await openLogReader(join(unit.dataDir, "log"));
    const logged = await reader.read({ from: 0, limit: 9 });
    expect(logged.map(({ entry }) => [entry.kind, "unlinked" in entry && entry.unlinked])).toEqual([
      ["frame", false],
      ["refused", false],
      ["frame", false],
    ]);
  });

  test("a hello that proves nothing is refused with a code, and frames are taken as without it", async () => {
    await unit.start();
    const client = await attach();
    const topic = upTopic(vehicle.id, "hello");
    const own = encodeHello({ receipts: [utf8("no receipt")] });
    for (const bytes of [utf8("rubbish"), own, encodeHello({ receipts: [] })]) {
      await client.mqtt.publishAsync(topic, Buffer.from(bytes), { qos: 1 });
    }
    await client.send(vehicle.cut());
    await vi.waitFor(() => {
      const codes = client.refusals.map(({ code }) => code);
      expect(codes).toEqual(["RECEIPT_INVALID", "RECEIPT_INVALID"]);
      expect(client.receipts).toHaveLength(1);
    });
    expect((await entries()).entries).toHaveLength(1);
  });

  test("refuses with a code, acknowledges all the same, and loses nothing else", async () => {
    await unit.start();
    const client = await attach();
    const implausible = vehicle.cut(telemetry([reading({ soc: 0.5, packVoltage_V: 900 })]));
    await client.send(utf8("rubbish"));
    await client.send(new Uint8Array(131_100).fill(1));
    await client.send(implausible);
    await client.send(vehicle.cut());
    await client.send(implausible);
    await vi.waitFor(() => {
      const codes = client.refusals.map(({ code }) => code);
      expect(codes).toEqual([
        "FRAME_VERSION_UNKNOWN",
        "FRAME_TOO_LARGE",
        "RANGE_IMPLAUSIBLE",
        "RANGE_IMPLAUSIBLE",
      ]);
    });
    expect((await entries()).entries).toHaveLength(2);
    expect((await status()).refusals).toEqual({
      FRAME_VERSION_UNKNOWN: 1,
      FRAME_TOO_LARGE: 1,
      RANGE_IMPLAUSIBLE: 2,
    });
  });

  test("operators read what was refused, whoever of them is there", async () => {
    await unit.start();
    const topic = "voltfog/v1/units/unit-1/dead-letter";
    const heard: unknown[] = [];
    for (const id of ["operator", "night-watch"]) {
      const { authority: ca, certificate: cert, key } = await processIdentity(id, "operator");
      const url = `mqtts://127.0.0.1:${unit.ports.mqtt}`;
      const operator = await connectAsync(url, { clientId: id, ca, cert, key });
      operator.on("message", (_topic, bytes) => heard.push(JSON.parse(bytes.toString())));
      await operator.subscribeAsync(topic);
      operators.push(operator);
    }
    const client = await attach();
    await client.send(utf8("rubbish"));
    await vi.waitFor(() => expect(heard).toHaveLength(2));
    expect(heard[0]).toMatchObject({ code: "FRAME_VERSION_UNKNOWN", sender: "vehicle-01" });
  });

  test("a declared gap is an entry and an event", async () => {
    await unit.start();
    const client = await attach();
    await client.send(vehicle.cut());
    const gap = {
      type: "gap",
      firstSequence: 2,
      lastSequence: 4,
      samples: 192,
      from_ms: 1,
      to_ms: 2,
      cause: "outbox-full",
    } as const;
    await client.send(vehicle.cut(gap, { sequence: 5 }));
    const events =
      await unit.json<{ cursor: number; event: { class: string; value: number } }[]>(
        "/v1/events?wait_ms=5000",
      );
    expect(events).toMatchObject([
      { cursor: 1, event: { class: "gap-declared", value: 192, origin: "simulated" } },
    ]);
    await unit.stop();
    expect(await fsckLog(unit.dataDir)).toMatchObject({
      ok: true,
      entries: 2,
      samples: 1,
      gaps: 1,
    });
  });

  test("a command reaches the vehicle only when it is attached", async () => {
    await unit.start();
    const ask = (id: string): Promise<Response> =>
      unit.fetch(`/v1/vehicles/${id}/commands`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ kind: "limit-charge-current", value: 12.5 }),
      });
    expect((await ask("vehicle-01")).status).toBe(409);
    expect((await ask("vehicle-77")).status).toBe(404);
    const client = await attach();
    expect((await ask("vehicle-01")).status).toBe(202);
    await vi.waitFor(() => expect(client.commands).toHaveLength(1));
    expect(await unit.json("/v1/vehicles/vehicle-01/commands")).toMatchObject([
      { status: "sent", value: 12.5 },
    ]);
  });

  test("serves its log as C2SP tiles", async () => {
    await unit.start();
    const client = await attach();
    await client.send(vehicle.cut());
    await unit.stop();
    await unit.start();
    expect(sizeOf(await (await unit.fetch("/checkpoint")).text())).toBe(1);
    const tile = await unit.fetch("/tile/0/000.p/1");
    expect((await tile.arrayBuffer()).byteLength).toBe(32);
    expect((await unit.fetch("/tile/entries/000.p/1")).status).toBe(200);
    for (const path of ["/tile/0/001", "/tile/../vkey", "/tile/%2e%2e/vkey", "/tile/0/000.p/2"]) {
      expect((await unit.fetch(path)).status, path).toBe(404);
    }
  });
});

describe("hostile connections", () => {
  /** Resolves when the unit has closed the connection. */
  async function pour(bytes: Uint8Array): Promise<void> {
    const { authority: ca, certificate: cert, key } = await vehicleIdentity(vehicle);
    const at = { port: unit.ports.mqtt, host: "127.0.0.1", ca, cert, key };
    return new Promise((resolve) => {
      const socket = connectTls(at, () => socket.write(bytes));
      socket.on("error", () => {});
      socket.on("close", () => resolve());
      socket.resume();
    });
  }

  test("rubbish and a length of 256 MiB are cut off, and the unit goes on", async () => {
    await unit.start();
    await pour(Uint8Array.of(0x30, 0x00));
    await pour(Uint8Array.of(0x10, 0xff, 0xff, 0xff, 0x7f));
    await pour(utf8("GET / HTTP/1.1\r\n\r\n"));
    const client = await attach();
    await client.send(vehicle.cut());
    expect((await status()).log.size).toBe(1);
  });

  test("without the certificate of an enrolled key, under one's own name, nobody is let in", async () => {
    await unit.start();
    const strange = await vehicleIdentity(vehicle, foreignAuthority);
    const otherKey = await vehicleIdentity(new TestVehicle("vehicle-01"));
    const operator = await processIdentity("vehicle-01", "operator");
    const refused: [string, IClientOptions][] = [
      ["no certificate", { cert: "", key: "" }],
      ["another authority", { cert: strange.certificate }],
      ["another key than the enrolled one", { cert: otherKey.certificate, key: otherKey.key }],
      ["another role", { cert: operator.certificate, key: operator.key }],
      ["another's name", { clientId: "vehicle-02" }],
    ];
    for (const [name, more] of refused) {
      const attempt = VehicleClient.connect(vehicle, unit.ports.mqtt, more);
      await expect(attempt, name).rejects.toThrow();
    }
    const plain = connectTcp({ port: unit.ports.mqtt, host: "127.0.0.1" });
    plain.resume().on("error", () => {});
    plain.write(Uint8Array.of(0x10, 12, 0, 4, 77, 81, 84, 84, 4, 2, 0, 60, 0, 0));
    await new Promise((resolve) => plain.once("close", resolve));
    const client = await attach();
    await client.send(vehicle.cut());
    expect(await unit.json("/v1/status")).toMatchObject({ connectedVehicles: ["vehicle-01"] });
  });

  test("a listener that shakes no hands does not hold the unit's port open", async () => {
    await unit.start();
    const { mqtt: port } = unit.ports;
    const silent = connectTcp({ port, host: "127.0.0.1" });
    await new Promise((resolve) => silent.once("connect", resolve));
    const closed = new Promise((resolve) => silent.once("close", resolve));
    silent.on("error", () => {});
    await unit.stop();
    await closed;
  });

  test("a packet beyond every limit ends its connection", async () => {
    await unit.start();
    const client = await attach();
    const closed = new Promise<void>((resolve) => client.mqtt.once("close", () => resolve()));
    client.send(new Uint8Array(300_000)).catch(() => {});
    await closed;
    const again = await attach();
    await again.send(vehicle.cut());
    expect((await status()).refusals).toEqual({ FRAME_TOO_LARGE: 1 });
  });

  test("a flood is slowed, not lost: every frame of it becomes durable", async () => {
    await unit.start({ inFlightMax_bytes: 131_072, rateMax_bytes: 4_000_000 });
    const client = await attach();
    const frames = Array.from({ length: 2000 }, () => vehicle.cut());
    await Promise.all(frames.map((frame) => client.send(frame)));
    expect((await status()).log.size).toBe(2000);
  }, 30_000);

  test("a client that wants a will kept is not let in", async () => {
    await unit.start();
    const will = { topic: upTopic(vehicle.id, "telemetry"), payload: Buffer.from("gone") };
    await expect(VehicleClient.connect(vehicle, unit.ports.mqtt, { will })).rejects.toThrow();
  });

  test("a wildcard and another vehicle's topic get nothing", async () => {
    await unit.start();
    const client = await attach();
    const refused = client.mqtt.subscribeAsync(["#", "voltfog/v1/vehicle-02/receipt"]);
    await expect(refused).rejects.toThrow();
    await client.mqtt.publishAsync("voltfog/v1/vehicle-02/receipt", "x", { qos: 1, retain: true });
    await vi.waitFor(() =>
      expect(client.refusals.map(({ code }) => code)).toEqual(["FRAME_VERSION_UNKNOWN"]),
    );
  });
});

describe("what the unit answers to whom", () => {
  test("the plain port serves status and the published log, and nothing that names vehicles' frames", async () => {
    await unit.start();
    for (const path of ["/v1/entries", "/v1/events", "/v1/vehicles/vehicle-01/commands"]) {
      expect((await unit.fetch(path)).status, path).toBe(200);
      expect((await fetch(`http://127.0.0.1:${unit.ports.http}${path}`)).status, path).toBe(404);
    }
    expect((await unit.fetch("/v1/status")).status).toBe(200);
  });

  test.each([
    ["a vehicle", "vehicle", "/v1/entries"],
    ["another unit", "unit", "/v1/events"],
    ["the controller", "controller", "/v1/proofs/frame?vehicle=vehicle-01&sequence=1"],
    ["the edge", "edge", "/v1/status"],
  ] as const)("%s may not ask for what is not for it", async (_name, role, path) => {
    await unit.start();
    const refused = await unit.fetch(path, {}, role);
    expect([refused.status, await refused.json()]).toMatchObject([403, { code: "ROLE_REFUSED" }]);
  });
});

describe("a unit that cannot start says why", () => {
  test.each([
    [
      "its key is registered nowhere",
      "NOT_A_UNIT",
      () => writeStrangeKey(join(unit.folder, "unit-1.key")),
      {},
    ],
    ["another id", "NOT_A_UNIT", () => {}, { id: "unit-2" }],
    ["no genesis file", "GENESIS_INVALID", () => {}, { genesis: "/nowhere" }],
    ["no key file", "KEY_UNREADABLE", () => {}, { key: "/nowhere" }],
    ["no enrolled vehicles", "VEHICLES_INVALID", () => {}, { vehicles: "/nowhere" }],
    ["no certificate", "CERTIFICATE_UNREADABLE", () => {}, { tlsCertificate: "/nowhere" }],
  ])("%s", async (_name, code, prepare, changes) => {
    prepare();
    await expect(unit.start(changes)).rejects.toMatchObject({ code });
  });

  test("a taken port, and the data folder is free again", async () => {
    await unit.start();
    const { mqtt } = unit.ports;
    const other = new TestUnit([vehicle]);
    await expect(other.start({ mqttPort: mqtt })).rejects.toMatchObject({ code: "PORT_IN_USE" });
    await other.start();
    await other.remove();
  });
});

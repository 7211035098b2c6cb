import { upTopic } from "@voltfog/messages";
import { connectAsync, type MqttClient } from "mqtt";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { vehicleIdentity } from "../testing/test-certificates.ts";
import { TestUnit } from "../testing/test-unit.ts";
import { TestVehicle } from "../testing/test-vehicle.ts";
import type { TrafficStatus } from "./policy-desk.ts";

let vehicles: TestVehicle[];
let unit: TestUnit;
let clients: MqttClient[];
let version: number;

beforeEach(async () => {
  vehicles = [new TestVehicle("vehicle-01"), new TestVehicle("vehicle-02")];
  unit = new TestUnit(vehicles);
  clients = [];
  version = 0;
  await unit.start();
});

afterEach(async () => {
  await Promise.all(clients.map((client) => client.endAsync(true)));
  await unit.remove();
});

async function connect(vehicle: TestVehicle | undefined): Promise<MqttClient> {
  if (vehicle === undefined) throw new Error("no such vehicle");
  const { authority: ca, certificate: cert, key } = await vehicleIdentity(vehicle);
  const tls = { ca, cert, key, checkServerIdentity: () => undefined };
  const client = await connectAsync(`mqtts://127.0.0.1:${unit.ports.mqtt}`, {
    ...tls,
    clientId: vehicle.id,
    protocolVersion: 4,
    reconnectPeriod: 0,
  });
  client.on("error", () => {});
  clients.push(client);
  return client;
}

function closing(client: MqttClient): Promise<void> {
  return new Promise((resolve) => client.once("close", () => resolve()));
}

async function send(client: MqttClient, vehicle: TestVehicle): Promise<void> {
  const topic = upTopic(vehicle.id, "telemetry");
  await client.publishAsync(topic, Buffer.from(vehicle.cut().bytes), { qos: 1 });
}

async function put(changes: object): Promise<Response> {
  version += 1;
  const none = { limits: [], quarantine: [], deny: [] };
  const body = { term: 1, controllerId: "controller", version, ...none, ...changes };
  return unit.fetch("/v1/policies", {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

async function traffic(): Promise<TrafficStatus> {
  return (await unit.json<{ traffic: never }>("/v1/status")).traffic;
}

const quarantine = [{ vehicleId: "vehicle-01", since_ms: 1, reason: "forged frames" }];

describe("policies of the controller", () => {
  it("cut a quarantined vehicle that is connected, keep it out, and touch nobody else", async () => {
    const [bad, good] = vehicles;
    if (bad === undefined || good === undefined) throw new Error("two vehicles");
    const [cut, kept] = [await connect(bad), await connect(good)];
    await send(cut, bad);
    const closed = closing(cut);
    expect((await put({ quarantine })).status).toBe(204);
    await closed;
    await expect(connect(bad)).rejects.toMatchObject({ code: 5 });
    await send(kept, good);
    const status = await traffic();
    expect(status.policies).toMatchObject({ version: 1, quarantine });
    expect(status.drivers).toMatchObject([
      { name: "broker", inForce_ms: expect.any(Number), cannot: [] },
    ]);
    expect(status.counts["QUARANTINED"]).toBeGreaterThanOrEqual(2);
    expect((await put({})).status).toBe(204);
    await send(await connect(bad), bad);
  });

  it("hold after a restart, before the first connection", async () => {
    await put({ quarantine });
    await unit.stop();
    await unit.start();
    await expect(connect(vehicles[0])).rejects.toMatchObject({ code: 5 });
    expect((await traffic()).policies).toMatchObject({ version: 1 });
  });

  it("cut who comes from a denied address, before any handshake", async () => {
    const cut = await connect(vehicles[0]);
    const closed = closing(cut);
    expect((await put({ deny: [{ address: "127.0.0.0/8" }] })).status).toBe(204);
    await closed;
    await expect(connect(vehicles[1])).rejects.toThrow();
    expect((await traffic()).counts["ADDRESS_DENIED"]).toBeGreaterThanOrEqual(2);
    await put({ deny: [{ address: "10.0.0.0/8" }, { address: "::1" }] });
    await connect(vehicles[1]);
  });

  it("slow a device down to its limit while it is connected, and let it go again", async () => {
    const [vehicle] = vehicles;
    if (vehicle === undefined) throw new Error("a vehicle");
    const client = await connect(vehicle);
    await send(client, vehicle);
    await put({ limits: [{ vehicleId: "vehicle-01", rate_bytes: 1024, ratePackets: 1 }] });
    let acknowledged = 0;
    const sent = Array.from({ length: 20 }, async () => {
      await send(client, vehicle);
      acknowledged += 1;
    });
    await vi.waitFor(() => expect(acknowledged).toBeGreaterThan(0), { timeout: 10_000 });
    expect(acknowledged).toBeLessThan(20);
    await put({});
    await Promise.all(sent);
    expect(acknowledged).toBe(20);
  });

  it("are refused of an older version, of an older term, and where they are none", async () => {
    await put({ version: 5 });
    const stale = await put({ version: 4 });
    expect([stale.status, await stale.json()]).toMatchObject([
      409,
      { code: "VERSION_STALE", version: 5 },
    ]);
    expect((await put({ term: 2, version: 1 })).status).toBe(204);
    const passed = await put({ term: 1, version: 9 });
    expect([passed.status, await passed.json()]).toMatchObject([409, { code: "TERM_STALE" }]);
    const wrong = await put({ term: 2, deny: [{ address: "10.0.0.300" }] });
    expect([wrong.status, await wrong.json()]).toMatchObject([400, { code: "POLICY_INVALID" }]);
    expect((await traffic()).policies).toMatchObject({ term: 2, version: 1, deny: [] });
  });
});

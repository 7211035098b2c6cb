import { type FrameHeader, upTopic } from "@voltfog/messages";
import { connectAsync, type MqttClient } from "mqtt";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { vehicleIdentity } from "../testing/test-certificates.ts";
import { TestUnit } from "../testing/test-unit.ts";
import { type CutFrame, newSigner, TestVehicle, telemetry } from "../testing/test-vehicle.ts";
import type { TrafficStatus } from "./policy-desk.ts";

let vehicle: TestVehicle;
let other: TestVehicle;
let unit: TestUnit;
let client: MqttClient;
let isClosed: boolean;
/** The library forgets who waits for an acknowledgement when the unit cuts the connection. */
let closed: Promise<void>;

beforeEach(async () => {
  vehicle = new TestVehicle("vehicle-01");
  other = new TestVehicle("vehicle-02");
  unit = new TestUnit([vehicle, other]);
  await unit.start();
  await connect();
});

afterEach(async () => {
  await client.endAsync(true);
  await unit.remove();
});

async function connect(): Promise<void> {
  const { authority: ca, certificate: cert, key } = await vehicleIdentity(vehicle);
  client = await connectAsync(`mqtts://127.0.0.1:${unit.ports.mqtt}`, {
    ...{ ca, cert, key, checkServerIdentity: () => undefined },
    ...{ clientId: vehicle.id, protocolVersion: 4, reconnectPeriod: 0 },
  });
  isClosed = false;
  client.on("error", () => {});
  closed = new Promise((resolve) => {
    client.once("close", () => {
      isClosed = true;
      resolve();
    });
  });
}

/** Sends as the connected vehicle. Whoever is cut meanwhile hears no acknowledgement. */
async function send({ bytes }: Pick<CutFrame, "bytes">, topic = upTopic(vehicle.id, "telemetry")) {
  const published = client.publishAsync(topic, Buffer.from(bytes), { qos: 1 }).catch(() => {});
  await Promise.race([published, closed]);
}

/** The vehicle's next frame in its header, signed by a key that nobody enrolled. */
function forged(): CutFrame {
  return new TestVehicle(vehicle.id, newSigner()).cut(telemetry(), { keyId: vehicle.keyId });
}

async function traffic(): Promise<TrafficStatus> {
  return (await unit.json<{ traffic: TrafficStatus }>("/v1/status")).traffic;
}

type Feed = readonly {
  readonly event: { class: string; state: string; sentence: string; frame: object };
}[];

async function quarantineEvents(): Promise<Feed[number]["event"][]> {
  const items = await unit.json<Feed>("/v1/events?from=1");
  return items.map(({ event }) => event).filter((event) => event.class === "quarantine");
}

async function tell(version: number, lists: object): Promise<void> {
  const none = { limits: [], quarantine: [], released: [], deny: [] };
  const answer = await unit.fetch("/v1/policies", {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ term: 1, controllerId: "controller", version, ...none, ...lists }),
  });
  expect(answer.status).toBe(204);
}

describe("a vehicle that forges", () => {
  const cases: readonly [string, () => [CutFrame, string?]][] = [
    ["SIGNATURE_FORGED", () => [forged()]],
    ["VEHICLE_FOREIGN", () => [other.cut()]],
    ["CHAIN_FORKED", () => [vehicle.cut(telemetry(), header({ sequence: 1 }))]],
  ];

  it.each(cases)("%s is put out by the unit itself, which is journalled", async (offence, make) => {
    await send(vehicle.cut());
    for (let i = 0; i < 3; i++) await send(...make());
    await vi.waitFor(() => expect(isClosed).toBe(true));
    const { own, drivers } = await traffic();
    expect(own).toMatchObject([{ vehicleId: "vehicle-01", offence, count: 3, budget: 3 }]);
    expect(drivers[0]?.inForce_ms).toEqual(expect.any(Number));
    await expect(connect()).rejects.toMatchObject({ code: 5 });
    await vi.waitFor(async () => expect(await quarantineEvents()).toHaveLength(1));
    const [event] = await quarantineEvents();
    expect(event).toMatchObject({ state: "asserted", frame: { commitment: expect.any(String) } });
  });

  it("stays out over a restart, until an operator's release, which is journalled", async () => {
    for (let i = 0; i < 3; i++) await send(forged());
    await vi.waitFor(() => expect(isClosed).toBe(true));
    await unit.stop();
    await unit.start();
    await expect(connect()).rejects.toMatchObject({ code: 5 });
    const [own] = (await traffic()).own;
    const row = { vehicleId: "vehicle-01", why: "a new key" };
    await tell(1, { released: [{ ...row, until_ms: (own?.since_ms ?? 0) - 1 }] });
    await expect(connect()).rejects.toMatchObject({ code: 5 });
    await tell(2, { released: [{ ...row, until_ms: own?.since_ms }] });
    await connect();
    await send(vehicle.cut());
    expect(isClosed).toBe(false);
    await vi.waitFor(async () => expect(await quarantineEvents()).toHaveLength(2));
    expect((await quarantineEvents()).at(-1)).toMatchObject({
      state: "cleared",
      sentence: expect.stringContaining("a new key"),
    });
  });
});

describe("an honest vehicle is never put out", () => {
  afterEach(async () => {
    expect(isClosed).toBe(false);
    expect((await traffic()).own).toEqual([]);
  });

  it("for sending everything again each time it reconnects", async () => {
    const frames = Array.from({ length: 20 }, () => vehicle.cut());
    for (let times = 0; times < 5; times++) {
      for (const frame of frames) await send(frame);
      await client.endAsync(true);
      await connect();
    }
  });

  it("for a clock that is years ahead, or behind", async () => {
    const year_ms = 365 * 86_400_000;
    for (let i = 0; i < 20; i++) {
      const wall_ms = Date.now() + (i % 2 === 0 ? 2 : -2) * year_ms;
      await send(vehicle.cut(telemetry(), header({ wall_ms })));
    }
  });

  it("for a key that the unit has not heard of yet", async () => {
    const renewed = vehicle.withNewKey();
    for (let i = 0; i < 20; i++) await send(renewed.cut());
  });

  it("for frames of a later release, and bytes that are none", async () => {
    for (let i = 0; i < 20; i++) await send(vehicle.cutNewer());
    for (let i = 0; i < 20; i++) await send({ bytes: new Uint8Array(100) });
  });

  it("for frames that come late, behind those that it sent after them", async () => {
    const frames = Array.from({ length: 20 }, () => vehicle.cut());
    const last = frames.pop();
    if (last !== undefined) await send(last);
    for (const frame of frames) await send(frame);
  });
});

function header(changes: Partial<FrameHeader>): Partial<FrameHeader> {
  return changes;
}

describe("an operator's orders", () => {
  const order = { id: "v1-7", at_ms: 7, who: "operator", action: "quarantine", why: "stolen" };
  const post = (body: object): Promise<Response> =>
    unit.fetch("/v1/policies/orders", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });

  it("are journalled once each, also over a restart, on the vehicle's newest frame", async () => {
    await send(vehicle.cut());
    const answer = await post({ ...order, subject: vehicle.id });
    expect(answer.status).toBe(201);
    const { eventId } = (await answer.json()) as { eventId: string };
    const [event] = await quarantineEvents();
    expect(event).toMatchObject({
      ...{ id: eventId, state: "asserted", vehicleId: vehicle.id, condition: "order v1-7" },
      ...{ frame: { sequence: 1 }, sentence: "vehicle-01 is put out, ordered by operator: stolen" },
    });
    await unit.stop();
    await unit.start();
    const again = await post({ ...order, subject: vehicle.id });
    expect([again.status, await again.json()]).toEqual([200, { eventId }]);
    expect(await quarantineEvents()).toHaveLength(1);
  });

  it("about an address rest on themselves, and what is no order gets a code", async () => {
    const denied = { ...order, action: "deny", subject: "192.0.2.0/24" };
    expect((await post(denied)).status).toBe(201);
    expect((await post({ ...denied, id: "v2-8", action: "allow" })).status).toBe(201);
    expect(await quarantineEvents()).toMatchObject([
      {
        state: "asserted",
        vehicleId: "site",
        sentence: "192.0.2.0/24 may not connect, ordered by operator: stolen",
      },
      { state: "cleared", vehicleId: "site" },
    ]);
    for (const wrong of [
      {},
      { ...denied, more: 1 },
      { ...denied, subject: "a b" },
      { ...denied, action: "limit" },
    ]) {
      const answer = await post(wrong);
      expect([answer.status, await answer.json()]).toMatchObject([400, { code: "ORDER_INVALID" }]);
    }
  });
});

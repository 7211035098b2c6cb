import { silentLogger } from "@voltfog/runtime";
import { systemClock } from "@voltfog/runtime/node";
import { connectAsync, type MqttClient } from "mqtt";
import { afterEach, beforeEach, expect, test } from "vitest";
import { processIdentity } from "../testing/test-certificates.ts";
import { BrokerDriver } from "../traffic/broker-driver.ts";
import { type Published, VehicleBroker } from "./vehicle-broker.ts";

let broker: VehicleBroker;
let taken: Published[];
let clients: MqttClient[];

beforeEach(async () => {
  taken = [];
  clients = [];
  broker = await VehicleBroker.open({
    host: "127.0.0.1",
    port: 0,
    tls: await processIdentity("unit-1", "unit"),
    connectionsMax: 10,
    inFlightMax_bytes: 1_048_576,
    traffic: new BrokerDriver({ clock: systemClock, rateMax_bytes: 8_388_608 }),
    clock: systemClock,
    logger: silentLogger,
    mayConnect: () => true,
    mayRead: ({ id }, topic) => topic === `to/${id}`,
    take: (message) => {
      taken.push(message);
      return Promise.resolve();
    },
    exceeded: () => {},
    turnedAway: () => {},
  });
});

afterEach(async () => {
  await Promise.all(clients.map((client) => client.endAsync(true)));
  await broker.close();
});

async function client(clientId: string): Promise<MqttClient> {
  const { authority: ca, certificate: cert, key } = await processIdentity(clientId, "operator");
  const made = await connectAsync(`mqtts://127.0.0.1:${broker.port}`, {
    clientId,
    ca,
    cert,
    key,
    protocolVersion: 4,
    reconnectPeriod: 0,
  });
  clients.push(made);
  await made.subscribeAsync(`to/${clientId}`, { qos: 2 });
  return made;
}

test.each([0, 1, 2] as const)(
  "what one client publishes at QoS %i is taken, and never reaches a client that reads its topic",
  async (qos) => {
    const [victim, forger] = [await client("victim"), await client("forger")];
    const heard: string[] = [];
    for (const each of [victim, forger]) {
      each.on("message", (_topic, payload) => heard.push(payload.toString()));
    }
    const lastOf = (each: MqttClient): Promise<void> =>
      new Promise((resolve) => {
        each.on("message", (_topic, payload) => payload.toString() === "the end" && resolve());
      });
    const ends = [lastOf(victim), lastOf(forger)];
    for (const topic of ["to/victim", "to/forger"]) {
      await forger.publishAsync(topic, `forged for ${topic}`, { qos });
    }
    // A PUBACK at QoS 1: what was published before it has been routed, if anything is.
    await forger.publishAsync("to/nobody", "last", { qos: 1 });
    for (const clientId of ["victim", "forger"]) {
      const bytes = new TextEncoder().encode("the end");
      expect(broker.send({ clientId, topic: `to/${clientId}`, bytes })).toBe(true);
    }
    await Promise.all(ends);
    expect(heard).toEqual(["the end", "the end"]);
    expect(taken.map(({ sender, topic, bytes }) => [sender, topic, bytes.length])).toEqual([
      ["forger", "to/victim", 20],
      ["forger", "to/forger", 20],
      ["forger", "to/nobody", 4],
    ]);
  },
);

test("a message that may not be taken is not acknowledged, and its sender is dropped", async () => {
  await broker.close();
  broker = await VehicleBroker.open({
    host: "127.0.0.1",
    port: 0,
    tls: await processIdentity("unit-1", "unit"),
    connectionsMax: 10,
    inFlightMax_bytes: 1_048_576,
    traffic: new BrokerDriver({ clock: systemClock, rateMax_bytes: 8_388_608 }),
    clock: systemClock,
    logger: silentLogger,
    mayConnect: () => true,
    mayRead: () => true,
    take: () => Promise.reject(new Error("the disk is full")),
    exceeded: () => {},
    turnedAway: () => {},
  });
  const vehicle = await client("vehicle");
  const closed = new Promise<void>((resolve) => vehicle.once("close", () => resolve()));
  let acknowledged = false;
  vehicle.publish("frames", "one", { qos: 1 }, (failed) => {
    acknowledged = failed === undefined || failed === null;
  });
  await closed;
  expect(acknowledged).toBe(false);
});

import { connect as connectTcp } from "node:net";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { keyIdOf, sealFrame, upTopic } from "@voltfog/messages";
import type { VehicleId } from "@voltfog/runtime";
import { clientTls, loadSigningKey, nodeCrypto, type TlsIdentity } from "@voltfog/runtime/node";
import type { MqttClient } from "mqtt";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { eventually, type RunningSite, startSite } from "./running-site.ts";
import { askBackbone, forgedIdentity, identityOf, mqttAt, portOf } from "./site-clients.ts";

const unit = "unit-1";
let site: RunningSite;
let clients: MqttClient[] = [];

beforeAll(async () => {
  site = await startSite("--units", "1", "--vehicles", "2");
  // The agents are held still, so that the vehicles' names are free for the clients of this test.
  const fleet = await eventually("the fleet to deliver", async () => {
    // The unit may not listen yet.
    const now = await status().catch(() => undefined);
    return (now?.log.size ?? 0) > 0 ? site.pidOf("fleet") : undefined;
  });
  process.kill(fleet, "SIGSTOP");
});
afterEach(async () => {
  await Promise.all(clients.map((client) => client.endAsync(true)));
  clients = [];
});
afterAll(async () => {
  const fleet = site?.pidOf("fleet");
  if (fleet !== undefined) process.kill(fleet, "SIGCONT");
  await site?.stop();
});

interface Status {
  readonly log: { readonly size: number };
  readonly refusals: Readonly<Record<string, number>>;
  readonly connectedVehicles: readonly string[];
}

async function status(): Promise<Status> {
  const response = await fetch(`http://127.0.0.1:${portOf(site, unit, "http")}/v1/status`);
  return (await response.json()) as Status;
}

async function attach(clientId: string, identity: TlsIdentity): Promise<MqttClient> {
  const client = await mqttAt(site, unit, { clientId, identity });
  clients.push(client);
  return client;
}

function frameOf(id: string): Buffer {
  const signer = loadSigningKey(join(site.dataDir, "keys", `${id}.key`));
  const header = {
    vehicleId: id as VehicleId,
    keyId: keyIdOf({ publicKey: signer.publicKey, crypto: nodeCrypto }),
    boot: 1,
    stream: "telemetry" as const,
    sequence: 1_000_000,
    previous: new Uint8Array(32),
    salt: new Uint8Array(16),
    wall_ms: Date.now(),
    monotonic_ms: 1,
    clockQuality: "unknown" as const,
  };
  const sample = {
    wall_ms: Date.now(),
    monotonic_ms: 1,
    packVoltage_V: 14.8,
    packCurrent_A: -2,
    soc: 0.6,
    cellVoltage_mV: Uint16Array.of(3700, 3701, 3699, 3700),
    temperature_degC: Float32Array.of(25, 25.5),
  };
  const payload = {
    type: "telemetry" as const,
    origin: "simulated" as const,
    source: "a test",
    samples: [sample],
  };
  return Buffer.from(sealFrame({ header, payload, signer }));
}

test("a vehicle with the site's certificate over its own key is let in and heard", async () => {
  const before = (await status()).log.size;
  const client = await attach("vehicle-01", identityOf(site, "vehicle-01"));
  await client.publishAsync(
    upTopic("vehicle-01" as VehicleId, "telemetry"),
    frameOf("vehicle-01"),
    {
      qos: 1,
    },
  );
  expect((await status()).log.size).toBeGreaterThan(before);
});

test("another authority's certificate, another's name and another role are not let in", async () => {
  const own = identityOf(site, "vehicle-01");
  const forged = await forgedIdentity(site, "vehicle-01", "vehicle");
  await expect(attach("vehicle-01", forged)).rejects.toThrow();
  await expect(attach("vehicle-02", own)).rejects.toThrow(/not authorized/i);
  await expect(attach("vehicle-01", identityOf(site, "cloud"))).rejects.toThrow(/not authorized/i);
  await expect(attach("vehicle-01", { ...own, certificate: "", key: "" })).rejects.toThrow();
});

test("a good frame on another vehicle's topic is refused and leaves no entry", async () => {
  const client = await attach("vehicle-01", identityOf(site, "vehicle-01"));
  const before = await status();
  const topic = upTopic("vehicle-02" as VehicleId, "telemetry");
  await client.publishAsync(topic, frameOf("vehicle-01"), { qos: 1 });
  const after = await status();
  expect(after.refusals["TOPIC_MISMATCH"]).toBe((before.refusals["TOPIC_MISMATCH"] ?? 0) + 1);
  expect(after.log.size).toBe(before.log.size);
});

test("the backbone answers each process of the site what its role may ask, and nobody else", async () => {
  const ask = async (peer: string, path: string, as: TlsIdentity): Promise<number> =>
    (await askBackbone(site, peer, { path, identity: as })).status;
  const [cloud, operator, vehicle] = ["cloud", "operator", "vehicle-01"].map((id) =>
    identityOf(site, id),
  ) as [TlsIdentity, TlsIdentity, TlsIdentity];
  expect(await ask(unit, "/v1/entries", cloud)).toBe(200);
  expect(await ask(unit, "/v1/entries", operator)).toBe(403);
  expect(await ask(unit, "/v1/entries", vehicle)).toBe(403);
  expect(await ask("validator-1", "/v1/blocks", cloud)).toBe(200);
  expect(await ask("validator-1", "/v1/blocks", vehicle)).toBe(403);
  expect(await ask("controller", "/v1/placements", cloud)).toBe(200);
  expect(await ask("controller", "/v1/attachments/vehicle-01", cloud)).toBe(403);
  for (const peer of [unit, "validator-1", "controller"]) {
    const forged = await forgedIdentity(site, "cloud", "cloud");
    await expect(ask(peer, "/v1/status", forged), peer).rejects.toMatchObject({
      code: "UNREACHABLE",
    });
  }
});

test("the plain port shows status, metrics and the published log, and no frames", async () => {
  const plain = `http://127.0.0.1:${portOf(site, unit, "http")}`;
  const answers = await Promise.all(
    ["/health", "/ready", "/metrics", "/v1/status", "/checkpoint", "/v1/entries", "/v1/events"].map(
      async (path) => (await fetch(plain + path)).status,
    ),
  );
  expect(answers).toEqual([200, 200, 200, 200, 200, 404, 404]);
});

test("validators hear nobody without the certificate of a validator", async () => {
  const port = portOf(site, "validator-1", "p2p");
  const ended = (socket: ReturnType<typeof connectTcp>): Promise<void> =>
    new Promise((resolve) => {
      socket.on("error", () => {}).resume();
      socket.once("close", () => resolve());
    });
  const plain = connectTcp({ port, host: "127.0.0.1" });
  plain.write("hello");
  const certified = ["cloud", "vehicle-01", "unit-1"].map((id) => {
    const tls = clientTls(identityOf(site, id), "validator-1");
    return ended(connectTls({ port, host: "127.0.0.1", ...tls }));
  });
  await Promise.all([ended(plain), ...certified]);
});

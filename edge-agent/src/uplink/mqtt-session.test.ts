import { join } from "node:path";
import { type UnitId, utf8 } from "@voltfog/runtime";
import { CertificateAuthority } from "@voltfog/runtime/certificates";
import { createSigningKey, systemClock, type TlsIdentity } from "@voltfog/runtime/node";
import { afterEach, expect, test } from "vitest";
import { certifyVehicle, processIdentity } from "../testing/test-certificates.ts";
import { temporaryFolder, testVehicleId } from "../testing/test-vehicle.ts";
import { TinyBroker } from "../testing/tiny-broker.ts";
import { mqttSessions } from "./mqtt-session.ts";
import type { UplinkSession } from "./uplink-session.ts";

const cleanUp: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const task of cleanUp.splice(0).reverse()) await task();
});

const unit = await processIdentity("unit-1", "unit");
const keyFile = join(temporaryFolder(), "device.key");
createSigningKey(keyFile);
const identity = await certifyVehicle({ id: testVehicleId, keyFile });

async function connected(given: { connectCode?: number; unit?: TlsIdentity } = {}) {
  const broker = new TinyBroker(given.unit ?? unit);
  broker.connectCode = given.connectCode ?? 0;
  const port = await broker.listen();
  cleanUp.push(() => broker.close());
  const received: string[] = [];
  const open = (): Promise<UplinkSession> =>
    mqttSessions(systemClock)({
      target: { unitId: "unit-1" as UnitId, host: "127.0.0.1", port },
      vehicleId: testVehicleId,
      identity,
      onMessage: (topic, bytes) => received.push(`${topic} ${new TextDecoder().decode(bytes)}`),
    });
  return { broker, open, received };
}

test("a publish resolves true only when it was acknowledged", async () => {
  const { broker, open } = await connected();
  const session = await open();
  expect(await session.publish("telemetry", utf8("a"))).toBe(true);
  broker.acknowledges = false;
  const unanswered = session.publish("telemetry", utf8("b"));
  await broker.until(() => broker.published.length === 2);
  broker.dropAll();
  expect(await unanswered).toBe(false);
  await session.closed;
  expect(await session.publish("telemetry", utf8("c"))).toBe(false);
  await session.close();
  expect(broker.certificates.get(testVehicleId)).toBe(testVehicleId);
});

test("what the unit sends to this vehicle arrives, everything else does not", async () => {
  const { broker, open, received } = await connected();
  const session = await open();
  await session.publish("telemetry", utf8("a"));
  for (const topic of ["vehicle-02/receipt", `${testVehicleId}/telemetry`, "x"]) {
    broker.send(testVehicleId, `voltfog/v1/${topic}`, utf8("not for us"));
  }
  broker.send(testVehicleId, `voltfog/v1/${testVehicleId}/receipt`, utf8("ours"));
  await session.publish("telemetry", utf8("b"));
  await session.close();
  expect(received).toEqual(["receipt ours"]);
});

test("closing waits for what is under way", async () => {
  const { broker, open } = await connected();
  const session = await open();
  const publishing = session.publish("urgent", utf8("a"));
  await session.close();
  expect(await publishing).toBe(true);
  await broker.until(() => broker.clients.length === 0);
});

test("a broker that refuses and one that is not there are told apart", async () => {
  const refusing = await connected({ connectCode: 5 });
  await expect(refusing.open()).rejects.toMatchObject({ code: "UNIT_REFUSED" });
  const gone = await connected();
  await gone.broker.close();
  cleanUp.pop();
  await expect(gone.open()).rejects.toMatchObject({ code: "UNIT_UNREACHABLE" });
});

test("a broker that is not the unit that is meant gets nothing, whoever certified it", async () => {
  const now_ms = systemClock.wall_ms();
  const foreign = await CertificateAuthority.create({ name: "foreign", now_ms });
  const subject = { id: "unit-1", role: "unit" } as const;
  const strange = await foreign.newIdentity(subject, { now_ms });
  for (const posing of [
    await processIdentity("unit-2", "unit"),
    { ...strange, authority: identity.authority },
  ]) {
    const { open, broker } = await connected({ unit: posing });
    await expect(open()).rejects.toMatchObject({ code: "UNIT_UNREACHABLE" });
    expect(broker.certificates.size).toBe(0);
  }
});

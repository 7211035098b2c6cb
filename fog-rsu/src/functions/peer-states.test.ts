import { upTopic } from "@voltfog/messages";
import { systemClock } from "@voltfog/runtime/node";
import { connectAsync } from "mqtt";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { processIdentity, vehicleIdentity } from "../testing/test-certificates.ts";
import { TestUnit } from "../testing/test-unit.ts";
import { TestVehicle } from "../testing/test-vehicle.ts";
import { library } from "./built-in.ts";
import { PeerStates } from "./peer-states.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const vehicle = new TestVehicle("vehicle-01");
const unit = new TestUnit([vehicle]);
beforeAll(() => unit.start());
afterAll(() => unit.remove());

const path = "/v1/function-states?vehicles=vehicle-01";

test("another unit and the controller may ask for states, and nobody else", async () => {
  for (const role of ["unit", "controller"] as const) {
    expect((await unit.fetch(path, {}, role)).status, role).toBe(200);
  }
  for (const role of ["cloud", "operator"] as const) {
    expect((await unit.fetch(path, {}, role)).status, role).toBe(403);
  }
  expect((await fetch(`http://127.0.0.1:${unit.ports.http}${path}`)).status).toBe(404);
});

test("what is no list of vehicles is refused", async () => {
  const many = Array.from({ length: 33 }, (_, i) => `v${i}`).join(",");
  for (const vehicles of ["", "../", "a,,b", "A", many]) {
    const asked = `/v1/function-states?vehicles=${encodeURIComponent(vehicles)}`;
    expect((await unit.fetch(asked, {}, "unit")).status, vehicles).toBe(400);
  }
});

test("a unit gets over mutual TLS what the functions of another keep of a vehicle", async () => {
  const { authority: ca, certificate: cert, key } = await vehicleIdentity(vehicle);
  const options = { clientId: vehicle.id, ca, cert, key, protocolVersion: 4 } as const;
  const mqtt = await connectAsync(`mqtts://127.0.0.1:${unit.ports.mqtt}`, options);
  const bytes = Buffer.from(vehicle.cut().bytes);
  await mqtt.publishAsync(upTopic(vehicle.id, "telemetry"), bytes, { qos: 1 });
  const identity = await processIdentity("unit-2", "unit");
  const peers = new PeerStates({ identity, clock: systemClock });
  const asked = { unitId: "unit-1", vehicles: ["vehicle-01", "vehicle-09"], limit_ms: 5000 };
  expect(await peers.states(asked)).toBeUndefined();
  const url = `https://127.0.0.1:${unit.ports.backbone}`;
  peers.use([{ unitId: "unit-1", url }]);
  await vi.waitFor(async () => {
    const states = await peers.states(asked);
    expect(states?.map(({ functionId }) => functionId).toSorted()).toEqual(
      library.map(({ manifest }) => manifest.id).toSorted(),
    );
    expect(new Set(states?.map(({ vehicleId }) => vehicleId))).toEqual(new Set(["vehicle-01"]));
  }, 20_000);
  // The address of a unit does not make it another one.
  peers.use([{ unitId: "unit-3", url }]);
  expect(await peers.states({ ...asked, unitId: "unit-3" })).toBeUndefined();
  peers.close();
  await mqtt.endAsync(true);
});

import { deadLetterTopic, sealConnectToken } from "@voltfog/messages";
import { ManualClock, type Signer, type UnitId, type VehicleId } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import { expect, test } from "vitest";
import { newSigner, TestVehicle } from "../testing/test-vehicle.ts";
import { ClientAccess } from "./client-access.ts";

const unitId = "unit-1" as UnitId;
const unit = newSigner();
const vehicle = new TestVehicle("vehicle-01");
const clock = new ManualClock(1_700_000_000_000);
const access = new ClientAccess({
  unitId,
  unitKey: unit.publicKey,
  deviceOf: (id) => (id === vehicle.id ? vehicle.device : undefined),
  crypto: nodeCrypto,
  clock,
});

function token(changes: {
  signer?: Signer;
  unitId?: UnitId;
  vehicleId?: string;
  wall_ms?: number;
}): string {
  return sealConnectToken({
    signer: changes.signer ?? vehicle.signer,
    unitId: changes.unitId ?? unitId,
    vehicleId: (changes.vehicleId ?? vehicle.id) as VehicleId,
    wall_ms: changes.wall_ms ?? clock.wall_ms(),
  });
}

const login = { clientId: vehicle.id, username: vehicle.id };

test("an enrolled vehicle with a fresh token of its key may connect", () => {
  expect(access.mayConnect({ ...login, password: token({}) })).toBe(true);
});

test.each([
  ["a token of another key", { ...login, password: token({ signer: newSigner() }) }],
  ["a token for another unit", { ...login, password: token({ unitId: "unit-2" as UnitId }) }],
  [
    "a token of an hour ago",
    { ...login, password: token({ wall_ms: clock.wall_ms() - 3_600_000 }) },
  ],
  ["another user name", { ...login, username: "vehicle-02", password: token({}) }],
  [
    "a vehicle that is not enrolled",
    {
      clientId: "vehicle-02",
      username: "vehicle-02",
      password: token({ vehicleId: "vehicle-02" }),
    },
  ],
  [
    "the unit's id with a vehicle's key",
    { clientId: unitId, username: unitId, password: token({ vehicleId: unitId }) },
  ],
  ["no password", { ...login, password: "" }],
  ["rubbish as password", { ...login, password: "ff".repeat(72) }],
])("%s may not connect", (_name, attempt) => {
  expect(access.mayConnect(attempt)).toBe(false);
});

test("an operator connects under the unit's id with a token of the unit's key", () => {
  const password = token({ signer: unit, vehicleId: unitId });
  expect(access.mayConnect({ clientId: unitId, username: unitId, password })).toBe(true);
  expect(access.mayRead(unitId, deadLetterTopic(unitId))).toBe(true);
  expect(access.mayRead(unitId, `voltfog/v1/${vehicle.id}/receipt`)).toBe(false);
});

test.each([
  ["its receipts", "voltfog/v1/vehicle-01/receipt", true],
  ["its refusals", "voltfog/v1/vehicle-01/refusal", true],
  ["its commands", "voltfog/v1/vehicle-01/command", true],
  ["what it sends itself", "voltfog/v1/vehicle-01/telemetry", false],
  ["another vehicle's receipts", "voltfog/v1/vehicle-02/receipt", false],
  ["everything", "#", false],
  ["everybody's receipts", "voltfog/v1/+/receipt", false],
  ["all of its own by wildcard", "voltfog/v1/vehicle-01/+", false],
  ["the dead letters", deadLetterTopic(unitId), false],
  ["the broker's own topics", "$SYS/#", false],
])("whether a vehicle may read %s", (_name, topic, may) => {
  expect(access.mayRead(vehicle.id, topic)).toBe(may);
});

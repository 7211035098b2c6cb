import { deadLetterTopic } from "@voltfog/messages";
import type { UnitId } from "@voltfog/runtime";
import type { PeerIdentity } from "@voltfog/runtime/node";
import { expect, test } from "vitest";
import { newSigner, TestVehicle } from "../testing/test-vehicle.ts";
import { ClientAccess } from "./client-access.ts";

const unitId = "unit-1" as UnitId;
const vehicle = new TestVehicle("vehicle-01");
const access = new ClientAccess({
  unitId,
  deviceOf: (id) => (id === vehicle.id ? vehicle.device : undefined),
});
const peer: PeerIdentity = {
  id: vehicle.id,
  role: "vehicle",
  ed25519: vehicle.signer.publicKey,
};
const operator: PeerIdentity = { id: "operator", role: "operator", ed25519: undefined };

test("an enrolled vehicle with a certificate over its enrolled key may connect under its id", () => {
  expect(access.mayConnect({ peer, clientId: vehicle.id })).toBe(true);
});

const strange = newSigner().publicKey;
test.each([
  ["another name than the certificate's", { peer, clientId: "vehicle-02" }],
  ["no name", { peer, clientId: "" }],
  ["another key than the enrolled one", { peer: { ...peer, ed25519: strange } }],
  ["a key of another kind", { peer: { ...peer, ed25519: undefined } }],
  ["a vehicle that is not enrolled", { peer: { ...peer, id: "vehicle-02" } }],
  ["another role with a vehicle's id", { peer: { ...peer, role: "unit" } as const }],
  ["an operator with a vehicle's id", { peer: { ...operator, id: vehicle.id } }],
  ["a process of the site", { peer: { ...operator, id: "cloud", role: "cloud" } as const }],
])("%s may not connect", (_name, login) => {
  expect(access.mayConnect({ clientId: login.peer.id, ...login })).toBe(false);
});

test("a revoked vehicle may not connect", () => {
  const revoked = new ClientAccess({
    unitId,
    deviceOf: () => ({ ...vehicle.device, revoked: true }),
  });
  expect(revoked.mayConnect({ peer, clientId: vehicle.id })).toBe(false);
});

test("an operator connects under its own name and reads the dead letters alone", () => {
  expect(access.mayConnect({ peer: operator, clientId: "operator" })).toBe(true);
  expect(access.mayRead(operator, deadLetterTopic(unitId))).toBe(true);
  expect(access.mayRead(operator, `voltfog/v1/${vehicle.id}/receipt`)).toBe(false);
  expect(access.mayRead(operator, "voltfog/v1/operator/receipt")).toBe(false);
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
  expect(access.mayRead(peer, topic)).toBe(may);
});

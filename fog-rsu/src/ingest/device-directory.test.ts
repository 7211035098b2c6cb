import { nodeCrypto } from "@voltfog/runtime/node";
import fc from "fast-check";
import { expect, test } from "vitest";
import { TestVehicle } from "../testing/test-vehicle.ts";
import { DeviceDirectory } from "./device-directory.ts";

const [one, two] = [new TestVehicle("vehicle-01"), new TestVehicle("vehicle-02")];
const parse = (rows: unknown): ReturnType<typeof DeviceDirectory.parse> =>
  DeviceDirectory.parse({ text: JSON.stringify(rows), crypto: nodeCrypto });

test("enrolled vehicles are found by their id, with the key id that their frames name", () => {
  const parsed = parse([one.enrolment, { ...two.enrolment, revoked: true }]);
  if (!parsed.ok) throw new Error(parsed.problem.detail);
  expect(parsed.value.deviceOf("vehicle-01")).toMatchObject({ keyId: one.keyId, revoked: false });
  expect(parsed.value.deviceOf("vehicle-02")?.revoked).toBe(true);
  expect(parsed.value.deviceOf("vehicle-03")).toBeUndefined();
});

test.each([
  ["no list", {}],
  ["a row that is no object", [null]],
  ["an id that is none", [{ ...one.enrolment, id: "Vehicle 1" }]],
  ["a short key", [{ ...one.enrolment, key: "00" }]],
  ["a salt that is no hex", [{ ...one.enrolment, salt: "zz".repeat(16) }]],
  ["revoked as text", [{ ...one.enrolment, revoked: "yes" }]],
  ["the same id twice", [one.enrolment, { ...two.enrolment, id: "vehicle-01" }]],
  ["the same key twice", [one.enrolment, { ...one.enrolment, id: "vehicle-02" }]],
])("%s is refused", (_name, rows) => {
  expect(parse(rows)).toMatchObject({ ok: false, problem: { code: "VEHICLES_INVALID" } });
});

test("no text makes it throw", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(typeof DeviceDirectory.parse({ text, crypto: nodeCrypto }).ok).toBe("boolean");
    }),
  );
});

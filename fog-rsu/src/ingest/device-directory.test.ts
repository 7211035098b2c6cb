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

test("keys that others took the place of stay known, each with the one before it", () => {
  const [first, second, third] = [
    one,
    new TestVehicle("vehicle-01"),
    new TestVehicle("vehicle-01"),
  ];
  const earlier = [first, second].map(({ enrolment: { key } }, place) => ({
    key,
    telemetry: 10 * (place + 1),
    urgent: 0,
  }));
  const parsed = parse([{ ...third.enrolment, earlier }, two.enrolment]);
  if (!parsed.ok) throw new Error(parsed.problem.detail);
  const device = parsed.value.deviceOf("vehicle-01");
  expect(device?.earlier.map(({ last }) => last.telemetry)).toEqual([10, 20]);
  expect(parsed.value.keyBefore(third.keyId)).toEqual(second.keyId);
  expect(parsed.value.keyBefore(second.keyId)).toEqual(first.keyId);
  expect(parsed.value.keyBefore(first.keyId)).toBeUndefined();
  expect(parsed.value.keyBefore(two.keyId)).toBeUndefined();
});

test.each([
  [
    "an earlier key without its last frames",
    [{ ...one.enrolment, earlier: [{ key: two.enrolment.key }] }],
  ],
  ["earlier keys that are no list", [{ ...one.enrolment, earlier: {} }]],
  [
    "an earlier key that is another vehicle's",
    [
      two.enrolment,
      { ...one.enrolment, earlier: [{ key: two.enrolment.key, telemetry: 1, urgent: 1 }] },
    ],
  ],
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

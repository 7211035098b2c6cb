import { type BatterySample, type Command, openCommandAck, sealCommand } from "@voltfog/messages";
import { ManualClock, silentLogger, type UnitId, unitId } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import fc from "fast-check";
import { expect, test } from "vitest";
import { noLimits, type PackAbilities } from "../sampling/battery-source.ts";
import { startTime_ms, testSigner, testVehicleId } from "../testing/test-vehicle.ts";
import { CommandDesk } from "./command-desk.ts";

const unit1 = unitId("unit-1") as UnitId;
const unit2 = unitId("unit-2") as UnitId;
const unit = testSigner();
const other = testSigner();
const vehicle = testSigner();

const everything: PackAbilities = { cooling: true, heating: true, bleeding: true };
const resting: BatterySample = {
  wall_ms: startTime_ms,
  monotonic_ms: 0,
  packVoltage_V: 11.1,
  packCurrent_A: 0,
  soc: 0.5,
  cellVoltage_mV: Uint16Array.of(3700, 2990, 3700),
  temperature_degC: Float32Array.of(20, 21),
};

function desk(
  abilities = everything,
  latest: BatterySample | undefined = resting,
): { desk: CommandDesk; clock: ManualClock } {
  const clock = new ManualClock(startTime_ms);
  const keys = {
    chain: "test",
    keyOf: (id: UnitId) => (id === unit1 ? unit.publicKey : other.publicKey),
  };
  const pack = { abilities, latest: () => latest };
  const options = { vehicleId: testVehicleId, signer: vehicle, keys, clock, ...pack };
  return { clock, desk: new CommandDesk({ ...options, crypto: nodeCrypto, logger: silentLogger }) };
}

let nextId = 1;
function command(given: Partial<Command> = {}, signer = unit): Uint8Array {
  const commandId = new Uint8Array(16);
  commandId[0] = nextId++;
  return sealCommand({
    command: {
      commandId,
      unitId: unit1,
      kind: "limit-charge-current",
      value: 50,
      issued_ms: startTime_ms,
      expires_ms: startTime_ms + 60_000,
      ...given,
    },
    signer,
  });
}

function answer(bytes: Uint8Array | undefined): { status: string; reason: string } {
  const ack = openCommandAck({
    bytes: bytes ?? new Uint8Array(0),
    publicKey: vehicle.publicKey,
    crypto: nodeCrypto,
  });
  if (!ack.ok) throw new Error(ack.problem.detail);
  return { status: ack.value.status, reason: ack.value.reason };
}

test("a limit holds until its command expires, the strictest of several counts", () => {
  const { desk: target, clock } = desk();
  expect(answer(target.receive(command(), unit1))).toEqual({ status: "applied", reason: "" });
  const strict = command({ value: 20, expires_ms: startTime_ms + 10_000 });
  expect(answer(target.receive(strict, unit1)).status).toBe("applied");
  target.receive(command({ kind: "request-cooling", value: 0.5 }), unit1);
  expect(target.limits()).toEqual({ ...noLimits, chargeMax_A: 20, cooling: 0.5 });
  clock.advance(10_000);
  expect(target.limits().chargeMax_A).toBe(50);
  clock.advance(50_000);
  expect(target.limits()).toEqual(noLimits);
});

test.each([
  ["expired", command({ expires_ms: startTime_ms })],
  ["SIGNATURE_INVALID", command({}, other)],
  ["another unit's", command({ unitId: unit2 })],
  ["value must be", command({ value: -1 })],
  ["value must be", command({ kind: "request-cooling", value: 2 })],
])("a command that must not be applied is refused with the reason: %s", (reason, bytes) => {
  const { desk: target } = desk();
  const given = answer(target.receive(bytes, unit1));
  expect(given.status).toBe("refused");
  expect(given.reason).toContain(reason);
  expect(target.limits()).toEqual(noLimits);
});

const nothing: PackAbilities = { cooling: false, heating: false, bleeding: false };
const balance = (bleed: readonly number[], fill: readonly number[] = []): Uint8Array =>
  command({ kind: "balance-cells", value: bleed.length + fill.length, cells: { bleed, fill } });
const hot = { ...resting, temperature_degC: Float32Array.of(20, 36) };

test.each<[string, Uint8Array, PackAbilities, BatterySample | undefined]>([
  ["no cooling", command({ kind: "request-cooling", value: 1 }), nothing, resting],
  ["no heater", command({ kind: "request-heating", value: 1 }), nothing, resting],
  ["reads 36 °C", command({ kind: "request-heating", value: 1 }), everything, hot],
  ["cannot be balanced", balance([0]), nothing, resting],
  ["not filled", balance([0], [2]), everything, resting],
  ["there is no cell 4", balance([0, 3]), everything, resting],
  ["cell 2 is at 2990 mV", balance([0, 1]), everything, resting],
])("the pack refuses what it cannot or must not do: %s", (reason, bytes, abilities, latest) => {
  const { desk: target } = desk(abilities, latest);
  const given = answer(target.receive(bytes, unit1));
  expect(given).toMatchObject({ status: "refused", reason: expect.stringContaining(reason) });
  expect(target.limits()).toEqual(noLimits);
});

test("of several commands to balance the last one counts, and none names no cell", () => {
  const { desk: target } = desk();
  target.receive(command({ kind: "request-heating", value: 0.5 }), unit1);
  target.receive(balance([0, 2]), unit1);
  expect(target.limits()).toEqual({ ...noLimits, heating: 0.5, bleed: [0, 2] });
  target.receive(balance([]), unit1);
  expect(target.limits().bleed).toEqual([]);
});

test("an unknown kind of command is refused, not ignored", () => {
  const bytes = command();
  bytes[1 + 16 + 1 + "unit-1".length] = 9;
  expect(answer(desk().desk.receive(bytes, unit1)).status).toBe("refused");
});

test("a command delivered twice is applied once and gets the same answer", () => {
  const { desk: target } = desk();
  const bytes = command();
  const first = target.receive(bytes, unit1);
  expect(target.receive(bytes, unit1)).toEqual(first);
});

test("no bytes make it throw", () => {
  const { desk: target } = desk();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      target.receive(bytes, unit1);
      expect(target.limits()).toEqual(noLimits);
    }),
  );
});

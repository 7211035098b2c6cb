import { type Command, openCommandAck, sealCommand } from "@voltfog/messages";
import { ManualClock, silentLogger, type UnitId, unitId } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import fc from "fast-check";
import { expect, test } from "vitest";
import { noLimits } from "../sampling/battery-source.ts";
import { startTime_ms, testSigner, testVehicleId } from "../testing/test-vehicle.ts";
import { CommandDesk } from "./command-desk.ts";

const unit1 = unitId("unit-1") as UnitId;
const unit2 = unitId("unit-2") as UnitId;
const unit = testSigner();
const other = testSigner();
const vehicle = testSigner();

function desk(): { desk: CommandDesk; clock: ManualClock } {
  const clock = new ManualClock(startTime_ms);
  const keys = {
    chain: "test",
    keyOf: (id: UnitId) => (id === unit1 ? unit.publicKey : other.publicKey),
  };
  const options = { vehicleId: testVehicleId, signer: vehicle, keys, clock };
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

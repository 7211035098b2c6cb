import { openCommand, sealCommandAck } from "@voltfog/messages";
import { ManualClock, SeededRandom, silentLogger, type UnitId, unitId } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import { expect, test } from "vitest";
import { newSigner, TestVehicle } from "../testing/test-vehicle.ts";
import { CommandDesk } from "./command-desk.ts";

const start_ms = 1_790_000_000_000;
const unit = newSigner();

function setUp(): {
  ask: (given: { kind?: "request-heating" | "request-cooling"; isPatient?: boolean }) => string;
  refuse: () => void;
  clock: ManualClock;
  desk: CommandDesk;
} {
  const vehicle = new TestVehicle("vehicle-01");
  const { device } = vehicle;
  const clock = new ManualClock(start_ms);
  const sent: Uint8Array[] = [];
  const desk = new CommandDesk({
    ...{ signer: unit, crypto, clock, logger: silentLogger, random: new SeededRandom(1) },
    unitId: unitId("unit-1") as UnitId,
    send: ({ bytes }) => sent.push(bytes) > 0,
  });
  return {
    clock,
    desk,
    ask: ({ kind = "request-heating", isPatient = true }) =>
      desk.ask({ device, kind, value: 1, because: "a sensor reads 2 °C", isPatient })?.status ??
      "not sent",
    refuse: () => {
      const opened = openCommand({
        bytes: sent.at(-1) ?? new Uint8Array(),
        publicKey: unit.publicKey,
        crypto,
      });
      if (!opened.ok) throw new Error(opened.problem.code);
      const { commandId } = opened.value;
      const ack = {
        ...{ commandId, vehicleId: device.vehicleId, wall_ms: start_ms },
        status: "refused" as const,
        reason: "no heater",
      };
      desk.answer({ device, bytes: sealCommandAck({ ack, signer: vehicle.signer }) });
    },
  };
}

test("what a vehicle refused a function asks again after ten minutes, an operator at once", () => {
  const { ask, refuse, clock } = setUp();
  expect(ask({})).toBe("sent");
  expect(ask({})).toBe("sent");
  refuse();
  expect(ask({})).toBe("not sent");
  expect(ask({ kind: "request-cooling" })).toBe("sent");
  expect(ask({ isPatient: false })).toBe("sent");
  refuse();
  clock.advance(600_000);
  expect(ask({})).toBe("sent");
});

test("a command is kept with why it was asked and how it was answered", () => {
  const { ask, refuse, desk } = setUp();
  ask({});
  refuse();
  expect(desk.statusOf("vehicle-01")).toMatchObject([
    {
      kind: "request-heating",
      because: "a sensor reads 2 °C",
      status: "refused",
      reason: "no heater",
    },
  ]);
});

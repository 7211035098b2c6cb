import { ManualClock, type UnitId } from "@voltfog/runtime";
import { expect, test } from "vitest";
import { testVehicleId } from "../testing/test-vehicle.ts";
import { AttachmentChooser } from "./attachment-chooser.ts";
import type { UplinkTarget } from "./uplink-session.ts";

const units = [1, 2, 3].map(
  (n): UplinkTarget => ({ unitId: `unit-${n}` as UnitId, host: "127.0.0.1", port: 1880 + n }),
);
const [unit1, unit2, unit3] = units as [UplinkTarget, UplinkTarget, UplinkTarget];

function chooser(given: { answer?: UplinkTarget; startAt?: number; none?: boolean } = {}) {
  const clock = new ManualClock(0);
  const state = { answer: given.answer };
  const target = new AttachmentChooser({
    vehicleId: testVehicleId,
    controller: {
      attachment: async () => state.answer,
      reportLatencies: async () => new Map(),
      close() {},
    },
    units: given.none ? [] : units,
    clock,
    startAt: given.startAt ?? 0,
  });
  return { target, clock, state };
}

test("the controller's choice counts", async () => {
  expect(await chooser({ answer: unit2 }).target.choose()).toEqual(unit2);
});

test("without a controller vehicles start at different units and go round when one fails", async () => {
  const { target } = chooser({ startAt: 2 });
  expect(await target.choose()).toEqual(unit3);
  target.failed(unit3);
  expect(await target.choose()).toEqual(unit1);
  target.failed(unit1);
  expect(await target.choose()).toEqual(unit2);
  target.failed(unit2);
  expect(await target.choose()).toEqual(unit3); // All failed: better any than none.
});

test("a chosen unit that cannot be reached is left out for a while, then tried again", async () => {
  const { target, clock } = chooser({ answer: unit2 });
  target.failed(unit2);
  clock.advance(3000);
  expect(await target.choose()).toEqual(unit3);
  clock.advance(7000);
  expect(await target.choose()).toEqual(unit2);
});

test("a controller that still names a unit that has just failed is asked again soon, for a while", async () => {
  const { target, clock, state } = chooser({ answer: unit2 });
  target.failed(unit2);
  expect(await target.choose()).toBe("soon");
  clock.advance(2999);
  target.failed(unit2);
  expect(await target.choose()).toBe("soon");
  state.answer = unit1;
  expect(await target.choose()).toEqual(unit1);
  state.answer = unit2;
  clock.advance(1);
  expect(await target.choose()).toEqual(unit3);
  target.reached(unit2);
  expect(await target.choose()).toEqual(unit2);
});

test("a unit that has just failed is no reason to give up a working connection, later it is", async () => {
  const { target, clock } = chooser({ answer: unit2 });
  expect(await target.better(unit2)).toBeUndefined();
  expect(await target.better(unit1)).toEqual(unit2);
  target.failed(unit2);
  expect(await target.better(unit1)).toBeUndefined();
  clock.advance(10_000);
  expect(await target.better(unit1)).toEqual(unit2);
});

test("with neither controller nor list there is no unit", async () => {
  expect(await chooser({ none: true }).target.choose()).toBeUndefined();
});

import { decodeReceipt, type OpenedReceipt, verifyReceipt } from "@voltfog/messages";
import { assert, ManualClock, type UnitId } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import { beforeEach, expect, test } from "vitest";
import { acceptedEntry, type LogItem, refusedEntry } from "../log/log-item.ts";
import { authenticate } from "../testing/authenticate.ts";
import { newSigner, TestVehicle, telemetry } from "../testing/test-vehicle.ts";
import { Receipts } from "./receipts.ts";

const signer = newSigner();
let clock: ManualClock;
let sent: { to: string; receipt: OpenedReceipt }[];
let receipts: Receipts;
let vehicle: TestVehicle;
let device: TestVehicle["device"];

beforeEach(() => {
  clock = new ManualClock();
  sent = [];
  vehicle = new TestVehicle("vehicle-01");
  ({ device } = vehicle);
  receipts = new Receipts({
    unitId: "unit-1" as UnitId,
    signer,
    clock,
    send: ({ clientId = "nobody", topic, bytes }) => {
      expect(topic).toBe(`voltfog/v1/${clientId}/receipt`);
      const decoded = decodeReceipt(bytes);
      assert(decoded.ok, "the unit writes what vehicles read");
      sent.push({ to: clientId, receipt: decoded.value });
      return true;
    },
  });
});

function item(from = vehicle, as = device): LogItem {
  const { bytes } = from.cut();
  const topic = `voltfog/v1/${from.id}/telemetry`;
  const arrival = { sender: from.id, topic, bytes };
  const opened = authenticate({ arrival, device: as, crypto });
  assert(opened.ok, "a good frame");
  const authentic = opened.value;
  const payload = telemetry();
  const entry = acceptedEntry({ authentic, payload, linked: true });
  return { authentic, entry, accepted_ms: 0, payload, refusal: undefined };
}

/** What was sent: to whom, which sequences at which places, under which checkpoint. */
const told = (): readonly string[] =>
  sent.map(({ to, receipt }) => {
    const places = receipt.entries.map(({ sequence, index }) => `${sequence}@${index}`);
    return `${to} ${places.join(",")} ${receipt.checkpoint}`;
  });

test("the first frame after a pause gets its receipt at once, and it proves itself", () => {
  receipts.sendGroup([item()], { firstIndex: 7, checkpoint: "one" });
  expect(told()).toEqual(["vehicle-01 1@7 one"]);
  const receipt = sent[0]?.receipt ?? expect.fail();
  expect(receipt.keyId).toEqual(vehicle.keyId);
  expect(verifyReceipt({ receipt, publicKey: signer.publicKey, crypto })).toBe(true);
});

test("what comes soon after is one receipt under the newest checkpoint, and then silence is awaited again", () => {
  for (const at of [0, 1, 2]) {
    receipts.sendGroup([item()], { firstIndex: at, checkpoint: `of ${at + 1}` });
  }
  expect(told()).toEqual(["vehicle-01 1@0 of 1"]);
  clock.advance(250);
  expect(told().slice(1)).toEqual(["vehicle-01 2@1,3@2 of 3"]);
  clock.advance(250);
  receipts.sendGroup([item()], { firstIndex: 3, checkpoint: "of 4" });
  expect(told().slice(2)).toEqual(["vehicle-01 4@3 of 4"]);
});

test("each vehicle gets its own frames, and a refused one gets none", () => {
  const other = new TestVehicle("vehicle-02");
  const refused = item();
  const refusal = { code: "RANGE_IMPLAUSIBLE", detail: "hot" } as const;
  const entry = refusedEntry({
    authentic: refused.authentic,
    code: refusal.code,
    linked: true,
    samples: 1,
  });
  const group = [{ ...refused, entry, refusal }, item(other, other.device), item()];
  receipts.sendGroup(group, { firstIndex: 10, checkpoint: "x" });
  expect(told()).toEqual(["vehicle-02 1@11 x", "vehicle-01 2@12 x"]);
});

test("a resent frame gets its receipt at once", () => {
  const { authentic } = item();
  receipts.sendAgain(authentic, { index: 4, checkpoint: "five" });
  receipts.sendAgain(authentic, { index: 4, checkpoint: "five" });
  expect(told()).toEqual(["vehicle-01 1@4 five", "vehicle-01 1@4 five"]);
});

test("no receipt has more entries than a vehicle reads", () => {
  const one = item();
  const group = Array.from({ length: 1500 }, () => one);
  receipts.sendGroup([one], { firstIndex: 0, checkpoint: "a" });
  receipts.sendGroup(group, { firstIndex: 1, checkpoint: "b" });
  clock.advance(250);
  expect(sent.map(({ receipt }) => receipt.entries.length)).toEqual([1, 1024, 476]);
});

test("at the end nothing stays untold", () => {
  receipts.sendGroup([item()], { firstIndex: 0, checkpoint: "a" });
  receipts.sendGroup([item()], { firstIndex: 1, checkpoint: "b" });
  receipts.flush();
  clock.advance(1000);
  expect(told()).toEqual(["vehicle-01 1@0 a", "vehicle-01 2@1 b"]);
});

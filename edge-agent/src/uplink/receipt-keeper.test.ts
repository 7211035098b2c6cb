import { readFileSync } from "node:fs";
import { join } from "node:path";
import { encodeReceipt, type Receipt } from "@voltfog/messages";
import { ManualClock, silentLogger, type UnitId, unitId, utf8 } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type JournalRecord, noCommitment } from "../outbox/journal-record.ts";
import { temporaryFolder, testSigner } from "../testing/test-vehicle.ts";
import { ReceiptKeeper } from "./receipt-keeper.ts";

const unit1 = unitId("unit-1") as UnitId;
const unit = testSigner();
const origin = "voltfog/test/log/unit-1";

function note(options: { name?: string; signer?: typeof unit } = {}): string {
  const { name = origin, signer = unit } = options;
  const text = `${name}\n7\nAAAA\n`;
  const signature = Buffer.concat([Buffer.alloc(4), signer.sign(utf8(text))]).toString("base64");
  return `${text}\n— ${name} ${signature}\n`;
}

const commitment = new Uint8Array(32).fill(5);
function receipt(given: Partial<Receipt> = {}): Uint8Array {
  return encodeReceipt({
    unitId: unit1,
    entries: [{ stream: "telemetry", sequence: 3, commitment, index: 6 }],
    checkpoint: note(),
    ...given,
  });
}

function keeper() {
  const folder = temporaryFolder();
  const clock = new ManualClock(0);
  const keys = {
    chain: "test",
    keyOf: (id: UnitId) => (id === unit1 ? unit.publicKey : undefined),
  };
  const options = { folder, keys, clock, crypto: nodeCrypto, logger: silentLogger };
  return { folder, clock, target: new ReceiptKeeper(options) };
}

test("a good receipt is on disk within a second, the latest of its stream only", () => {
  const { folder, clock, target } = keeper();
  expect(target.receive(receipt(), unit1)).toBe("kept");
  const later = receipt({ entries: [{ stream: "telemetry", sequence: 4, commitment, index: 7 }] });
  expect(target.receive(later, unit1)).toBe("kept");
  expect(target.receive(receipt(), unit1)).toBe("kept");
  clock.advance(1000);
  expect(new Uint8Array(readFileSync(join(folder, "telemetry")))).toEqual(later);
});

test.each([
  ["wrong-unit", receipt({ unitId: "unit-2" as UnitId }), unit1],
  ["wrong-unit", receipt({ unitId: "unit-2" as UnitId }), "unit-2" as UnitId],
  ["signature-invalid", receipt({ checkpoint: note({ signer: testSigner() }) }), unit1],
  ["signature-invalid", receipt({ checkpoint: note({ name: "voltfog/other/log/unit-1" }) }), unit1],
  ["signature-invalid", receipt({ checkpoint: note().replace("\n7\n", "\n8\n") }), unit1],
  ["signature-invalid", receipt({ checkpoint: "" }), unit1],
  ["malformed", receipt().subarray(1), unit1],
])("a receipt that proves nothing is not kept: %s", (verdict, bytes, from) => {
  expect(keeper().target.receive(bytes, from)).toBe(verdict);
});

test("a receipt for another frame than the one that was sent is called a contradiction", () => {
  const { target } = keeper();
  const record = { kind: "telemetry", stream: "telemetry", sequence: 3, commitment: noCommitment };
  target.note([record as JournalRecord]);
  expect(target.receive(receipt(), unit1)).toBe("contradicts");
  target.note([{ ...record, commitment } as JournalRecord]);
  expect(target.receive(receipt(), unit1)).toBe("kept");
});

test("no bytes make it throw", () => {
  const { target } = keeper();
  fc.assert(fc.property(fc.uint8Array(), (bytes) => target.receive(bytes, unit1) !== "kept"));
});

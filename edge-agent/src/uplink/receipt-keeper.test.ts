import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { decodeHello, type Receipt, type ReceiptEntry, sealReceipt } from "@voltfog/messages";
import {
  ByteWriter,
  equalBytes,
  ManualClock,
  silentLogger,
  type UnitId,
  unitId,
  utf8,
} from "@voltfog/runtime";
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
const keyId = new Uint8Array(16).fill(8);
const entry: ReceiptEntry = { stream: "telemetry", sequence: 3, commitment, index: 6 };

function receipt(given: Partial<Receipt> = {}, signer = unit): Uint8Array {
  const whole = { unitId: unit1, keyId, entries: [entry], checkpoint: note(), ...given };
  return sealReceipt({ receipt: whole, signer });
}

/** As units wrote it before receipts were signed. */
function unsigned(): Uint8Array {
  const writer = new ByteWriter().u8(1).text(unit1).u32(1).u8(0).u64(3).raw(commitment).u64(6);
  return writer.block(utf8(note())).finish();
}

function keeper(folder = temporaryFolder()) {
  const clock = new ManualClock(0);
  const keys = {
    chain: "test",
    keyOf: (id: UnitId) => (id === unit1 ? unit.publicKey : undefined),
  };
  const kept: string[] = [];
  const onKept = (entries: readonly ReceiptEntry[]): void => {
    kept.push(...entries.map(({ stream, sequence }) => `${stream} ${sequence}`));
  };
  const isOwn = (given: Uint8Array): boolean => equalBytes(given, keyId);
  const options = { folder, isOwn, keys, clock, crypto: nodeCrypto, logger: silentLogger, onKept };
  return { folder, clock, kept, target: new ReceiptKeeper(options) };
}

test("a good receipt is on disk within a second, the latest of its stream only", () => {
  const { folder, clock, kept, target } = keeper();
  expect(target.receive(receipt(), unit1)).toBe("kept");
  const later = receipt({ entries: [{ ...entry, sequence: 4, index: 7 }] });
  expect(target.receive(later, unit1)).toBe("kept");
  expect(target.receive(receipt(), unit1)).toBe("kept");
  clock.advance(1000);
  expect(new Uint8Array(readFileSync(join(folder, "telemetry")))).toEqual(later);
  expect(kept).toEqual(["telemetry 3", "telemetry 4", "telemetry 3"]);
});

test.each([
  ["wrong-unit", receipt({ unitId: "unit-2" as UnitId }), unit1],
  ["wrong-unit", receipt({ unitId: "unit-2" as UnitId }), "unit-2" as UnitId],
  ["wrong-vehicle", receipt({ keyId: new Uint8Array(16) }), unit1],
  ["signature-invalid", receipt({}, testSigner()), unit1],
  ["signature-invalid", receipt({ checkpoint: note({ signer: testSigner() }) }), unit1],
  ["signature-invalid", receipt({ checkpoint: note({ name: "voltfog/other/log/unit-1" }) }), unit1],
  ["signature-invalid", receipt({ checkpoint: note().replace("\n7\n", "\n8\n") }), unit1],
  ["signature-invalid", receipt({ checkpoint: "" }), unit1],
  ["malformed", receipt().subarray(1), unit1],
])("a receipt that proves nothing is not kept: %s", (verdict, bytes, from) => {
  const { target, kept } = keeper();
  expect(target.receive(bytes, from)).toBe(verdict);
  expect([target.hello(), target.shown("telemetry"), kept]).toEqual([undefined, undefined, []]);
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

test("the next unit is shown the latest receipt of each stream, also after a restart", () => {
  const { folder, target } = keeper();
  expect(target.hello()).toBeUndefined();
  const alarm = receipt({ entries: [{ ...entry, stream: "urgent", sequence: 1 }] });
  const telemetry = receipt({ entries: [{ ...entry, sequence: 4 }] });
  for (const bytes of [receipt(), alarm, telemetry]) target.receive(bytes, unit1);
  target.flush();
  for (const { target: one } of [{ target }, keeper(folder)]) {
    expect(decodeHello(one.hello() ?? utf8(""))).toEqual({
      ok: true,
      value: { receipts: [telemetry, alarm] },
    });
    expect([one.shown("telemetry"), one.shown("urgent")]).toEqual([4, 1]);
  }
});

test("a receipt that speaks of both streams is shown once", () => {
  const { target } = keeper();
  const both = receipt({ entries: [entry, { ...entry, stream: "urgent" }] });
  target.receive(both, unit1);
  expect(decodeHello(target.hello() ?? utf8(""))).toMatchObject({ value: { receipts: [both] } });
});

test("an older unit's receipt is kept as evidence of a kind and shown to nobody", () => {
  const { folder, target } = keeper();
  expect(target.receive(unsigned(), unit1)).toBe("kept");
  target.flush();
  expect(new Uint8Array(readFileSync(join(folder, "telemetry")))).toEqual(unsigned());
  for (const one of [target, keeper(folder).target]) {
    expect([one.hello(), one.shown("telemetry")]).toEqual([undefined, undefined]);
  }
});

test("a damaged file of an earlier run is as good as none", () => {
  const { folder, target } = keeper();
  target.receive(receipt(), unit1);
  target.flush();
  writeFileSync(join(folder, "telemetry"), receipt().subarray(0, 50));
  expect(keeper(folder).target.hello()).toBeUndefined();
});

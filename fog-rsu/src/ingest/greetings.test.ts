import { logOrigin, signCheckpoint } from "@voltfog/ledger";
import {
  encodeHello,
  type Receipt,
  type ReceiptEntry,
  sealReceipt,
  upTopic,
} from "@voltfog/messages";
import {
  ByteWriter,
  type Logger,
  type Signer,
  silentLogger,
  type UnitId,
  utf8,
} from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import fc from "fast-check";
import { beforeEach, expect, test, vi } from "vitest";
import { newSigner, TestVehicle } from "../testing/test-vehicle.ts";
import { Greetings } from "./greetings.ts";
import type { StreamTail } from "./place-in-stream.ts";
import type { StreamKey } from "./stream-table.ts";

const vehicle = new TestVehicle("vehicle-01");
const stranger = new TestVehicle("vehicle-02");
const outcast = new TestVehicle("vehicle-03");
const here = { id: "unit-1" as UnitId, signer: newSigner() };
const there = { id: "unit-2" as UnitId, signer: newSigner() };
const units = [here, there];
const origin = (unitId: string): string => logOrigin({ chain: "test", unitId });

let shown: string[];
let tail: StreamTail | undefined;
let errors: string[];
let greetings: Greetings;

beforeEach(() => {
  shown = [];
  tail = undefined;
  errors = [];
  const error = vi.fn((phrase: string) => errors.push(phrase));
  const logger = { ...silentLogger, error } as unknown as Logger;
  greetings = new Greetings({
    unitId: here.id,
    deviceOf: (id) => {
      if (id === outcast.id) return { ...outcast.device, revoked: true };
      return id === vehicle.id ? vehicle.device : undefined;
    },
    unitOf: (unitId) => {
      const unit = units.find(({ id }) => id === unitId);
      return unit && { publicKey: unit.signer.publicKey, chain: "test" };
    },
    tailOf: () => tail,
    shown: ({ stream }: StreamKey, last) =>
      shown.push(`${stream} ${last.sequence} ${last.commitment[0]}`),
    crypto,
    logger,
  });
});

const entry: ReceiptEntry = {
  stream: "telemetry",
  sequence: 9,
  commitment: new Uint8Array(32).fill(9),
  index: 40,
};

function note(options: { size?: number; unitId?: string; signer?: Signer } = {}): string {
  const { size = 41, unitId = there.id, signer = there.signer } = options;
  return signCheckpoint({
    origin: origin(unitId),
    size,
    root: new Uint8Array(32),
    signer,
    crypto,
  });
}

function receipt(changes: Partial<Receipt> = {}, signer: Signer = there.signer): Uint8Array {
  const { keyId } = vehicle;
  const whole = { unitId: there.id, keyId, entries: [entry], checkpoint: note(), ...changes };
  return sealReceipt({ receipt: whole, signer });
}

function greet(receipts: readonly Uint8Array[]): ReturnType<Greetings["take"]> {
  return show(encodeHello({ receipts }));
}

function show(bytes: Uint8Array, sender: string = vehicle.id): ReturnType<Greetings["take"]> {
  return greetings.take({ sender, topic: upTopic(vehicle.id, "hello"), bytes });
}

test("a receipt of another unit lets each stream go on after the last frame that it names", () => {
  const entries = [
    { ...entry, sequence: 10, commitment: new Uint8Array(32).fill(10) },
    entry,
    { ...entry, stream: "urgent", sequence: 2 } as const,
  ];
  expect(greet([receipt({ entries })])).toEqual([]);
  expect(shown).toEqual(["telemetry 10 10", "urgent 2 9"]);
});

const changedByte = (bytes: Uint8Array, at: number): Uint8Array =>
  bytes.map((byte, place) => (place === at ? byte ^ 1 : byte));
/** As units wrote it before receipts were signed. */
const unsigned = new ByteWriter()
  .u8(1)
  .text(there.id)
  .u32(1)
  .u8(0)
  .u64(9)
  .raw(entry.commitment)
  .u64(40)
  .block(utf8(note()))
  .finish();

test.each([
  ["a forged signature", "SIGNATURE_INVALID", receipt({}, newSigner())],
  ["another unit's signature", "SIGNATURE_INVALID", receipt({}, here.signer)],
  ["a sequence raised by hand", "SIGNATURE_INVALID", changedByte(receipt(), 1 + 7 + 16 + 4 + 8)],
  ["another vehicle's frames", "OTHER_VEHICLE", receipt({ keyId: stranger.keyId })],
  ["a unit that the consortium lacks", "UNIT_UNKNOWN", receipt({ unitId: "unit-9" as UnitId })],
  [
    "a checkpoint of another unit",
    "CHECKPOINT_INVALID",
    receipt({ checkpoint: note({ unitId: here.id, signer: here.signer }) }),
  ],
  [
    "a checkpoint that somebody else signed",
    "CHECKPOINT_INVALID",
    receipt({ checkpoint: note({ signer: newSigner() }) }),
  ],
  [
    "an entry beyond its checkpoint",
    "CHECKPOINT_INVALID",
    receipt({ checkpoint: note({ size: 40 }) }),
  ],
  ["version 1, which the unit signed no entry of", "RECEIPT_UNSIGNED", unsigned],
  ["bytes that are no receipt", "RECEIPT_MALFORMED", Uint8Array.of(2, 1)],
])("a receipt with %s is refused and lets nothing go on", (_what, problem, bytes) => {
  expect(greet([bytes])).toMatchObject([
    { code: "RECEIPT_INVALID", detail: expect.stringContaining(problem) },
  ]);
  expect(shown).toEqual([]);
});

test("a good receipt counts beside one that is refused", () => {
  expect(greet([unsigned, receipt()])).toHaveLength(1);
  expect(shown).toEqual(["telemetry 9 9"]);
});

test("an old receipt, behind what this log holds, is passed over", () => {
  tail = { sequence: 9, commitment: entry.commitment };
  expect(greet([receipt()])).toEqual([]);
  expect(shown).toEqual([]);
});

test("a receipt of this very unit links nothing; where the log lacks its frame, an operator hears of it", () => {
  const own = receipt(
    { unitId: here.id, checkpoint: note({ unitId: here.id, signer: here.signer }) },
    here.signer,
  );
  tail = { sequence: 9, commitment: entry.commitment };
  expect(greet([own])).toEqual([]);
  expect(errors).toEqual([]);
  tail = { sequence: 8, commitment: entry.commitment };
  expect(greet([own])).toEqual([]);
  expect(shown).toEqual([]);
  expect(errors).toEqual(["the log is behind a receipt of this unit"]);
});

test("what is no hello of its sender is left to the others", () => {
  const bytes = encodeHello({ receipts: [receipt()] });
  const topic = upTopic(vehicle.id, "hello");
  expect(greetings.take({ sender: stranger.id, topic, bytes })).toBeUndefined();
  const telemetry = upTopic(vehicle.id, "telemetry");
  expect(greetings.take({ sender: vehicle.id, topic: telemetry, bytes })).toBeUndefined();
  expect(greetings.take({ sender: vehicle.id, topic: "a/b", bytes })).toBeUndefined();
  expect(shown).toEqual([]);
});

test("a vehicle whose key is unknown or revoked shows nothing", () => {
  for (const [{ id, keyId }, code] of [
    [stranger, "KEY_UNKNOWN"],
    [outcast, "KEY_REVOKED"],
  ] as const) {
    const bytes = encodeHello({ receipts: [receipt({ keyId })] });
    const arrival = { sender: id, topic: upTopic(id, "hello"), bytes };
    expect(greetings.take(arrival)).toMatchObject([{ code }]);
  }
  expect(shown).toEqual([]);
});

test("no bytes make it throw or let anything go on", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, inside) => {
      const verdict = inside ? greet([bytes]) : show(bytes);
      // An empty list of receipts is a good hello.
      const isEmpty =
        !inside && bytes.length === 5 && bytes.every((byte, i) => byte === +(i === 0));
      expect(verdict).toHaveLength(isEmpty ? 0 : 1);
    }),
  );
  expect(shown).toEqual([]);
});

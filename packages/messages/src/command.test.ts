import { CodedError, type UnitId, type VehicleId } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Command, commandKinds, openCommand, sealCommand } from "./command.ts";
import { type CommandAck, openCommandAck, sealCommandAck } from "./command-ack.ts";
import { publishedSigner as signer } from "./node/published-signer.ts";
import { changed } from "./testing/canonical-faults.ts";

const publicKey = signer.publicKey;
const command: Command = {
  commandId: new Uint8Array(16).fill(9),
  unitId: "unit-1" as UnitId,
  kind: "limit-charge-current",
  value: 75.5,
  issued_ms: 1_790_000_000_000,
  expires_ms: 1_790_000_060_000,
};
const ack: CommandAck = {
  commandId: command.commandId,
  vehicleId: "vehicle-01" as VehicleId,
  status: "refused",
  reason: "expired",
  wall_ms: 1_790_000_100_000,
};

describe("a command and its acknowledgement", () => {
  const messages: [string, Uint8Array, (bytes: Uint8Array) => { ok: boolean }][] = [
    [
      "command",
      sealCommand({ command, signer }),
      (bytes) => openCommand({ bytes, publicKey, crypto }),
    ],
    [
      "ack",
      sealCommandAck({ ack, signer }),
      (bytes) => openCommandAck({ bytes, publicKey, crypto }),
    ],
  ];

  it("come back as they were sealed", () => {
    for (const kind of commandKinds) {
      const bytes = sealCommand({ command: { ...command, kind }, signer });
      expect(openCommand({ bytes, publicKey, crypto })).toEqual({
        ok: true,
        value: { ...command, kind },
      });
    }
    for (const status of ["applied", "refused"] as const) {
      const bytes = sealCommandAck({ ack: { ...ack, status }, signer });
      expect(openCommandAck({ bytes, publicKey, crypto })).toEqual({
        ok: true,
        value: { ...ack, status },
      });
    }
  });

  it.each(messages)(
    "are refused with any one byte changed, missing or added: %s",
    (_name, bytes, open) => {
      expect(open(bytes).ok).toBe(true);
      for (let place = 0; place < bytes.length; place++) {
        expect(open(changed(bytes, place, 1 << (place % 8))).ok).toBe(false);
        expect(open(bytes.subarray(0, place)).ok).toBe(false);
      }
      expect(open(Uint8Array.of(...bytes, 0)).ok).toBe(false);
    },
  );

  it.each(messages)("get a verdict for any bytes: %s", (_name, _bytes, open) => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => !open(bytes).ok));
  });

  it("are not taken for each other, nor from another key", () => {
    const bytes = sealCommand({ command, signer });
    expect(openCommandAck({ bytes, publicKey, crypto }).ok).toBe(false);
    expect(openCommand({ bytes, publicKey: new Uint8Array(32).fill(1), crypto })).toMatchObject({
      ok: false,
      problem: { code: "SIGNATURE_INVALID" },
    });
  });

  it("stop an encoder that is given what they cannot carry", () => {
    const wrong: (() => unknown)[] = [
      () => sealCommand({ command: { ...command, value: Number.POSITIVE_INFINITY }, signer }),
      () => sealCommand({ command: { ...command, commandId: new Uint8Array(15) }, signer }),
      () => sealCommand({ command: { ...command, unitId: "Unit 1" as UnitId }, signer }),
      () => sealCommandAck({ ack: { ...ack, reason: "x".repeat(256) }, signer }),
      () => sealCommandAck({ ack: { ...ack, reason: "\ud800" }, signer }),
    ];
    for (const seal of wrong) expect(seal).toThrow(CodedError);
  });
});

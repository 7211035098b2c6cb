import { CodedError, type UnitId, type VehicleId } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  balancedCellsMax,
  type CellBalancing,
  type Command,
  commandKinds,
  openCommand,
  sealCommand,
} from "./command.ts";
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
    for (const kind of commandKinds.filter((one) => one !== "balance-cells")) {
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

  it("name the cells to balance, each once", () => {
    const cell = fc.integer({ min: 0, max: balancedCellsMax - 1 });
    fc.assert(
      fc.property(fc.uniqueArray(cell, { maxLength: 200 }), fc.nat({ max: 200 }), (all, split) => {
        const sorted = (part: readonly number[]): number[] => part.toSorted((a, b) => a - b);
        const cells = { bleed: sorted(all.slice(0, split)), fill: sorted(all.slice(split)) };
        const given: Command = { ...command, kind: "balance-cells", value: all.length, cells };
        const bytes = sealCommand({ command: given, signer });
        expect(openCommand({ bytes, publicKey, crypto })).toEqual({ ok: true, value: given });
      }),
    );
  });

  it("stop an encoder that is given what they cannot carry", () => {
    const balance = (cells: CellBalancing | undefined, value: number): (() => unknown) => {
      const { ...given } = { ...command, kind: "balance-cells" as const, value };
      return () =>
        sealCommand({ command: cells === undefined ? given : { ...given, cells }, signer });
    };
    const wrong: (() => unknown)[] = [
      balance(undefined, 0),
      balance({ bleed: [1], fill: [1] }, 2),
      balance({ bleed: [1], fill: [] }, 2),
      balance({ bleed: [-1], fill: [] }, 1),
      balance({ bleed: [balancedCellsMax], fill: [] }, 1),
      balance({ bleed: [0.5], fill: [] }, 1),
      () => sealCommand({ command: { ...command, cells: { bleed: [], fill: [] } }, signer }),
      () => sealCommand({ command: { ...command, value: Number.POSITIVE_INFINITY }, signer }),
      () => sealCommand({ command: { ...command, commandId: new Uint8Array(15) }, signer }),
      () => sealCommand({ command: { ...command, unitId: "Unit 1" as UnitId }, signer }),
      () => sealCommandAck({ ack: { ...ack, reason: "x".repeat(256) }, signer }),
      () => sealCommandAck({ ack: { ...ack, reason: "\ud800" }, signer }),
    ];
    for (const seal of wrong) expect(seal).toThrow(CodedError);
  });
});

import type { Outcome } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import fc from "fast-check";
import { expect, it } from "vitest";
import { codecFault } from "../testing/codec-laws.ts";
import { signerOf } from "../testing/consortium.ts";
import {
  meetingPoints,
  number,
  orderRecord,
  position,
  rawBytes,
  small,
  someId,
  tradeRecord,
} from "../testing/v2v-arbitraries.ts";
import {
  decodeBuyOrder,
  decodeMeetingPoints,
  decodeOrderRemoval,
  decodeSellOrder,
  decodeTradeResolution,
  decodeV2vId,
  decodeV2vRules,
  decodeVehicleLink,
  encodeBuyOrder,
  encodeMeetingPoints,
  encodeOrderRemoval,
  encodeSellOrder,
  encodeTradeResolution,
  encodeV2vId,
  encodeV2vRules,
  encodeVehicleLink,
  signVehicleLink,
  verifyVehicleLink,
} from "./v2v-orders.ts";
import {
  decodeBookRecord,
  decodeLinkedVehicle,
  decodeOrderRecord,
  decodePlacedOrder,
  decodeTradeRecord,
  decodeVehicleList,
  encodeBookRecord,
  encodeLinkedVehicle,
  encodeOrderRecord,
  encodePlacedOrder,
  encodeTradeRecord,
  encodeVehicleList,
} from "./v2v-records.ts";
import {
  decodeEnergyStatement,
  encodeEnergyStatement,
  signEnergyStatement,
  verifyEnergyStatement,
} from "./v2v-statement.ts";

interface Format {
  readonly name: string;
  /** The first broken law of the format over arbitrary values and bytes. */
  check(): void;
}

function format<T>(
  name: string,
  values: fc.Arbitrary<T>,
  codec: { encode: (value: T) => Uint8Array; decode: (bytes: Uint8Array) => Outcome<T> },
): Format {
  const { encode, decode } = codec;
  const check = (): void =>
    fc.assert(
      fc.property(values, fc.uint8Array({ maxLength: 400 }), (value, any) => {
        const bytes = encode(value);
        expect(decode(bytes)).toEqual({ ok: true, value });
        expect(codecFault({ bytes, encode, decode })).toBeUndefined();
        any[0] = 1; // The version, so that some get past it.
        const decoded = decode(any);
        if (decoded.ok) expect(encode(decoded.value)).toEqual(any);
      }),
      { numRuns: 30 },
    );
  return { name, check };
}

const order = { orderId: rawBytes(16), vehicle: rawBytes(32), energy_Wh: number };
const count = { energy_Wh: number, from_ms: number, to_ms: number };
const optionalId = fc.option(someId, { nil: undefined });

const formats: readonly Format[] = [
  format(
    "link",
    fc.record({ vehicle: rawBytes(32), usePerKm_Wh: small, possession: rawBytes(64) }),
    { encode: encodeVehicleLink, decode: decodeVehicleLink },
  ),
  format(
    "sell",
    fc.record({
      ...order,
      spare_Wh: number,
      pricePerKWh: number,
      ownPricePerKWh: number,
      position,
    }),
    { encode: encodeSellOrder, decode: decodeSellOrder },
  ),
  format(
    "buy",
    fc.record({
      ...order,
      maxPricePerKWh: number,
      ownPricePerKWh: number,
      funds: number,
      position,
    }),
    { encode: encodeBuyOrder, decode: decodeBuyOrder },
  ),
  format("id", rawBytes(16), { encode: encodeV2vId, decode: decodeV2vId }),
  format("meeting points", meetingPoints, {
    encode: encodeMeetingPoints,
    decode: decodeMeetingPoints,
  }),
  format("removal", fc.record({ orderId: rawBytes(16), reasonHash: rawBytes(32) }), {
    encode: encodeOrderRemoval,
    decode: decodeOrderRemoval,
  }),
  format(
    "resolution",
    fc.record({ tradeId: rawBytes(16), refund: number, reasonHash: rawBytes(32) }),
    { encode: encodeTradeResolution, decode: decodeTradeResolution },
  ),
  format(
    "rules",
    fc.record({ feePerKWh: number, lossMaxPpm: small, meterPpm: small, tradeLife_ms: number }),
    { encode: encodeV2vRules, decode: decodeV2vRules },
  ),
  format(
    "statement",
    fc.record({
      tradeId: rawBytes(16),
      side: fc.constantFrom<"given" | "received">("given", "received"),
      ...count,
      signature: rawBytes(64),
    }),
    { encode: encodeEnergyStatement, decode: decodeEnergyStatement },
  ),
  format(
    "vehicle",
    fc.record({ account: rawBytes(32), usePerKm_Wh: small, order: optionalId, trade: optionalId }),
    { encode: encodeLinkedVehicle, decode: decodeLinkedVehicle },
  ),
  format("vehicles", fc.array(rawBytes(32), { maxLength: 8 }), {
    encode: encodeVehicleList,
    decode: decodeVehicleList,
  }),
  format("order record", orderRecord, { encode: encodeOrderRecord, decode: decodeOrderRecord }),
  format("trade record", tradeRecord, { encode: encodeTradeRecord, decode: decodeTradeRecord }),
  format(
    "book record",
    fc.record({
      placed: number,
      openBuys: small,
      openSells: small,
      trades: number,
      disputes: number,
      hash: rawBytes(32),
    }),
    { encode: encodeBookRecord, decode: decodeBookRecord },
  ),
  format(
    "placed order",
    fc.record({ order: orderRecord, trade: fc.option(tradeRecord, { nil: undefined }) }),
    { encode: encodePlacedOrder, decode: decodePlacedOrder },
  ),
];

it.each(formats)("a $name has one encoding, and any bytes get a verdict", ({ check }) => check());

it("a vehicle's word counts for one account, one use, one trade and one chain", () => {
  const vehicle = signerOf("vehicle", crypto);
  const [chainId, account] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  const link = signVehicleLink({ chainId, account, usePerKm_Wh: 180, vehicle });
  expect(verifyVehicleLink({ link, chainId, account, crypto })).toBe(true);
  expect(verifyVehicleLink({ link, chainId: account, account, crypto })).toBe(false);
  expect(verifyVehicleLink({ link, chainId, account: chainId, crypto })).toBe(false);
  const lighter = { ...link, usePerKm_Wh: 1 };
  expect(verifyVehicleLink({ link: lighter, chainId, account, crypto })).toBe(false);
  const terms = { tradeId: new Uint8Array(16), side: "given", from_ms: 1, to_ms: 2 } as const;
  const statement = signEnergyStatement({ ...terms, energy_Wh: 9 }, { chainId, vehicle });
  const read = { chainId, vehicle: vehicle.publicKey, crypto };
  expect(verifyEnergyStatement({ statement, ...read })).toBe(true);
  for (const change of [{ energy_Wh: 8 }, { side: "received" as const }, { to_ms: 3 }]) {
    expect(verifyEnergyStatement({ statement: { ...statement, ...change }, ...read })).toBe(false);
  }
  expect(verifyEnergyStatement({ statement, ...read, chainId: account })).toBe(false);
});

import type { Outcome } from "@voltfog/runtime";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codecFault } from "../../testing/codec-laws.ts";
import {
  decodePileContract,
  encodePileContract,
  type PileContractRecord,
  type PileContractState,
} from "./pile-contract.ts";
import {
  decodeCurveOrder,
  decodeDeliverOrder,
  decodeGroupOrder,
  decodeHashOrder,
  decodeLimitOrder,
  decodeListOrder,
  decodeLoadOrder,
  decodeMarketBuy,
  decodePileId,
  decodeResolveOrder,
  decodeRingConfirm,
  decodeSignOrder,
  encodeCurveOrder,
  encodeDeliverOrder,
  encodeGroupOrder,
  encodeHashOrder,
  encodeLimitOrder,
  encodeListOrder,
  encodeLoadOrder,
  encodeMarketBuy,
  encodePileId,
  encodeResolveOrder,
  encodeRingConfirm,
  encodeSignOrder,
} from "./pile-orders.ts";
import {
  decodeBook,
  decodeCurve,
  decodePile,
  decodePileOrder,
  decodeZonePiles,
  decodeZones,
  encodeBook,
  encodeCurve,
  encodePile,
  encodePileOrder,
  encodeZonePiles,
  encodeZones,
  type PileOrderRecord,
  type PileOrderState,
} from "./pile-records.ts";
import {
  decodeContractResult,
  decodeTradeResult,
  encodeContractResult,
  encodeTradeResult,
} from "./pile-results.ts";

const raw = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length });
const whole = fc.maxSafeNat();
const u32 = fc.nat(0xffff_ffff);
const u16 = fc.nat(0xffff);
const id = raw(16);
const key = raw(32);
const side = fc.constantFrom("buy" as const, "sell" as const);
const window = fc.record({ from_ms: whole, to_ms: whole });
const both = fc.record({ buyer: fc.boolean(), owner: fc.boolean() });

const catalogue = fc.record({
  valleyPricePerKWh: whole,
  peakPricePerKWh: whole,
  peakFrom_min: u16,
  peakTo_min: u16,
});
const terms = fc.record({
  zone: u32,
  power_W: u32,
  floorPricePerKWh: whole,
  valleyPricePerKWh: whole,
  peakPricePerKWh: whole,
  windows: fc.array(fc.record({ from_min: u16, to_min: u16 }), { maxLength: 8 }),
});
const curve = {
  zone: u32,
  reserve: whole,
  supply_Wh: whole,
  crrPpm: u32,
  catalogue,
  template: key,
};

const limitOrder = fc
  .record({
    orderId: id,
    zone: u32,
    side,
    energy_Wh: whole,
    pricePerKWh: whole,
    window,
    expiry_ms: whole,
    pileKey: key,
  })
  .map((order) => ({ ...order, pileKey: order.side === "sell" ? order.pileKey : undefined }));

const order: fc.Arbitrary<PileOrderRecord> = fc.record({
  kind: fc.constantFrom("market" as const, "limit" as const),
  side,
  state: fc.constantFrom<PileOrderState>("open", "filled", "cancelled", "expired"),
  account: key,
  zone: u32,
  energy_Wh: whole,
  filled_Wh: whole,
  pricePerKWh: whole,
  window,
  expiry_ms: whole,
  pileKey: key,
  locked: whole,
  height: whole,
});

const contract: fc.Arbitrary<PileContractRecord> = fc.record({
  state: fc.constantFrom<PileContractState>("proposed", "disputed", "settled", "void"),
  buyer: key,
  owner: key,
  pileKey: key,
  zone: u32,
  energy_Wh: whole,
  cost: whole,
  margin: whole,
  window,
  cataloguePricePerKWh: whole,
  baselineCost: whole,
  curveGeneration: u32,
  template: key,
  buyOrder: id,
  sellOrder: id,
  made_ms: whole,
  signed: both,
  given_Wh: fc.option(whole, { nil: undefined }),
  received_Wh: fc.option(whole, { nil: undefined }),
  confirmed: both,
  images: fc.array(
    fc.record({ side: fc.constantFrom("buyer" as const, "owner" as const), image: raw(33) }),
    { maxLength: 3 },
  ),
  settlement: fc.option(
    fc.record({
      delivered_Wh: whole,
      toGrid_Wh: whole,
      fromGrid_Wh: whole,
      paid: whole,
      returned: whole,
      time_ms: whole,
    }),
    { nil: undefined },
  ),
  rowHash: fc.option(key, { nil: undefined }),
});
const numbered = fc.record({ contractId: id, contract });

/** Whether any value comes back, its bytes keep the laws of strict formats, and noise gets a verdict. */
function holds<T>(
  values: fc.Arbitrary<T>,
  codec: {
    encode: (value: T) => Uint8Array;
    decode: (bytes: Uint8Array) => Outcome<T>;
  },
): void {
  fc.assert(
    fc.property(values, fc.uint8Array({ maxLength: 120 }), (value, noise) => {
      const bytes = codec.encode(value);
      expect(codec.decode(bytes)).toEqual({ ok: true, value });
      expect(codecFault({ bytes, ...codec })).toBeUndefined();
      const read = codec.decode(noise);
      if (read.ok) expect(codec.encode(read.value)).toEqual(noise);
    }),
    { numRuns: 30 },
  );
}

describe("one value has one encoding, and any bytes get a verdict", () => {
  it("of the authority's orders", () => {
    holds(fc.record(curve), { encode: encodeCurveOrder, decode: decodeCurveOrder });
    holds(fc.record({ zone: u32, loadPpm: u32 }), {
      encode: encodeLoadOrder,
      decode: decodeLoadOrder,
    });
    const resolution = {
      contractId: id,
      energy_Wh: whole,
      isOwnersFault: fc.boolean(),
      reason: key,
    };
    holds(fc.record(resolution), { encode: encodeResolveOrder, decode: decodeResolveOrder });
    holds(fc.record({ contractId: id, hash: key }), {
      encode: encodeHashOrder,
      decode: decodeHashOrder,
    });
  });

  it("of listings and orders", () => {
    holds(fc.record({ pileKey: key, possession: raw(64), terms }), {
      encode: encodeListOrder,
      decode: decodeListOrder,
    });
    holds(fc.record({ orderId: id, zone: u32, energy_Wh: whole, maxCost: whole, window }), {
      encode: encodeMarketBuy,
      decode: decodeMarketBuy,
    });
    holds(limitOrder, { encode: encodeLimitOrder, decode: decodeLimitOrder });
    holds(id, { encode: encodePileId, decode: decodePileId });
  });

  it("of what parties say about a contract", () => {
    holds(fc.record({ contractId: id, termsHash: key }), {
      encode: encodeSignOrder,
      decode: decodeSignOrder,
    });
    holds(fc.record({ contractId: id, energy_Wh: whole }), {
      encode: encodeDeliverOrder,
      decode: decodeDeliverOrder,
    });
    const confirmation = {
      contractId: id,
      side: fc.constantFrom("buyer" as const, "owner" as const),
      signature: fc.uint8Array({ maxLength: 200 }),
    };
    holds(fc.record(confirmation), { encode: encodeRingConfirm, decode: decodeRingConfirm });
    holds(fc.record({ threshold: fc.nat(255), keys: fc.array(raw(33), { maxLength: 8 }) }), {
      encode: encodeGroupOrder,
      decode: decodeGroupOrder,
    });
  });

  it("of the state's records", () => {
    const record = { ...curve, generation: u32, loadPpm: u32, loadTime_ms: whole };
    holds(fc.record(record), { encode: encodeCurve, decode: decodeCurve });
    const bookings = fc.array(fc.record({ contractId: id, window }), { maxLength: 4 });
    holds(fc.record({ owner: key, terms, bookings }), { encode: encodePile, decode: decodePile });
    holds(fc.array(u32, { maxLength: 9 }), { encode: encodeZones, decode: decodeZones });
    holds(fc.array(key, { maxLength: 5 }), { encode: encodeZonePiles, decode: decodeZonePiles });
    const entry = fc.record({ orderId: id, pricePerKWh: whole });
    holds(fc.array(entry, { maxLength: 9 }), { encode: encodeBook, decode: decodeBook });
    holds(order, { encode: encodePileOrder, decode: decodePileOrder });
    holds(contract, { encode: encodePileContract, decode: decodePileContract });
  });

  it("of results", () => {
    holds(numbered, { encode: encodeContractResult, decode: decodeContractResult });
    const orders = fc.array(fc.record({ orderId: id, order }), { maxLength: 3 });
    holds(fc.record({ orders, contracts: fc.array(numbered, { maxLength: 3 }) }), {
      encode: encodeTradeResult,
      decode: decodeTradeResult,
    });
  });
});

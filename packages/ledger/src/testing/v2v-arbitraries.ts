import type { Position } from "@voltfog/market";
import fc from "fast-check";
import type { MeetingPoint } from "../modules/v2v-orders.ts";
import type { OrderRecord, TradeRecord } from "../modules/v2v-records.ts";
import type { EnergyCount } from "../modules/v2v-statement.ts";

/** Whole values of the formats of module v2v. For tests. */
export const number: fc.Arbitrary<number> = fc.maxSafeNat();
export const small: fc.Arbitrary<number> = fc.nat(4_294_967_295);

export function rawBytes(length: number): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ minLength: length, maxLength: length });
}

/** An id that is not all zeros. */
export const someId: fc.Arbitrary<Uint8Array> = rawBytes(16).map((bytes) => {
  bytes[0] = (bytes[0] ?? 0) | 1;
  return bytes;
});

function positionOf(kind: Position["kind"]): fc.Arbitrary<Position> {
  return fc.record({
    kind: fc.constant(kind),
    east: fc.integer({ min: -180_000_000, max: 180_000_000 }),
    north: fc.integer({ min: -90_000_000, max: 90_000_000 }),
  });
}

export const position: fc.Arbitrary<Position> = fc.oneof(positionOf("earth"), positionOf("plane"));

export const meetingPoints: fc.Arbitrary<readonly MeetingPoint[]> = fc
  .constantFrom<Position["kind"]>("earth", "plane")
  .chain((kind) =>
    fc.uniqueArray(
      fc.record({ id: small, name: fc.string({ maxLength: 20 }), position: positionOf(kind) }),
      { maxLength: 8, selector: ({ id }) => id },
    ),
  )
  .map((points) => points.toSorted((a, b) => a.id - b.id));

const count: fc.Arbitrary<EnergyCount | undefined> = fc.option(
  fc.record({ energy_Wh: number, from_ms: number, to_ms: number }),
  { nil: undefined },
);

export const orderRecord: fc.Arbitrary<OrderRecord> = fc.record({
  id: rawBytes(16),
  side: fc.constantFrom("buy", "sell"),
  state: fc.constantFrom("open", "matched", "cancelled", "removed"),
  account: rawBytes(32),
  vehicle: rawBytes(32),
  usePerKm_Wh: small,
  energy_Wh: number,
  spare_Wh: number,
  pricePerKWh: number,
  ownPricePerKWh: number,
  funds: number,
  position,
  sequence: number,
  placed_ms: number,
  slot: small,
});

export const tradeRecord: fc.Arbitrary<TradeRecord> = fc.record({
  id: rawBytes(16),
  state: fc.constantFrom("open", "disputed", "paid", "resolved", "expired"),
  buyOrder: rawBytes(16),
  sellOrder: rawBytes(16),
  consumer: rawBytes(32),
  provider: rawBytes(32),
  consumerVehicle: rawBytes(32),
  providerVehicle: rawBytes(32),
  meetingPoint: small,
  position,
  energy_Wh: number,
  pricePerKWh: number,
  energyCost: number,
  fee: number,
  consumerTravelCost: number,
  providerTravelCost: number,
  consumerWay_m: number,
  providerWay_m: number,
  unitCost: number,
  unitProfit: number,
  matched_ms: number,
  expires_ms: number,
  given: count,
  received: count,
  paid: number,
  refunded: number,
  toPlatform: number,
});

import {
  decodeBuyOrder,
  decodeEnergyStatement,
  decodeMeetingPoints,
  decodePlacedOrder,
  decodeSellOrder,
  encodeBuyOrder,
  encodeEnergyStatement,
  encodeMeetingPoints,
  encodeSellOrder,
  type OrderRecord,
  type TradeRecord,
} from "@voltfog/ledger";
import { encodePlacedOrder } from "../../../packages/ledger/src/modules/v2v-records.ts";
import { codec, type FuzzTarget } from "../target.ts";

const key = new Uint8Array(32).fill(5);
const id = new Uint8Array(16).fill(6);
const position = { kind: "earth", east: 11_576_000, north: 48_137_000 } as const;
const count = { energy_Wh: 10_000, from_ms: 1_760_000_000_000, to_ms: 1_760_000_900_000 };
const terms = {
  ...{ orderId: id, vehicle: key, energy_Wh: 10_000, ownPricePerKWh: 200_000, position },
};
const order: OrderRecord = {
  ...{ id, side: "sell", state: "matched", account: key, vehicle: key, usePerKm_Wh: 180 },
  ...{ energy_Wh: 10_000, spare_Wh: 20_000, pricePerKWh: 400_000, ownPricePerKWh: 200_000 },
  ...{ funds: 0, position, sequence: 7, placed_ms: count.from_ms, slot: 3 },
};
const trade: TradeRecord = {
  ...{ id, state: "disputed", buyOrder: id, sellOrder: id, consumer: key, provider: key },
  ...{ consumerVehicle: key, providerVehicle: key, meetingPoint: 2, position },
  ...{ energy_Wh: 10_000, pricePerKWh: 400_000, energyCost: 4_000_000, fee: 100_000 },
  ...{ consumerTravelCost: 1, providerTravelCost: 2, consumerWay_m: 3, providerWay_m: 4 },
  ...{ unitCost: 410_000, unitProfit: 390_000, matched_ms: 1, expires_ms: 2 },
  ...{ given: count, received: undefined, paid: 0, refunded: 0, toPlatform: 0 },
};

export const targets: readonly FuzzTarget[] = [
  codec({
    name: "v2v-sell",
    decode: decodeSellOrder,
    encode: encodeSellOrder,
    seeds: () => [encodeSellOrder({ ...terms, spare_Wh: 20_000, pricePerKWh: 400_000 })],
  }),
  codec({
    name: "v2v-buy",
    decode: decodeBuyOrder,
    encode: encodeBuyOrder,
    seeds: () => [encodeBuyOrder({ ...terms, maxPricePerKWh: 0, funds: 5_000_000 })],
  }),
  codec({
    name: "v2v-meeting-points",
    decode: decodeMeetingPoints,
    encode: encodeMeetingPoints,
    seeds: () => [encodeMeetingPoints([{ id: 1, name: "Corner", position }])],
  }),
  codec({
    name: "v2v-statement",
    decode: decodeEnergyStatement,
    encode: encodeEnergyStatement,
    seeds: () => [
      encodeEnergyStatement({
        tradeId: id,
        side: "given",
        ...count,
        signature: new Uint8Array(64),
      }),
    ],
  }),
  codec({
    name: "v2v-placed",
    decode: decodePlacedOrder,
    encode: encodePlacedOrder,
    seeds: () => [
      encodePlacedOrder({ order, trade: undefined }),
      encodePlacedOrder({ order, trade }),
    ],
  }),
];

import {
  decodeGroupOrder,
  decodeLimitOrder,
  decodeListOrder,
  decodePileContract,
  encodeGroupOrder,
  encodeLimitOrder,
  encodeListOrder,
} from "@voltfog/ledger";
import { decodeRingSignature, encodeRingSignature, exampleRing, verifyRing } from "@voltfog/market";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import {
  encodePileContract,
  type PileContractRecord,
} from "../../../packages/ledger/src/modules/piles/pile-contract.ts";
import {
  decodeTradeResult,
  encodeTradeResult,
} from "../../../packages/ledger/src/modules/piles/pile-results.ts";
import { codec, type FuzzTarget } from "../target.ts";

const key = new Uint8Array(32).fill(5);
const id = new Uint8Array(16).fill(6);
const window = { from_ms: 1_760_000_000_000, to_ms: 1_760_003_600_000 };
const contract: PileContractRecord = {
  ...{ state: "settled", buyer: key, owner: key, pileKey: key, zone: 7, energy_Wh: 10_000 },
  ...{ cost: 3_000_000, margin: 200_000, window, cataloguePricePerKWh: 200_000 },
  ...{ baselineCost: 2_500_000, curveGeneration: 1, template: key, buyOrder: id, sellOrder: id },
  ...{ made_ms: 1, signed: { buyer: true, owner: true }, given_Wh: 10_000, received_Wh: undefined },
  ...{ confirmed: { buyer: true, owner: false }, rowHash: key },
  images: [{ side: "buyer", image: new Uint8Array(33).fill(2) }],
  settlement: {
    ...{ delivered_Wh: 9990, toGrid_Wh: 10, fromGrid_Wh: 0, paid: 2_999_000 },
    ...{ returned: 201_000, time_ms: 2 },
  },
};
const terms = {
  ...{ zone: 7, power_W: 7000, floorPricePerKWh: 1, valleyPricePerKWh: 2, peakPricePerKWh: 3 },
  windows: [{ from_min: 60, to_min: 120 }],
};
const limit = {
  ...{ orderId: id, zone: 7, energy_Wh: 5, pricePerKWh: 6, window, expiry_ms: window.to_ms },
};
const { statement, signature } = exampleRing({ size: 2, crypto });
const ring = signature === undefined ? new Uint8Array() : encodeRingSignature(signature);

export const targets: readonly FuzzTarget[] = [
  codec({
    name: "pile-contract",
    decode: decodePileContract,
    encode: encodePileContract,
    seeds: () => [encodePileContract(contract)],
  }),
  codec({
    name: "pile-trade",
    decode: decodeTradeResult,
    encode: encodeTradeResult,
    seeds: () => [encodeTradeResult({ orders: [], contracts: [{ contractId: id, contract }] })],
  }),
  codec({
    name: "pile-listing",
    decode: decodeListOrder,
    encode: encodeListOrder,
    seeds: () => [encodeListOrder({ pileKey: key, possession: new Uint8Array(64), terms })],
  }),
  codec({
    name: "pile-limit",
    decode: decodeLimitOrder,
    encode: encodeLimitOrder,
    seeds: () => [
      encodeLimitOrder({ ...limit, side: "buy", pileKey: undefined }),
      encodeLimitOrder({ ...limit, side: "sell", pileKey: key }),
    ],
  }),
  codec({
    name: "pile-group",
    decode: decodeGroupOrder,
    encode: encodeGroupOrder,
    seeds: () => [encodeGroupOrder({ threshold: 1, keys: [...statement.ring] })],
  }),
  {
    name: "ring-signature",
    seeds: () => [ring],
    run(input) {
      const decoded = decodeRingSignature(input);
      if (!decoded.ok) return;
      const isSame = input.every((byte, i) => byte === ring[i]) && input.length === ring.length;
      if (verifyRing({ statement, signature: decoded.value, crypto }) && !isSame) {
        throw new Error("takes a signature that nobody made");
      }
    },
  },
];

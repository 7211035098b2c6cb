export { deadlinesOf } from "./pile-agreement.ts";
export {
  type BothSides,
  decodePileContract,
  type PileContractRecord,
  type PileContractState,
  type PileSettlement,
  type SideImage,
} from "./pile-contract.ts";
export { pilesPot } from "./pile-draft.ts";
export { pileLimits } from "./pile-limits.ts";
export { signPile } from "./pile-listing.ts";
export { pilePrice } from "./pile-market.ts";
export {
  type Catalogue,
  type CurveOrder,
  type DailyWindow,
  type DeliverOrder,
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
  type GroupOrder,
  type HashOrder,
  type LimitOrder,
  type ListOrder,
  type LoadOrder,
  type MarketBuyOrder,
  type PileTerms,
  type PileWindow,
  pileAction,
  type ResolveOrder,
  type RingConfirmOrder,
  type SignOrder,
} from "./pile-orders.ts";
export {
  type BookEntry,
  type Booking,
  type CurveRecord,
  decodeCurve,
  type PileOrderRecord,
  type PileOrderState,
  type PileRecord,
} from "./pile-records.ts";
export {
  decodeContractResult,
  decodeTradeResult,
  type NumberedContract,
  type NumberedOrder,
  type PileTradeResult,
} from "./pile-results.ts";
export {
  pileBook,
  pileContract,
  pileCurve,
  pileGroup,
  pileOf,
  pileOrder,
  pileZones,
  zonePiles,
} from "./pile-state.ts";
export { confirmStatement, type NamedContract, pileTermsHash } from "./pile-terms.ts";

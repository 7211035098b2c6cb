import { isAuthority } from "../account-authority.ts";
import { isOpened } from "../account-holders.ts";
import { echoed, type PrepareAction, prepared } from "../action-table.ts";
import { type LedgerModule, moduleNumber } from "../module.ts";
import { deliver, dispute, signContract } from "./pile-agreement.ts";
import { acknowledge, confirm, resolve, ringConfirm, timeout } from "./pile-closing.ts";
import { setGroup } from "./pile-groups.ts";
import { cancelOrder, placeLimit } from "./pile-limit-orders.ts";
import { listPile } from "./pile-listing.ts";
import { marketBuy } from "./pile-market.ts";
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
  pileAction,
} from "./pile-orders.ts";
import { pileOf } from "./pile-state.ts";
import { reportLoad, setCurve } from "./pile-zone-rules.ts";

const actions: ReadonlyMap<number, PrepareAction> = new Map<number, PrepareAction>([
  [pileAction.curve, prepared(decodeCurveOrder, setCurve)],
  [pileAction.load, prepared(decodeLoadOrder, reportLoad)],
  [pileAction.list, prepared(decodeListOrder, echoed(listPile))],
  [pileAction.marketBuy, prepared(decodeMarketBuy, marketBuy)],
  [pileAction.limit, prepared(decodeLimitOrder, placeLimit)],
  [pileAction.cancel, prepared(decodePileId, cancelOrder)],
  [pileAction.sign, prepared(decodeSignOrder, signContract)],
  [pileAction.deliver, prepared(decodeDeliverOrder, deliver)],
  [pileAction.confirm, prepared(decodePileId, confirm)],
  [pileAction.ringConfirm, prepared(decodeRingConfirm, ringConfirm)],
  [pileAction.timeout, prepared(decodePileId, timeout)],
  [pileAction.acknowledge, prepared(decodeHashOrder, acknowledge)],
  [pileAction.group, prepared(decodeGroupOrder, echoed(setGroup))],
  [pileAction.dispute, prepared(decodeHashOrder, dispute)],
  [pileAction.resolve, prepared(decodeResolveOrder, resolve)],
]);

/**
 * Shared private piles: prices by a curve and the grid's load, orders, contracts, metered delivery and
 * payment. All money of orders and contracts lies in one pot, and their records say whose it is.
 */
export const pilesModule: LedgerModule = {
  number: moduleNumber.piles,
  name: "piles",
  prepare: (action, payload) => actions.get(action)?.(payload),
  admits: (state, key) =>
    isOpened(state, key) || isAuthority(state, key) || pileOf(state, key) !== undefined,
};

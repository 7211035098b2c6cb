import type {
  BeanHoldingView,
  BeanIssuerView,
  ChargePointView,
  DeliveryView,
  DisputesView,
  LinkedVehicleView,
  MarketAccountView,
  MarketNotificationView,
  MarketOrderView,
  MarketOverviewView,
  MarketPileView,
  MarketSessionView,
  MarketTradeView,
  PileBookingView,
  PileContractDetailView,
  PileContractView,
  PileCurveView,
  PileGroupView,
  PileMarketView,
  PileOrderView,
  TariffView,
  UnionOperatorView,
  UnionView,
  WearView,
  WithdrawalView,
} from "@voltfog/messages";
import {
  flag,
  type JsonSchema,
  listOf,
  nullable,
  number,
  objectOf,
  oneOf,
  text,
  whole,
} from "./schema.ts";

const amount: JsonSchema = { ...whole, description: "whole millionths of the currency" };
const price: JsonSchema = { ...whole, description: "millionths of the currency per kWh" };
const share: JsonSchema = { ...number, description: "0..1" };
/** Where a thing was changed last. */
const change = { transaction: text("hash"), height: whole, time_ms: whole };
const place: JsonSchema = {
  oneOf: [
    objectOf({ kind: oneOf(["earth"]), longitude: number, latitude: number }),
    objectOf({ kind: oneOf(["plane"]), x_m: number, y_m: number }),
  ],
};

const beanHolding = objectOf<BeanHoldingView>({ organisation: text(), energy_Wh: whole });

const linkedVehicle = objectOf<LinkedVehicleView>({
  key: text(),
  usePerKm_Wh: whole,
  vehicleId: nullable(text()),
});

export const orderSchema: JsonSchema = objectOf<MarketOrderView>({
  id: text(),
  index: whole,
  side: oneOf(["buy", "sell"]),
  key: text(),
  vehicle: text(),
  usePerKm_Wh: whole,
  energy_Wh: whole,
  spare_Wh: nullable(whole),
  funds: nullable(amount),
  pricePerKWh: nullable(price),
  ownPricePerKWh: price,
  place,
  state: oneOf(["open", "matched", "cancelled", "removed", "expired"]),
  ...change,
  belowWear: nullable(flag),
});

const delivery = objectOf<DeliveryView>({ energy_Wh: whole, from_ms: whole, to_ms: whole });

export const tradeSchema: JsonSchema = objectOf<MarketTradeView>({
  id: text(),
  index: whole,
  buyOrder: text(),
  sellOrder: text(),
  buyer: text(),
  seller: text(),
  buyerVehicle: text(),
  sellerVehicle: text(),
  energy_Wh: whole,
  pricePerKWh: price,
  energyCost: amount,
  fee: amount,
  unitCost: price,
  unitProfit: price,
  meetingPoint: text(),
  place,
  state: oneOf(["open", "disputed", "paid", "resolved", "expired"]),
  expires_ms: whole,
  given: nullable(delivery),
  received: nullable(delivery),
  paid: amount,
  refunded: amount,
  ...change,
});

export const sessionSchema: JsonSchema = objectOf<MarketSessionView>({
  id: text(),
  index: whole,
  driver: text(),
  chargePointKey: text(),
  pileId: nullable(text()),
  organisation: text(),
  state: text(),
  pricePerKWh: price,
  sessionFee: amount,
  limitAmount: amount,
  limit_Wh: whole,
  expiry_ms: whole,
  energy_Wh: whole,
  beans_Wh: nullable(whole),
  cost: nullable(amount),
  shortfall: nullable(amount),
  meterHash: nullable(text()),
  vehicleEnergy_Wh: nullable(whole),
  refund: nullable(amount),
  ...change,
});

const contractFields: Readonly<Record<keyof PileContractView, JsonSchema>> = {
  id: text(),
  index: whole,
  pile: text(),
  buyer: text(),
  seller: text(),
  zone: whole,
  energy_Wh: whole,
  cost: amount,
  margin: amount,
  cataloguePricePerKWh: price,
  template: text(),
  baselineCost: amount,
  from_ms: whole,
  to_ms: whole,
  state: text(),
  given_Wh: nullable(whole),
  received_Wh: nullable(whole),
  delivered_Wh: nullable(whole),
  paid: nullable(amount),
  returned: nullable(amount),
  signedByBuyer: flag,
  signedByOwner: flag,
  confirmedByBuyer: flag,
  confirmedByOwner: flag,
  rowHash: nullable(text()),
  ...change,
};

export const contractSchema: JsonSchema = objectOf<PileContractView>(contractFields);

const group = nullable(
  objectOf<PileGroupView>({ threshold: whole, confirmed: whole, keys: listOf(text()) }),
);

export const contractDetailSchema: JsonSchema = objectOf<PileContractDetailView>({
  ...contractFields,
  buyerGroup: group,
  ownerGroup: group,
});

export const disputesSchema: JsonSchema = objectOf<DisputesView>({
  open: whole,
  next: nullable(whole),
  trades: listOf(tradeSchema),
  contracts: listOf(contractDetailSchema),
  sessions: listOf(sessionSchema),
});

const withdrawal = objectOf<WithdrawalView>({
  number: whole,
  amount,
  kind: oneOf(["desk", "ethereum"]),
  address: nullable(text()),
  ...change,
});

export const accountSchema: JsonSchema = objectOf<MarketAccountView>({
  key: text(),
  chainId: text(),
  nonce: whole,
  balance: amount,
  debt: amount,
  opened: flag,
  suspended: flag,
  beans: listOf(beanHolding),
  vehicles: listOf(linkedVehicle),
  orders: listOf(orderSchema),
  trades: listOf(tradeSchema),
  sessions: listOf(sessionSchema),
  contracts: listOf(contractSchema),
  withdrawals: listOf(withdrawal),
});

const tariff = nullable(objectOf<TariffView>({ pricePerKWh: price, sessionFee: amount }));

const union = objectOf<UnionView>({
  pool: amount,
  promotion: amount,
  rewardPerBlock: amount,
  promotionShare: share,
  depositMin: amount,
  paidBlocks: whole,
  unpaidBlocks: whole,
  operators: listOf(
    objectOf<UnionOperatorView>({
      organisation: text(),
      key: text(),
      deposit: amount,
      rewardsEarned: amount,
      penalties: amount,
      tariff,
      delegated: amount,
      chargePoints: whole,
      beansOutstanding_Wh: whole,
      left: flag,
    }),
  ),
});

export const overviewSchema: JsonSchema = objectOf<MarketOverviewView>({
  chainId: text(),
  height: whole,
  authority: nullable(text()),
  currency: text(),
  tariff,
  union,
  supply: amount,
  platform: amount,
  v2v: objectOf<MarketOverviewView["v2v"]>({
    openBuys: whole,
    openSells: whole,
    trades: whole,
    disputes: whole,
    feePerKWh: price,
  }),
  piles: objectOf<MarketOverviewView["piles"]>({ curves: whole, contracts: whole }),
  sessions: objectOf<MarketOverviewView["sessions"]>({
    open: whole,
    settled: whole,
    disputed: whole,
  }),
  simulated: flag,
  open: flag,
});

export const notificationSchema: JsonSchema = objectOf<MarketNotificationView>({
  id: whole,
  kind: text(),
  sentence: text(),
  about: nullable(text()),
  ...change,
});

const curve = objectOf<PileCurveView>({
  zone: whole,
  reserve: amount,
  supply_Wh: whole,
  weight: share,
  load: share,
  loadTime_ms: whole,
  pricePerKWh: price,
  cataloguePeakPricePerKWh: price,
  catalogueValleyPricePerKWh: price,
});

const pile = objectOf<MarketPileView>({
  key: text(),
  owner: text(),
  zone: whole,
  power_W: whole,
  windows: listOf(objectOf({ from_min: whole, to_min: whole })),
  booked: listOf(objectOf<PileBookingView>({ contract: text(), from_ms: whole, to_ms: whole })),
  floorPricePerKWh: price,
  peakPricePerKWh: price,
  valleyPricePerKWh: price,
});

const pileOrder = objectOf<PileOrderView>({
  id: text(),
  zone: whole,
  side: oneOf(["buy", "sell"]),
  key: text(),
  energy_Wh: whole,
  left_Wh: whole,
  pricePerKWh: price,
  expiry_ms: whole,
  state: text(),
});

export const pileMarketSchema: JsonSchema = objectOf<PileMarketView>({
  curves: listOf(curve),
  piles: listOf(pile),
  orders: listOf(pileOrder),
});

export const beanIssuerSchema: JsonSchema = objectOf<BeanIssuerView>({
  organisation: text(),
  outstanding_Wh: whole,
  issued_Wh: whole,
  redeemed_Wh: whole,
  bound_Wh: whole,
  pricePerKWh: nullable(price),
});

export const chargePointSchema: JsonSchema = objectOf<ChargePointView>({
  key: text(),
  organisation: text(),
  pileId: text(),
  plugType: whole,
  power_W: whole,
  latitude: number,
  longitude: number,
});

export const wearSchema: JsonSchema = objectOf<WearView>({
  vehicleId: text(),
  wearCostPerKWh: price,
  basis: text(),
  replacement_EUR: whole,
  remaining_kWh: whole,
  capacity_kWh: number,
  remainingCycles: whole,
  origin: text(),
  orders: listOf(orderSchema),
});

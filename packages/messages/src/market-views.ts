/**
 * What the cloud answers about accounts, sessions, piles and energy between vehicles, for the pages and the
 * command line. Amounts are whole millionths of the union's currency, prices millionths per kilowatt-hour,
 * keys and hashes lower-case hex, times milliseconds since the Unix epoch; null means "not known".
 */

/** Kilowatt-hours that an operator owes a driver at its own piles. */
export interface BeanHoldingView {
  readonly organisation: string;
  readonly energy_Wh: number;
}

/** A vehicle that an account trades with. */
export interface LinkedVehicleView {
  /** Its device key. */
  readonly key: string;
  /** What it uses on the way to a meeting point. */
  readonly usePerKm_Wh: number;
  /** The fleet's name of it, for who may see that vehicle; null for everybody else. */
  readonly vehicleId: string | null;
}

/** Where a vehicle said it is, as coarse as it said it. */
export type MarketPlaceView =
  | { readonly kind: "earth"; readonly longitude: number; readonly latitude: number }
  | { readonly kind: "plane"; readonly x_m: number; readonly y_m: number };

/** An offer or request of energy between vehicles. */
export interface MarketOrderView {
  readonly id: string;
  /** Its place: `before` takes the last one of a page. */
  readonly index: number;
  readonly side: "buy" | "sell";
  readonly key: string;
  /** Device key of the vehicle that trades. */
  readonly vehicle: string;
  /** What the vehicle uses on its way. */
  readonly usePerKm_Wh: number;
  readonly energy_Wh: number;
  /** What a seller's battery can spare; null of a buyer. */
  readonly spare_Wh: number | null;
  /** The most that a buyer's energy and fee may cost; null of a seller. */
  readonly funds: number | null;
  /** What a seller asks, and the most that a buyer gives; null where the buyer named no limit. */
  readonly pricePerKWh: number | null;
  readonly ownPricePerKWh: number;
  readonly place: MarketPlaceView;
  readonly state: "open" | "matched" | "cancelled" | "removed" | "expired";
  /** Hash of the transaction that last changed it. */
  readonly transaction: string;
  readonly height: number;
  readonly time_ms: number;
  /** Whether the price is below what the energy wears the battery; null where that is not shown or not known. */
  readonly belowWear: boolean | null;
}

/** What one side of a trade said its battery gave or took, signed by the vehicle. */
export interface DeliveryView {
  readonly energy_Wh: number;
  readonly from_ms: number;
  readonly to_ms: number;
}

export interface MarketTradeView {
  readonly id: string;
  /** Its place: `before` takes the last one of a page. */
  readonly index: number;
  readonly buyOrder: string;
  readonly sellOrder: string;
  readonly buyer: string;
  readonly seller: string;
  readonly buyerVehicle: string;
  readonly sellerVehicle: string;
  readonly energy_Wh: number;
  readonly pricePerKWh: number;
  /** What the buyer pays for the energy, and what each side pays to the platform. */
  readonly energyCost: number;
  readonly fee: number;
  /** What a kilowatt-hour costs the buyer and earns the seller, ways and fee included. */
  readonly unitCost: number;
  readonly unitProfit: number;
  readonly meetingPoint: string;
  readonly place: MarketPlaceView;
  readonly state: "open" | "disputed" | "paid" | "resolved" | "expired";
  /** When it is over if no statements come. */
  readonly expires_ms: number;
  readonly given: DeliveryView | null;
  readonly received: DeliveryView | null;
  /** What the seller got of the escrow, and what went back; 0 until it ended. */
  readonly paid: number;
  readonly refunded: number;
  /** Hash of the transaction that last changed it. */
  readonly transaction: string;
  readonly height: number;
  readonly time_ms: number;
}

export interface MarketSessionView {
  readonly id: string;
  /** Its place: `before` takes the last one of a page. */
  readonly index: number;
  readonly driver: string;
  readonly chargePointKey: string;
  /** The operator's name of the charge point. */
  readonly pileId: string | null;
  readonly organisation: string;
  readonly state: string;
  readonly pricePerKWh: number;
  readonly sessionFee: number;
  readonly limitAmount: number;
  readonly limit_Wh: number;
  readonly expiry_ms: number;
  /** The charge point's meter since the start. */
  readonly energy_Wh: number;
  /** What was paid with beans and with money; null until it is settled. */
  readonly beans_Wh: number | null;
  readonly cost: number | null;
  /** What the driver still owes. */
  readonly shortfall: number | null;
  /** Of the signed meter values; null until it is settled. */
  readonly meterHash: string | null;
  /** What the vehicle counted, where the driver disputes, and what it got back. */
  readonly vehicleEnergy_Wh: number | null;
  readonly refund: number | null;
  /** Hash of the transaction that last changed it. */
  readonly transaction: string;
  readonly height: number;
  readonly time_ms: number;
}

/** A contract of a private pile. */
export interface PileContractView {
  readonly id: string;
  /** Its place: `before` takes the last one of a page. */
  readonly index: number;
  readonly pile: string;
  readonly buyer: string;
  readonly seller: string;
  readonly zone: number;
  readonly energy_Wh: number;
  readonly cost: number;
  /** What each side holds beside, for deviations. */
  readonly margin: number;
  /** The grid's price in the window, at which deviations are settled. */
  readonly cataloguePricePerKWh: number;
  /** Hash of the text that the contract was made from. */
  readonly template: string;
  /** What the owner's fixed tariff would have cost. */
  readonly baselineCost: number;
  readonly from_ms: number;
  readonly to_ms: number;
  readonly state: string;
  /** By the pile's meter, the buyer's, and as settled. */
  readonly given_Wh: number | null;
  readonly received_Wh: number | null;
  readonly delivered_Wh: number | null;
  /** To the owner, and back to the buyer; null until it is settled. */
  readonly paid: number | null;
  readonly returned: number | null;
  readonly signedByBuyer: boolean;
  readonly signedByOwner: boolean;
  readonly confirmedByBuyer: boolean;
  readonly confirmedByOwner: boolean;
  /** Of its row in the settlement's database; null until that is acknowledged. */
  readonly rowHash: string | null;
  /** Hash of the transaction that last changed it. */
  readonly transaction: string;
  readonly height: number;
  readonly time_ms: number;
}

/** Who confirms for an account without saying which of them. */
export interface PileGroupView {
  /** Members that must confirm each contract, and that have confirmed this one. */
  readonly threshold: number;
  readonly confirmed: number;
  /** secp256k1, compressed, rising. */
  readonly keys: readonly string[];
}

export interface PileContractDetailView extends PileContractView {
  /** null where the account confirms itself. */
  readonly buyerGroup: PileGroupView | null;
  readonly ownerGroup: PileGroupView | null;
}

export interface WithdrawalView {
  readonly number: number;
  readonly amount: number;
  readonly kind: "desk" | "ethereum";
  /** The Ethereum address; null where the desk pays out. */
  readonly address: string | null;
  /** Hash of the transaction that last changed it. */
  readonly transaction: string;
  readonly height: number;
  readonly time_ms: number;
}

/** What an account is and has; its lists are the newest of each, at most a hundred. */
export interface MarketAccountView {
  readonly key: string;
  readonly chainId: string;
  /** Its last nonce; the next transaction's is above. */
  readonly nonce: number;
  readonly balance: number;
  /** For sessions that the balance did not cover. */
  readonly debt: number;
  readonly opened: boolean;
  readonly suspended: boolean;
  readonly beans: readonly BeanHoldingView[];
  readonly vehicles: readonly LinkedVehicleView[];
  readonly orders: readonly MarketOrderView[];
  readonly trades: readonly MarketTradeView[];
  readonly sessions: readonly MarketSessionView[];
  readonly contracts: readonly PileContractView[];
  readonly withdrawals: readonly WithdrawalView[];
}

export interface TariffView {
  readonly pricePerKWh: number;
  readonly sessionFee: number;
}

export interface UnionOperatorView {
  readonly organisation: string;
  readonly key: string;
  readonly deposit: number;
  readonly rewardsEarned: number;
  readonly penalties: number;
  /** Its own tariff where the authority agreed; null where the union's holds. */
  readonly tariff: TariffView | null;
  /** What accounts delegated to it. */
  readonly delegated: number;
  /** Charge points that it ever registered. */
  readonly chargePoints: number;
  readonly beansOutstanding_Wh: number;
  readonly left: boolean;
}

export interface UnionView {
  readonly pool: number;
  readonly promotion: number;
  readonly rewardPerBlock: number;
  /** 0..1. */
  readonly promotionShare: number;
  /** The least that an organisation joins with. */
  readonly depositMin: number;
  /** Final blocks that were rewarded, and those for which the pool was too empty. */
  readonly paidBlocks: number;
  readonly unpaidBlocks: number;
  /** All who ever joined. */
  readonly operators: readonly UnionOperatorView[];
}

/** The market at one look. Unknown parts are null, as before the authority was named. */
export interface MarketOverviewView {
  readonly chainId: string;
  readonly height: number;
  /** The key that opens accounts, credits and resolves; null before validators named it. */
  readonly authority: string | null;
  readonly currency: string;
  readonly tariff: TariffView | null;
  readonly union: UnionView;
  readonly supply: number;
  /** The platform's own pot, and the promotion's. */
  readonly platform: number;
  readonly v2v: {
    readonly openBuys: number;
    readonly openSells: number;
    readonly trades: number;
    readonly disputes: number;
    /** What each side of a trade pays the platform. */
    readonly feePerKWh: number;
  };
  readonly piles: { readonly curves: number; readonly contracts: number };
  readonly sessions: { readonly open: number; readonly settled: number; readonly disputed: number };
  /** Whether deposits here are no real payments. */
  readonly simulated: boolean;
  /** Whether accounts and deposits are served here. */
  readonly open: boolean;
}

/** Something that concerns a key, in words. */
export interface MarketNotificationView {
  /** Rises; `after` takes the last one that was read. */
  readonly id: number;
  readonly kind: string;
  readonly sentence: string;
  /** What it is about, by its id where it has one. */
  readonly about: string | null;
  readonly transaction: string;
  readonly height: number;
  readonly time_ms: number;
}

/** Part of a pile's idle time that a contract has. */
export interface PileBookingView {
  readonly contract: string;
  readonly from_ms: number;
  readonly to_ms: number;
}

/** An owner's pile, as it is offered. */
export interface MarketPileView {
  readonly key: string;
  readonly owner: string;
  readonly zone: number;
  readonly power_W: number;
  /** Minutes of every UTC day in which it is idle. */
  readonly windows: readonly { readonly from_min: number; readonly to_min: number }[];
  readonly booked: readonly PileBookingView[];
  /** Market orders leave it alone below this. */
  readonly floorPricePerKWh: number;
  readonly peakPricePerKWh: number;
  readonly valleyPricePerKWh: number;
}

/** The price curve of a zone: P = reserve / (supply · weight). */
export interface PileCurveView {
  readonly zone: number;
  readonly reserve: number;
  readonly supply_Wh: number;
  /** 0..1. */
  readonly weight: number;
  /** Of the grid; 0..1. */
  readonly load: number;
  /** When that was reported; 0 where it never was. */
  readonly loadTime_ms: number;
  /** Of the next watt-hour now. */
  readonly pricePerKWh: number;
  /** The grid's price, at which deviations are settled. */
  readonly cataloguePeakPricePerKWh: number;
  readonly catalogueValleyPricePerKWh: number;
}

export interface PileMarketView {
  readonly curves: readonly PileCurveView[];
  readonly piles: readonly MarketPileView[];
  readonly orders: readonly PileOrderView[];
}

/** A limit order that waits. */
export interface PileOrderView {
  readonly id: string;
  readonly zone: number;
  readonly side: "buy" | "sell";
  readonly key: string;
  readonly energy_Wh: number;
  readonly left_Wh: number;
  readonly pricePerKWh: number;
  readonly expiry_ms: number;
  readonly state: string;
}

/** A charge point of the union. */
export interface ChargePointView {
  readonly key: string;
  readonly organisation: string;
  /** The operator's name of it. */
  readonly pileId: string;
  /** 1 Type 2, 2 CCS 2, 3 CHAdeMO, 4 Type 1, 5 GB/T AC, 6 GB/T DC, 7 household. */
  readonly plugType: number;
  readonly power_W: number;
  /** WGS 84, degrees. */
  readonly latitude: number;
  readonly longitude: number;
}

/** An operator's beans. */
export interface BeanIssuerView {
  readonly organisation: string;
  readonly outstanding_Wh: number;
  /** All that ever were, and those that paid for charging. */
  readonly issued_Wh: number;
  readonly redeemed_Wh: number;
  /** The most that its earned rewards cover at the tariff. */
  readonly bound_Wh: number;
  /** What it sells a bean's kilowatt-hour for; null where it sells none. */
  readonly pricePerKWh: number | null;
}

/** What a kilowatt-hour through its battery costs a vehicle's owner. */
export interface WearView {
  readonly vehicleId: string;
  readonly wearCostPerKWh: number;
  /** How it comes about, in words. */
  readonly basis: string;
  readonly replacement_EUR: number;
  /** Energy, both ways halved, that the pack still gives. */
  readonly remaining_kWh: number;
  readonly capacity_kWh: number;
  readonly remainingCycles: number;
  /** Of the figures: measured, replayed or simulated; `assumed` where there are none. */
  readonly origin: string;
  /** The newest offers of accounts that this vehicle is linked to, each with whether it is below. */
  readonly orders: readonly MarketOrderView[];
}

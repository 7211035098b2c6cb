import { handleHashOf, handlePattern, keyIdOf, keyOfHandle } from "@voltfog/ledger";
import type {
  BeanIssuerView,
  ChargePointView,
  DisputesView,
  MarketAccountView,
  MarketOrderView,
  MarketOverviewView,
  MarketSessionView,
  MarketTradeView,
  PileContractDetailView,
  PileContractView,
  PileMarketView,
  WearView,
} from "@voltfog/messages";
import { type Crypto, fromHex, toHex } from "@voltfog/runtime";
import type { IndicatorStore } from "../maintenance/indicator-store.ts";
import type { PackSettings } from "../maintenance/pack-settings.ts";
import { accountView } from "./account-view.ts";
import type { Position } from "./directions.ts";
import { disputesView } from "./dispute-view.ts";
import type { KeptNotice, Row } from "./market-book.ts";
import type { MarketReading, MarketSettings } from "./market-reading.ts";
import { overviewView } from "./overview-view.ts";
import { contractDetailView, contractViews, pileMarketView } from "./pile-view.ts";
import { type SessionQuery, sessionView, sessionViews } from "./session-view.ts";
import { beanIssuerViews, chargePointViews } from "./union-view.ts";
import {
  meetingPointCollection,
  oneTradeView,
  orderViews,
  tradeDirections,
  tradeViews,
} from "./v2v-view.ts";
import { type PackWear, wearOf } from "./wear.ts";

/** One page of a list: newest first, made before an index, of one key or of all. */
export interface PageQuery {
  readonly key?: string;
  readonly before: number;
  readonly limit: number;
}

/** One page of the open orders of one side or both. */
export interface OrdersQuery extends Omit<PageQuery, "key"> {
  readonly side?: "buy" | "sell";
}

const offersMax = 50;
const keysMax = 8;

/** Answers questions about the market out of the followed chain; each throws MARKET_UNREAD (503) before it was read. */
export class MarketViews {
  readonly #reading: () => MarketReading;
  readonly #settings: MarketSettings;
  readonly #vehicleNames: ReadonlyMap<string, string>;
  readonly #crypto: Crypto;

  constructor(options: {
    reading: () => MarketReading;
    settings: MarketSettings;
    /** Vehicles' ids by the id of their key, in hex. */
    vehicleNames: ReadonlyMap<string, string>;
    crypto: Crypto;
  }) {
    this.#reading = options.reading;
    this.#settings = options.settings;
    this.#vehicleNames = options.vehicleNames;
    this.#crypto = options.crypto;
  }

  overview(): MarketOverviewView {
    return overviewView(this.#reading(), this.#settings);
  }

  /** undefined for a key that the chain knows nothing of. Vehicles are named to who may see them. */
  account(key: Uint8Array, sees: (vehicleId: string) => boolean): MarketAccountView | undefined {
    return accountView(this.#reading(), key, (vehicle) => {
      const name = this.#nameOf(vehicle);
      return name !== undefined && sees(name) ? name : undefined;
    });
  }

  /** Whose handle it is; undefined for one that nobody has, or that is none. */
  keyOf(handle: string): string | undefined {
    const { state, crypto } = this.#reading();
    if (!handlePattern.test(handle)) return undefined;
    const key = keyOfHandle(state, handleHashOf(handle, crypto));
    return key && toHex(key);
  }

  notices(query: { key: string; after: number; limit: number }): readonly KeptNotice[] {
    return this.#reading().book.notices(query);
  }

  /** Open ones. */
  orders({ side, before, limit }: OrdersQuery): readonly MarketOrderView[] {
    return orderViews(this.#reading(), { label: side, before, where: isOpen, limit });
  }

  trades({ key, before, limit }: PageQuery): readonly MarketTradeView[] {
    return tradeViews(this.#reading(), { label: key, before, limit });
  }

  trade(id: string): MarketTradeView | undefined {
    return oneTradeView(this.#reading(), id);
  }

  /** GeoJSON. */
  meetingPoints(): object {
    return meetingPointCollection(this.#reading());
  }

  /** GeoJSON; undefined for an unknown trade. MEETING_POINT_UNPLACED. */
  directions(tradeId: string, from: Position): object | undefined {
    return tradeDirections(this.#reading(), { tradeId, from });
  }

  sessions(query: SessionQuery): readonly MarketSessionView[] {
    return sessionViews(this.#reading(), query);
  }

  session(id: string): MarketSessionView | undefined {
    return sessionView(this.#reading(), id);
  }

  /** What waits for the authority. */
  disputes(query: Omit<PageQuery, "key">): DisputesView {
    return disputesView(this.#reading(), query);
  }

  piles(): PileMarketView {
    return pileMarketView(this.#reading());
  }

  contracts({ key, before, limit }: PageQuery): readonly PileContractView[] {
    return contractViews(this.#reading(), { label: key, before, limit });
  }

  contract(id: string): PileContractDetailView | undefined {
    return contractDetailView(this.#reading(), id);
  }

  beans(): readonly BeanIssuerView[] {
    return beanIssuerViews(this.#reading());
  }

  chargePoints(query: { operator: string; limit: number }): readonly ChargePointView[] {
    return chargePointViews(this.#reading(), query);
  }

  /** With the newest offers of the accounts that trade with this vehicle. */
  async wear(
    vehicleId: string,
    care: { indicators: IndicatorStore; packs(): PackSettings },
  ): Promise<WearView> {
    const reading = this.#reading();
    const { indicators } = care;
    const wear = await wearOf(vehicleId, { indicators, packs: care.packs() });
    const orders = this.#linkedKeys(reading, vehicleId).flatMap((label) =>
      orderViews(reading, { label, limit: offersMax }),
    );
    return {
      ...wear,
      orders: orders.map((order) => ({ ...order, belowWear: isBelow(order, wear) })),
    };
  }

  /** Device keys under which a vehicle is linked to some account. */
  #linkedKeys({ book }: MarketReading, vehicleId: string): readonly string[] {
    const isVehicle = ({ id }: Row): boolean => this.#nameOf(fromHex(id)) === vehicleId;
    return book.newest("vehicle", { where: isVehicle, limit: keysMax }).map(({ id }) => id);
  }

  #nameOf(key: Uint8Array | undefined): string | undefined {
    return key && this.#vehicleNames.get(toHex(keyIdOf(key, this.#crypto)));
  }
}

function isOpen({ status }: Row): boolean {
  return status === "open";
}

/** A request of energy wears the other's battery. */
function isBelow(order: MarketOrderView, wear: PackWear): boolean | null {
  if (order.side === "buy" || order.pricePerKWh === null) return null;
  return order.pricePerKWh < wear.wearCostPerKWh;
}

import { use_Wh } from "./v2v-site.ts";

/** An order as the plain model has it. */
export interface ModelOrder {
  readonly name: string;
  readonly side: "buy" | "sell";
  readonly who: number;
  readonly energy_Wh: number;
  readonly price: number;
  readonly own: number;
  readonly x: number;
  /** Of a buy. */
  readonly funds: number;
  /** Of a sell. */
  readonly spare_Wh: number;
}

interface ModelTrade {
  readonly consumer: number;
  readonly provider: number;
  readonly energy_Wh: number;
  readonly cost: number;
  readonly fee: number;
  state: "open" | "disputed" | "closed";
  given?: number;
  received?: number;
}

const feePerKWh = 10_000;
const points = [0, 10_000_000];

/** Trading between vehicles as one would write it down: lists, a full search and nothing kept. For tests. */
export class PlainV2v {
  readonly balances: number[];
  platform = 0;
  open: ModelOrder[] = [];
  readonly trades: ModelTrade[] = [];
  readonly #names = new Set<string>();

  constructor(balances: readonly number[]) {
    this.balances = [...balances];
  }

  /** Money in accounts, orders, open trades and with the platform. */
  get total(): number {
    const locked = this.open.reduce((sum, { funds }) => sum + funds, 0);
    const escrow = this.trades
      .filter(({ state }) => state !== "closed")
      .reduce((sum, { cost, fee }) => sum + cost + fee, 0);
    return this.balances.reduce((sum, one) => sum + one, this.platform + locked + escrow);
  }

  place(order: ModelOrder): string {
    if (this.#names.has(order.name)) return "ID_TAKEN";
    if (this.#isBusy(order.who)) return "VEHICLE_BUSY";
    const balance = this.balances[order.who] ?? 0;
    if (order.funds > balance) return "BALANCE_TOO_LOW";
    this.#names.add(order.name);
    this.balances[order.who] = balance - order.funds;
    const [best] = this.open
      .flatMap((other, arrival) => this.#trios(order, other, arrival))
      .sort((a, b) => before(a, b));
    if (best === undefined) {
      this.open.push(order);
      return "OK";
    }
    this.open = this.open.filter((other) => other !== best.other);
    const { buy, sell } = best;
    const cost = Math.ceil((sell.price * buy.energy_Wh) / 1000);
    const fee = Math.floor((feePerKWh * buy.energy_Wh) / 1000);
    this.#pay(buy.who, buy.funds - cost - fee);
    const { energy_Wh } = buy;
    const sides = { consumer: buy.who, provider: sell.who };
    this.trades.push({ ...sides, energy_Wh, cost, fee, state: "open" });
    return "OK";
  }

  cancel(who: number, name: string): string {
    const order = this.open.find((one) => one.name === name);
    if (order === undefined) return this.#names.has(name) ? "ORDER_CLOSED" : "ORDER_UNKNOWN";
    if (order.who !== who) return "NOT_AUTHORISED";
    this.open = this.open.filter((one) => one !== order);
    this.#pay(who, order.funds);
    return "OK";
  }

  deliver(place: number, side: "given" | "received", energy_Wh: number): string {
    const trade = this.trades[place];
    if (trade?.state !== "open") return "TRADE_CLOSED";
    if (trade[side] !== undefined) return "STATEMENT_KNOWN";
    trade[side] = energy_Wh;
    const { given, received } = trade;
    if (given === undefined || received === undefined) return "OK";
    const isAgreed =
      Math.abs(given - trade.energy_Wh) <= 0.02 * trade.energy_Wh &&
      received <= 1.02 * given &&
      received >= 0.85 * given;
    if (isAgreed) this.#close(trade, 0);
    else trade.state = "disputed";
    return "OK";
  }

  resolve(place: number, refund: number): string {
    const trade = this.trades[place];
    if (trade?.state !== "disputed") return "TRADE_NOT_DISPUTED";
    if (refund > trade.cost + trade.fee) return "REFUND_TOO_LARGE";
    this.#close(trade, refund);
    return "OK";
  }

  expire(place: number): string {
    const trade = this.trades[place];
    if (trade?.state !== "open") return "TRADE_CLOSED";
    const isSilent = trade.given === undefined && trade.received === undefined;
    if (isSilent) this.#close(trade, trade.cost + trade.fee);
    else trade.state = "disputed";
    return "OK";
  }

  /** The first from a place on whose vehicle is free, or that one. */
  freeFrom(who: number): number {
    const all = this.balances.map((_, i) => (who + i) % this.balances.length);
    return all.find((one) => !this.#isBusy(one)) ?? who;
  }

  #close(trade: ModelTrade, refund: number): void {
    const left = trade.cost + trade.fee - refund;
    const toPlatform = Math.floor((2 * trade.fee * left) / (trade.cost + trade.fee));
    this.#pay(trade.consumer, refund);
    this.#pay(trade.provider, left - toPlatform);
    this.platform += toPlatform;
    trade.state = "closed";
  }

  #pay(who: number, amount: number): void {
    this.balances[who] = (this.balances[who] ?? 0) + amount;
  }

  #isBusy(who: number): boolean {
    const isTrading = this.trades.some(
      ({ state, consumer, provider }) => state === "open" && [consumer, provider].includes(who),
    );
    return isTrading || this.open.some((order) => order.who === who);
  }

  #trios(order: ModelOrder, other: ModelOrder, arrival: number): Trio[] {
    if (order.side === other.side || order.who === other.who) return [];
    const [buy, sell] = order.side === "buy" ? [order, other] : [other, order];
    const { energy_Wh } = buy;
    if (Math.min(sell.energy_Wh, sell.spare_Wh) < energy_Wh) return [];
    if (buy.price > 0 && sell.price > buy.price) return [];
    if (((sell.price + feePerKWh) * energy_Wh) / 1000 > buy.funds) return [];
    return points.flatMap((x, point) => {
      const way = ({ x: from, own }: ModelOrder): number =>
        (Math.abs(from - x) / 1e6) * (use_Wh / 1000) * own;
      const cost = sell.price + way(buy) / (energy_Wh / 1000);
      const profit = sell.price - feePerKWh - way(sell) / (energy_Wh / 1000);
      return profit < 0 ? [] : [{ buy, sell, other, arrival, point, cost, profit }];
    });
  }
}

interface Trio {
  readonly buy: ModelOrder;
  readonly sell: ModelOrder;
  readonly other: ModelOrder;
  readonly arrival: number;
  readonly point: number;
  readonly cost: number;
  readonly profit: number;
}

/** The sums of the model's numbers are close, never nearly equal, or the same. */
function before(a: Trio, b: Trio): number {
  if (Math.abs(a.cost - b.cost) > 1e-6) return a.cost - b.cost;
  if (Math.abs(a.profit - b.profit) > 1e-6) return b.profit - a.profit;
  return a.arrival - b.arrival || a.point - b.point;
}

import {
  encodeBuyOrder,
  encodeEnergyStatement,
  encodeSellOrder,
  moduleNumber,
  signEnergyStatement,
  tradeIdOf,
  v2vAction,
} from "@voltfog/ledger";
import type { Position } from "@voltfog/market";
import { ByteWriter, type Clock } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import type { Order, Person } from "./market-people.ts";

/** What one sells and the other wants, exactly. */
export interface Sale {
  readonly energy_Wh: number;
  readonly pricePerKWh: number;
}

/** Two neighbours with a meeting point between them, who trade with nobody else. */
export interface Neighbours {
  readonly seller: Person;
  readonly buyer: Person;
  readonly home: Position;
  /** Which tells them from others at the same point; the same everywhere where absent. */
  readonly sale?: Sale;
}

/** A trade in its order. */
export const tradeSteps = ["sell", "buy", "given", "received"] as const;
const usual: Sale = { energy_Wh: 10_000, pricePerKWh: 300_000 };
const spare_Wh = 30_000;
const ownPricePerKWh = 200_000;
const funds = 20_000_000;

/** Where and when a trade's statements are made. */
interface Making {
  readonly chainId: Uint8Array;
  readonly clock: Clock;
}

/** What a pair sends as its order of a number: one sells, the other buys, both vehicles count, the money is paid. */
export function tradeOrder(pair: Neighbours, turn: number, making: Making): Order {
  const step = tradeSteps[turn % tradeSteps.length] ?? "sell";
  const trade = Math.floor(turn / tradeSteps.length);
  const { seller, buyer, home: position, sale = usual } = pair;
  const { energy_Wh, pricePerKWh } = sale;
  const [sellOrder, buyOrder] = [orderId(seller, trade), orderId(buyer, trade)];
  const module = moduleNumber.v2v;
  if (step === "sell") {
    const vehicle = seller.vehicle.publicKey;
    const terms = { energy_Wh, pricePerKWh, spare_Wh, ownPricePerKWh };
    const payload = encodeSellOrder({ ...terms, orderId: sellOrder, vehicle, position });
    return { module, by: seller.signer, action: v2vAction.sell, payload };
  }
  if (step === "buy") {
    const vehicle = buyer.vehicle.publicKey;
    const order = { orderId: buyOrder, vehicle, energy_Wh, ownPricePerKWh, funds, position };
    const payload = encodeBuyOrder({ ...order, maxPricePerKWh: pricePerKWh });
    return { module, by: buyer.signer, action: v2vAction.buy, payload };
  }
  const tradeId = tradeIdOf({ buyOrder, sellOrder }, crypto);
  const person = step === "given" ? seller : buyer;
  const now_ms = making.clock.wall_ms();
  const count = { tradeId, side: step, energy_Wh, from_ms: now_ms, to_ms: now_ms };
  const signing = { chainId: making.chainId, vehicle: person.vehicle };
  const payload = encodeEnergyStatement(signEnergyStatement(count, signing));
  return { module, by: person.signer, action: v2vAction.deliver, payload };
}

/**
 * Trades without end: everybody's neighbour sells, everybody buys, both vehicles count, and the money is paid.
 * A trade's steps lie a round of all neighbours apart.
 */
export class TradingLoad {
  readonly #neighbours: readonly Neighbours[];
  readonly #making: Making;
  #count = 0;

  constructor(o: Making & { neighbours: readonly Neighbours[] }) {
    this.#neighbours = o.neighbours;
    this.#making = o;
  }

  next(): Order {
    const turn = this.#count++;
    const pair = this.#neighbours[turn % this.#neighbours.length];
    if (pair === undefined) throw new Error("there are neighbours");
    return tradeOrder(pair, Math.floor(turn / this.#neighbours.length), this.#making);
  }
}

function orderId({ vehicle }: Person, trade: number): Uint8Array {
  const name = new ByteWriter().raw(vehicle.publicKey).u64(trade).finish();
  return crypto.sha256(name).slice(0, 16);
}

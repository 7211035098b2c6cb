import { assert } from "@voltfog/runtime";
import { type Buy, compareIds } from "./open-order.ts";

/** So few are tried one by one, without asking the cells. */
const fewMaxDefault = 512;

/** Open buys by the highest price that each allows: an ask that few can pay need not look at the others. */
export class BuyLimits {
  readonly #buys: Buy[] = [];
  readonly #fewMax: number;

  constructor(fewMax: number = fewMaxDefault) {
    this.#fewMax = fewMax;
  }

  put(buy: Buy): void {
    this.#buys.splice(this.#placeOf(buy), 0, buy);
  }

  take(buy: Buy): void {
    const place = this.#placeOf(buy);
    assert(this.#buys[place] === buy, "a buy is found where it was put");
    this.#buys.splice(place, 1);
  }

  /** Those that allow a price, where they are few; undefined where they are many. */
  from(price: number): readonly Buy[] | undefined {
    const first = this.#first((buy) => buy.limit < price);
    const isFew = this.#buys.length - first <= this.#fewMax;
    return isFew ? this.#buys.slice(first) : undefined;
  }

  #placeOf(buy: Buy): number {
    return this.#first((other) => {
      if (other.limit !== buy.limit) return other.limit < buy.limit;
      if (other.arrival !== buy.arrival) return other.arrival < buy.arrival;
      return compareIds(other.id, buy.id) < 0;
    });
  }

  /** The first place whose buy is not before. */
  #first(isBefore: (buy: Buy) => boolean): number {
    let low = 0;
    let high = this.#buys.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const buy = this.#buys[middle];
      if (buy !== undefined && isBefore(buy)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

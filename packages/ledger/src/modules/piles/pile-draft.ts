import {
  costOf,
  freeSlots,
  marginOf,
  type Placement,
  placeEnergy,
  shared,
  tariffPrice,
} from "@voltfog/market";
import { ByteWriter, toHex, utf8 } from "@voltfog/runtime";
import type { StateTree } from "../../state/state-tree.ts";
import type { TransactionContext } from "../module.ts";
import type { PileContractRecord } from "./pile-contract.ts";
import { encodePileContract } from "./pile-contract.ts";
import { pileContractName, pileCurveName, pileName, pileOrderName } from "./pile-names.ts";
import type { PileWindow } from "./pile-orders.ts";
import {
  bookingsMax,
  type CurveRecord,
  encodeCurve,
  encodePile,
  encodePileOrder,
  type PileOrderRecord,
  type PileRecord,
} from "./pile-records.ts";
import { fillsMax, type NumberedContract, type PileTradeResult } from "./pile-results.ts";

/** Where all money of orders and contracts lies; their records say whose it is. */
export const pilesPot = { pot: "piles" } as const;

const domain = utf8("voltfog/pile-contract-id/1\n");
const noOrder = new Uint8Array(16);

/** One trade between an order and a pile. */
interface Fill {
  readonly buyOrder: Uint8Array;
  readonly sellOrder: Uint8Array | undefined;
  readonly buyer: Uint8Array;
  readonly pileKey: Uint8Array;
  readonly pile: PileRecord;
  readonly placement: Placement;
  readonly cost: number;
  /** At most this much margin can be locked. */
  readonly marginMax: number;
  /** 0 where a limit order set the price. */
  readonly curveGeneration: number;
}

/** What an order does, step by step; nothing of it counts unless the order is accepted. */
export class PileDraft {
  readonly #context: TransactionContext;
  readonly #orderId: Uint8Array;
  readonly #orders = new Map<string, { orderId: Uint8Array; order: PileOrderRecord }>();
  readonly #contracts: NumberedContract[] = [];
  state: StateTree;
  curve: CurveRecord;

  constructor(options: {
    state: StateTree;
    context: TransactionContext;
    orderId: Uint8Array;
    curve: CurveRecord;
  }) {
    this.state = options.state;
    this.#context = options.context;
    this.#orderId = options.orderId;
    this.curve = options.curve;
  }

  get isFull(): boolean {
    return this.#contracts.length >= fillsMax;
  }

  /** Writes an order's record; the first one is the sender's own. */
  keep(orderId: Uint8Array, order: PileOrderRecord): void {
    this.#orders.set(toHex(orderId), { orderId, order });
    this.state = this.state.with(pileOrderName(orderId), encodePileOrder(order));
  }

  /** Where in its idle time a pile can take on energy. */
  place(wish: {
    pile: PileRecord;
    energy_Wh: number;
    windows: readonly PileWindow[];
  }): Placement | undefined {
    const { pile, energy_Wh } = wish;
    if (pile.bookings.length >= bookingsMax) return undefined;
    const now = { from_ms: this.#context.time_ms, to_ms: Number.MAX_SAFE_INTEGER };
    let within: PileWindow | undefined = now;
    for (const window of wish.windows) within = within && shared(within, window);
    if (within === undefined) return undefined;
    const booked = pile.bookings.map(({ window }) => window);
    const free = freeSlots({ windows: pile.terms.windows, booked, within });
    return placeEnergy({ free, energy_Wh, power_W: pile.terms.power_W });
  }

  /** What would be locked beside the price. */
  marginOf({ slot, energy_Wh }: Placement): number {
    const cataloguePricePerKWh = tariffPrice(this.curve.catalogue, slot.from_ms);
    return marginOf({ energy_Wh, cataloguePricePerKWh });
  }

  /** Makes the contract and books the pile; what it locks is cost + margin. */
  fill(fill: Fill): PileContractRecord {
    const { placement, pile, pileKey } = fill;
    const { energy_Wh, slot } = placement;
    const { peakFrom_min, peakTo_min } = this.curve.catalogue;
    const baseline = tariffPrice({ ...pile.terms, peakFrom_min, peakTo_min }, slot.from_ms);
    const contract: PileContractRecord = {
      state: "proposed",
      buyer: fill.buyer,
      owner: pile.owner,
      pileKey,
      zone: this.curve.zone,
      energy_Wh,
      cost: fill.cost,
      margin: Math.min(this.marginOf(placement), fill.marginMax),
      window: slot,
      cataloguePricePerKWh: tariffPrice(this.curve.catalogue, slot.from_ms),
      baselineCost: costOf({ energy_Wh, pricePerKWh: baseline }),
      curveGeneration: fill.curveGeneration,
      template: this.curve.template,
      buyOrder: fill.buyOrder,
      sellOrder: fill.sellOrder ?? noOrder,
      made_ms: this.#context.time_ms,
      signed: { buyer: false, owner: false },
      given_Wh: undefined,
      received_Wh: undefined,
      confirmed: { buyer: false, owner: false },
      images: [],
      settlement: undefined,
      rowHash: undefined,
    };
    const contractId = this.#nextId();
    this.#contracts.push({ contractId, contract });
    const bookings = [...pile.bookings, { contractId, window: slot }];
    this.state = this.state
      .with(pileContractName(contractId), encodePileContract(contract))
      .with(pileName(pileKey), encodePile({ ...pile, bookings }));
    return contract;
  }

  keepCurve(): void {
    this.state = this.state.with(pileCurveName(this.curve.zone), encodeCurve(this.curve));
  }

  get result(): PileTradeResult {
    return { orders: [...this.#orders.values()], contracts: this.#contracts };
  }

  /** Of the chain, the order and the contract's place in it. */
  #nextId(): Uint8Array {
    const { genesis, crypto } = this.#context;
    const place = this.#contracts.length;
    const content = new ByteWriter().raw(domain).raw(genesis.chainId).raw(this.#orderId).u8(place);
    return crypto.sha256(content.finish()).slice(0, 16);
  }
}

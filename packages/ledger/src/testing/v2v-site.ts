import { assert, type Crypto, utf8 } from "@voltfog/runtime";
import { signTransaction } from "../chain/transaction.ts";
import { moduleNumber } from "../modules/module.ts";
import {
  encodeBuyOrder,
  encodeMeetingPoints,
  encodeSellOrder,
  encodeV2vId,
  encodeVehicleLink,
  signVehicleLink,
  v2vAction,
} from "../modules/v2v-orders.ts";
import { decodePlacedOrder, type TradeRecord } from "../modules/v2v-records.ts";
import { type EnergyStatement, encodeEnergyStatement, signEnergyStatement } from "../modules/v2v-statement.ts"; // biome-ignore format: one line
import type { Member, VehicleMember } from "./consortium.ts";
import { type Call, MarketSite, type Outcome } from "./market-site.ts";
import { at } from "./transactions.ts";

/** Somebody with an account and a linked vehicle. */
export interface Driver {
  readonly person: Member;
  readonly vehicle: VehicleMember;
}

export interface PlainOrder {
  readonly name: string;
  readonly energy_Wh?: number;
  readonly price?: number;
  readonly own?: number;
  readonly spare_Wh?: number;
  readonly funds?: number;
  readonly x?: number;
  readonly y?: number;
}

export const use_Wh = 200;

/** Two meeting points on a plane, ten kilometres apart, and drivers with a vehicle each. For tests. */
export class V2vSite extends MarketSite {
  readonly #crypto: Crypto;
  #drivers = 0;
  #isProposal = false;

  constructor(options: { crypto: Crypto; vehicles?: number }) {
    super(options);
    this.#crypto = options.crypto;
  }

  namePoints(): Outcome {
    const point = (id: number, east: number) => {
      const position = { kind: "plane" as const, east, north: 0 };
      return { id, name: `Corner ${id}`, position };
    };
    const payload = encodeMeetingPoints([point(1, 0), point(2, 10_000_000)]);
    return this.v2v(this.authority, v2vAction.meetingPoints, payload);
  }

  v2v(sender: Member, action: number, payload: Uint8Array): Outcome {
    return this.send({ sender, module: "v2v", action, payload });
  }

  driver(id: string, amount: number): Driver {
    const person = this.person(id, amount);
    const vehicle = at(this.consortium.vehicles, this.#drivers++);
    assert(this.link({ person, vehicle }).code === "OK", "the vehicle is linked");
    return { person, vehicle };
  }

  link({ person, vehicle }: Driver): Outcome {
    const { chainId } = this.consortium.genesis;
    const account = person.signer.publicKey;
    const terms = { chainId, account, usePerKm_Wh: use_Wh, vehicle: vehicle.signer };
    const payload = encodeVehicleLink(signVehicleLink(terms));
    return this.v2v(person, v2vAction.linkVehicle, payload);
  }

  idOf(name: string): Uint8Array {
    return this.#crypto.sha256(utf8(name)).slice(0, 16);
  }

  sell({ person, vehicle }: Driver, order: PlainOrder): Outcome {
    const payload = encodeSellOrder({
      orderId: this.idOf(order.name),
      vehicle: vehicle.signer.publicKey,
      energy_Wh: order.energy_Wh ?? 10_000,
      spare_Wh: order.spare_Wh ?? 20_000,
      pricePerKWh: order.price ?? 400_000,
      ownPricePerKWh: order.own ?? 200_000,
      position: placeOf(order),
    });
    return this.v2v(person, v2vAction.sell, payload);
  }

  buy({ person, vehicle }: Driver, order: PlainOrder): Outcome {
    const payload = encodeBuyOrder({
      orderId: this.idOf(order.name),
      vehicle: vehicle.signer.publicKey,
      energy_Wh: order.energy_Wh ?? 10_000,
      maxPricePerKWh: order.price ?? 0,
      ownPricePerKWh: order.own ?? 200_000,
      funds: order.funds ?? 5_000_000,
      position: placeOf(order),
    });
    return this.v2v(person, v2vAction.buy, payload);
  }

  cancel({ person }: Driver, name: string): Outcome {
    return this.v2v(person, v2vAction.cancel, encodeV2vId(this.idOf(name)));
  }

  /** What one side's vehicle counted, from the match on. */
  deliver(
    driver: Driver,
    trade: TradeRecord,
    count: { side: EnergyStatement["side"]; energy_Wh: number },
  ): Outcome {
    const { chainId } = this.consortium.genesis;
    const from_ms = trade.matched_ms;
    const terms = { tradeId: trade.id, from_ms, to_ms: from_ms + 1, ...count };
    const statement = signEnergyStatement(terms, { chainId, vehicle: driver.vehicle.signer });
    return this.v2v(driver.person, v2vAction.deliver, encodeEnergyStatement(statement));
  }

  /** Whatever is sent meanwhile is in proposals that are executed and thrown away. */
  propose(run: (site: this) => void): void {
    this.#isProposal = true;
    run(this);
    this.#isProposal = false;
  }

  override send(call: Call): Outcome {
    if (!this.#isProposal) return super.send(call);
    const { chain, consortium } = this;
    const { sender, module, action, payload } = call;
    const transaction = signTransaction({
      chainId: consortium.genesis.chainId,
      module: moduleNumber[module],
      action,
      nonce: chain.nonceOf(sender.signer.publicKey) + 1,
      payload,
      signer: sender.signer,
    });
    chain.build({
      parentCertificate: chain.head.certificate,
      time_ms: chain.head.header.time_ms + 1000,
      proposer: this.validator(0).signer.publicKey,
      transactions: [transaction],
    });
    return { code: "SKIPPED", data: new Uint8Array() };
  }

  /** A block at a time. */
  passTo(time_ms: number): void {
    this.sendAll([], { time_ms });
  }
}

/** The trade that an order made. */
export function tradeIn(outcome: Outcome): TradeRecord {
  const placed = decodePlacedOrder(outcome.data);
  assert(placed.ok && placed.value.trade !== undefined, `a match, not ${outcome.code}`);
  return placed.value.trade;
}

function placeOf({ x, y }: PlainOrder): { kind: "plane"; east: number; north: number } {
  return { kind: "plane", east: x ?? 0, north: y ?? 0 };
}

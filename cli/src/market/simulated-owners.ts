import { join } from "node:path";
import {
  encodeBuyOrder,
  encodeEnergyStatement,
  encodeSellOrder,
  encodeVehicleLink,
  moduleNumber,
  signEnergyStatement,
  signVehicleLink,
  v2vAction,
} from "@voltfog/ledger";
import type { MarketAccountView, MarketTradeView } from "@voltfog/messages";
import { fromHex, type Random, type Signer, toHex } from "@voltfog/runtime";
import { loadSigningKey, systemRandom } from "@voltfog/runtime/node";
import { readEnrolled } from "../site/site-record.ts";
import { firstTariff, townCentre } from "./demonstration-terms.ts";
import type { MarketClient } from "./market-client.ts";
import type { MarketSite } from "./market-site.ts";
import { openAccount, personMoney, type SitePerson, siteKeyOf, topUp } from "./site-people.ts";

const ownersMax = 4;
const exchange_ms = 20_000;
/** Of what one battery gives, what the other gets: two converters and a cable. */
const efficiency = 0.93;

interface Owner extends SitePerson {
  readonly vehicle: Signer;
}

/** Some owners of the site's last vehicles; the first ones are left to whoever tries the market. */
export class SimulatedOwners {
  readonly #client: MarketClient;
  readonly #site: MarketSite;
  readonly #random: Random;
  readonly #pause: (delay_ms: number) => Promise<void>;
  readonly #owners: readonly Owner[];
  #chainId: Uint8Array = new Uint8Array();

  constructor(options: {
    client: MarketClient;
    site: MarketSite;
    random: Random;
    pause: (delay_ms: number) => Promise<void>;
  }) {
    this.#client = options.client;
    this.#site = options.site;
    this.#random = options.random;
    this.#pause = options.pause;
    const { paths } = options.site;
    const vehicles = readEnrolled(paths.enrolled).map(({ id }) => id);
    const shown = vehicles.slice(Math.max(vehicles.length / 2, vehicles.length - ownersMax));
    this.#owners = shown.map((id, i) => {
      const handle = `sim-owner-${i + 1}`;
      const vehicle = loadSigningKey(join(paths.keys, `${id}.key`));
      return { handle, signer: siteKeyOf(paths, handle), vehicle };
    });
  }

  /** Accounts, and their vehicles linked. */
  async open(chainId: string): Promise<void> {
    this.#chainId = fromHex(chainId) ?? new Uint8Array();
    for (const owner of this.#owners) {
      await openAccount({ client: this.#client, chainId, person: owner, amount: personMoney });
      const { vehicles } = await this.#account(owner);
      if (vehicles.length > 0) continue;
      const { signer, vehicle } = owner;
      const usePerKm_Wh = 140 + Math.floor(this.#random.uniform() * 40);
      const terms = { chainId: this.#chainId, account: signer.publicKey, usePerKm_Wh, vehicle };
      await this.#order(owner, v2vAction.linkVehicle, encodeVehicleLink(signVehicleLink(terms)));
    }
  }

  /** One offers and another asks; where they match, both deliver. Gives the last code. */
  async trade(): Promise<string> {
    if (this.#owners.length < 2) return "OK";
    const first = Math.floor(this.#random.uniform() * this.#owners.length);
    const seller = this.#owners[first] as Owner;
    const buyer = this.#owners[(first + 1) % this.#owners.length] as Owner;
    const energy_Wh = 2000 + Math.floor(this.#random.uniform() * 4000);
    const code = await this.#offer(seller, energy_Wh);
    return code === "OK" ? this.#ask(buyer, energy_Wh) : code;
  }

  #offer(owner: Owner, energy_Wh: number): Promise<string> {
    const order = {
      orderId: systemRandom.bytes(16),
      vehicle: owner.vehicle.publicKey,
      energy_Wh,
      spare_Wh: energy_Wh + 3000,
      pricePerKWh: 240_000 + Math.floor(this.#random.uniform() * 100) * 1000,
      ownPricePerKWh: firstTariff.pricePerKWh,
      position: this.#place(),
    };
    return this.#order(owner, v2vAction.sell, encodeSellOrder(order));
  }

  async #ask(owner: Owner, energy_Wh: number): Promise<string> {
    const { signer, vehicle } = owner;
    await topUp(this.#client, signer);
    const order = {
      orderId: systemRandom.bytes(16),
      vehicle: vehicle.publicKey,
      energy_Wh,
      maxPricePerKWh: 0,
      ownPricePerKWh: firstTariff.pricePerKWh,
      funds: 5_000_000,
      position: this.#place(),
    };
    return this.#order(owner, v2vAction.buy, encodeBuyOrder(order));
  }

  /** Both sides of trades of these owners that wait say what their batteries counted. */
  async deliver(): Promise<void> {
    const trades = new Map<string, MarketTradeView>();
    for (const owner of this.#owners) {
      for (const one of (await this.#account(owner)).trades) trades.set(one.id, one);
    }
    const waiting = [...trades.values()].filter(({ state }) => state === "open");
    if (waiting.length === 0) return;
    await this.#pause(exchange_ms);
    for (const trade of waiting) await this.#statements(trade);
  }

  async #statements(trade: MarketTradeView): Promise<void> {
    for (const [side, key] of [
      ["given", trade.seller],
      ["received", trade.buyer],
    ] as const) {
      // A person who trades with a simulated owner says it for its own vehicle.
      const owner = this.#owners.find(({ signer }) => toHex(signer.publicKey) === key);
      if (owner === undefined || trade[side] !== null) continue;
      const share = side === "given" ? 1 : efficiency;
      const terms = {
        tradeId: fromHex(trade.id) ?? new Uint8Array(),
        side,
        energy_Wh: Math.floor(trade.energy_Wh * share),
        from_ms: trade.time_ms,
        to_ms: this.#site.clock.wall_ms(),
      };
      const { vehicle } = owner;
      const statement = signEnergyStatement(terms, { chainId: this.#chainId, vehicle });
      await this.#order(owner, v2vAction.deliver, encodeEnergyStatement(statement));
    }
  }

  async #account(owner: Owner): Promise<MarketAccountView> {
    const path = `/v1/market/accounts/${toHex(owner.signer.publicKey)}`;
    return (await this.#client.get(path)) as MarketAccountView;
  }

  async #order(owner: Owner, action: number, payload: Uint8Array): Promise<string> {
    const order = { module: moduleNumber.v2v, action, payload };
    return (await this.#client.order(owner.signer, order)).code;
  }

  /** Somewhere in town, to a thousandth of a degree. */
  #place(): { kind: "earth"; east: number; north: number } {
    const step = (): number => Math.floor((this.#random.uniform() - 0.5) * 60) * 1000;
    const { east, north } = townCentre;
    return { kind: "earth", east: roundTo(east + step()), north: roundTo(north + step()) };
  }
}

function roundTo(value: number): number {
  return Math.round(value / 1000) * 1000;
}

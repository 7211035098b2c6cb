import {
  encodeDeliverOrder,
  encodeListOrder,
  encodeMarketBuy,
  encodePileId,
  encodeSignOrder,
  moduleNumber,
  pileAction,
  signPile,
} from "@voltfog/ledger";
import type { PileContractView, PileMarketView } from "@voltfog/messages";
import { fromHex, type Random, type Signer, toHex } from "@voltfog/runtime";
import { systemRandom } from "@voltfog/runtime/node";
import { shownTermsHash } from "../trade/pile-contract.ts";
import { firstCurve } from "./demonstration-terms.ts";
import type { MarketClient } from "./market-client.ts";
import type { MarketSite } from "./market-site.ts";
import { openAccount, personMoney, type SitePerson, siteKeyOf, topUp } from "./site-people.ts";

const hosts = 2;
const power_W = 22_000;
const soon_ms = 15_000;
const window_ms = 900_000;
const hour_ms = 3_600_000;

interface Host extends SitePerson {
  readonly pile: Signer;
}

/** Some owners of private piles, and a guest who buys there. */
export class SimulatedHosts {
  readonly #client: MarketClient;
  readonly #site: MarketSite;
  readonly #random: Random;
  readonly #pause: (delay_ms: number) => Promise<void>;
  readonly #hosts: readonly Host[];
  readonly #guest: SitePerson;
  #chainId = "";

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
    const person = (handle: string): SitePerson => ({ handle, signer: siteKeyOf(paths, handle) });
    this.#guest = person("sim-guest-1");
    this.#hosts = Array.from({ length: hosts }, (_, i) => ({
      ...person(`sim-host-${i + 1}`),
      pile: siteKeyOf(paths, `private-pile-${i + 1}`),
    }));
  }

  /** Accounts, and the hosts' piles offered around the clock. */
  async open(chainId: string): Promise<void> {
    this.#chainId = chainId;
    const { piles } = (await this.#client.get("/v1/market/piles")) as PileMarketView;
    for (const person of [this.#guest, ...this.#hosts]) {
      await openAccount({ client: this.#client, chainId, person, amount: personMoney });
    }
    for (const host of this.#hosts) {
      if (piles.some(({ key }) => key === toHex(host.pile.publicKey))) continue;
      const order = signPile({
        chainId: fromHex(chainId) ?? new Uint8Array(),
        owner: host.signer.publicKey,
        signer: host.pile,
        terms: {
          zone: firstCurve.zone,
          power_W,
          floorPricePerKWh: 100_000,
          valleyPricePerKWh: 300_000,
          peakPricePerKWh: 450_000,
          windows: [{ from_min: 0, to_min: 1440 }],
        },
      });
      await this.#order(host.signer, pileAction.list, encodeListOrder(order));
    }
  }

  /** The guest buys some energy; each contract is signed, delivered, metered on both sides and confirmed. */
  async visit(): Promise<string> {
    const { signer } = this.#guest;
    await topUp(this.#client, signer);
    const energy_Wh = 1000 + Math.floor(this.#random.uniform() * 1500);
    const from_ms = this.#site.clock.wall_ms() + soon_ms;
    const payload = encodeMarketBuy({
      orderId: systemRandom.bytes(16),
      zone: firstCurve.zone,
      energy_Wh,
      maxCost: 3_000_000,
      window: { from_ms, to_ms: from_ms + window_ms },
    });
    const code = await this.#order(signer, pileAction.marketBuy, payload);
    if (code !== "OK") return code;
    const made = (await this.#contracts()).filter(({ state }) => state === "proposed");
    for (const contract of made) await this.#sign(contract);
    await this.#pause(soon_ms + (energy_Wh * hour_ms) / power_W);
    for (const contract of made) await this.#fulfil(contract);
    return code;
  }

  async #sign(contract: PileContractView): Promise<void> {
    const host = this.#hostOf(contract);
    const termsHash = shownTermsHash(this.#chainId, contract);
    const payload = encodeSignOrder({ contractId: idOf(contract), termsHash });
    for (const signer of [this.#guest.signer, host?.signer]) {
      if (signer !== undefined) await this.#order(signer, pileAction.sign, payload);
    }
  }

  async #fulfil(contract: PileContractView): Promise<void> {
    const host = this.#hostOf(contract);
    if (host === undefined) return;
    const contractId = idOf(contract);
    const given = encodeDeliverOrder({ contractId, energy_Wh: contract.energy_Wh });
    for (const signer of [host.pile, this.#guest.signer]) {
      await this.#order(signer, pileAction.deliver, given);
    }
    for (const signer of [host.signer, this.#guest.signer]) {
      await this.#order(signer, pileAction.confirm, encodePileId(contractId));
    }
  }

  /** Somebody else's pile is none of these hosts' to sign for. */
  #hostOf({ seller }: PileContractView): Host | undefined {
    return this.#hosts.find(({ signer }) => toHex(signer.publicKey) === seller);
  }

  async #contracts(): Promise<readonly PileContractView[]> {
    const path = `/v1/market/contracts?key=${toHex(this.#guest.signer.publicKey)}`;
    return (await this.#client.get(path)) as readonly PileContractView[];
  }

  async #order(signer: Signer, action: number, payload: Uint8Array): Promise<string> {
    const order = { module: moduleNumber.piles, action, payload };
    return (await this.#client.order(signer, order)).code;
  }
}

function idOf({ id }: PileContractView): Uint8Array {
  return fromHex(id) ?? new Uint8Array();
}

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
const pageMax = 200;
/** A dispute waits for the authority alone. */
const waiting: readonly string[] = ["proposed", "signed", "metered"];

/** What these people ask of the market. */
export type HostsClient = Pick<MarketClient, "get" | "post" | "order" | "outcomeOf">;

interface Host extends SitePerson {
  readonly pile: Signer;
}

/** Some owners of private piles, and a guest who buys there. */
export class SimulatedHosts {
  readonly #client: HostsClient;
  readonly #site: Pick<MarketSite, "paths" | "clock">;
  readonly #random: Random;
  readonly #pause: (delay_ms: number) => Promise<void>;
  readonly #hosts: readonly Host[];
  readonly #guest: SitePerson;
  #chainId = "";
  #hasLooked = false;

  constructor(options: {
    client: HostsClient;
    site: Pick<MarketSite, "paths" | "clock">;
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

  /**
   * What an earlier visit left open is taken on first, whichever run it was of. Then the guest buys some
   * energy; each contract is signed, delivered, metered on both sides and confirmed.
   */
  async visit(): Promise<string> {
    await this.takeOn();
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
    await this.takeOn();
    await this.#pause(soon_ms + (energy_Wh * hour_ms) / power_W);
    await this.takeOn();
    return code;
  }

  /**
   * Every contract between these people as far as its time allows: signed, delivered once its window began,
   * confirmed; one whose time is over is ended by the timeout's rule, which frees its money and its pile.
   */
  async takeOn(): Promise<void> {
    for (const contract of await this.#unfinished()) {
      const host = this.#hostOf(contract);
      if (host === undefined) continue;
      const code = await this.#next(contract, host);
      if (code !== "CONTRACT_EXPIRED") continue;
      await this.#order(this.#guest.signer, pileAction.timeout, encodePileId(idOf(contract)));
    }
  }

  /** The last code; CONTRACT_EXPIRED once it is too late for the next step. */
  async #next(contract: PileContractView, host: Host): Promise<string> {
    if (contract.state === "proposed") return this.#sign(contract, host);
    if (contract.state === "metered") return this.#confirm(contract, host);
    if (this.#site.clock.wall_ms() < contract.from_ms) return "TOO_EARLY";
    const code = await this.#deliver(contract, host);
    return code === "OK" ? this.#confirm(contract, host) : code;
  }

  #sign(contract: PileContractView, host: Host): Promise<string> {
    const termsHash = shownTermsHash(this.#chainId, contract);
    const payload = encodeSignOrder({ contractId: idOf(contract), termsHash });
    const { signedByBuyer, signedByOwner } = contract;
    return this.#each(pileAction.sign, payload, [
      ...(signedByBuyer ? [] : [this.#guest.signer]),
      ...(signedByOwner ? [] : [host.signer]),
    ]);
  }

  /** What could flow since the window began: less than agreed where a stop of the site cut it short. */
  #deliver(contract: PileContractView, host: Host): Promise<string> {
    const { from_ms, given_Wh, received_Wh } = contract;
    const since_ms = this.#site.clock.wall_ms() - from_ms;
    const flowed_Wh = Math.floor((since_ms * power_W) / hour_ms);
    const energy_Wh = given_Wh ?? received_Wh ?? Math.min(contract.energy_Wh, flowed_Wh);
    const payload = encodeDeliverOrder({ contractId: idOf(contract), energy_Wh });
    return this.#each(pileAction.deliver, payload, [
      ...(given_Wh === null ? [host.pile] : []),
      ...(received_Wh === null ? [this.#guest.signer] : []),
    ]);
  }

  #confirm(contract: PileContractView, host: Host): Promise<string> {
    const { confirmedByBuyer, confirmedByOwner } = contract;
    return this.#each(pileAction.confirm, encodePileId(idOf(contract)), [
      ...(confirmedByOwner ? [] : [host.signer]),
      ...(confirmedByBuyer ? [] : [this.#guest.signer]),
    ]);
  }

  /** The same under each key, until one is refused; the last code. */
  async #each(action: number, payload: Uint8Array, signers: readonly Signer[]): Promise<string> {
    let code = "OK";
    for (const signer of signers) {
      code = await this.#order(signer, action, payload);
      if (code !== "OK") return code;
    }
    return code;
  }

  /** Somebody else's pile is none of these hosts' to sign for. */
  #hostOf({ seller }: PileContractView): Host | undefined {
    return this.#hosts.find(({ signer }) => toHex(signer.publicKey) === seller);
  }

  /** Contracts of the guest that wait for somebody here, the oldest first. */
  async #unfinished(): Promise<readonly PileContractView[]> {
    const found: PileContractView[] = [];
    const key = toHex(this.#guest.signer.publicKey);
    let page: readonly PileContractView[] = [];
    do {
      const last = page.at(-1);
      const before = last === undefined ? "" : `&before=${last.index}`;
      const path = `/v1/market/contracts?key=${key}&limit=${pageMax}${before}`;
      page = (await this.#client.get(path)) as readonly PileContractView[];
      found.push(...page.filter(({ state }) => waiting.includes(state)));
      // What an earlier run left is looked for once; later everything is on the newest page.
    } while (page.length === pageMax && !this.#hasLooked);
    this.#hasLooked = true;
    return found.toReversed();
  }

  async #order(signer: Signer, action: number, payload: Uint8Array): Promise<string> {
    const order = { module: moduleNumber.piles, action, payload };
    return (await this.#client.order(signer, order)).code;
  }
}

function idOf({ id }: PileContractView): Uint8Array {
  return fromHex(id) ?? new Uint8Array();
}

import { encodeAuthorisation, moduleNumber, sessionAction } from "@voltfog/ledger";
import { fromHex, type Random } from "@voltfog/runtime";
import { systemRandom } from "@voltfog/runtime/node";
import type { MarketClient } from "./market-client.ts";
import type { MarketSite } from "./market-site.ts";
import { openAccount, personMoney, type SitePerson, siteKeyOf, topUp } from "./site-people.ts";

const drivers = 3;
const limitAmount = 5_000_000;
const valid_ms = 1_800_000;
const fastPlug = 2;

/** Some drivers of a demonstration site. */
export class SimulatedDrivers {
  readonly #client: MarketClient;
  readonly #site: MarketSite;
  readonly #random: Random;
  readonly #people: readonly SitePerson[];

  constructor(options: { client: MarketClient; site: MarketSite; random: Random }) {
    this.#client = options.client;
    this.#site = options.site;
    this.#random = options.random;
    this.#people = Array.from({ length: drivers }, (_, i) => {
      const handle = `sim-driver-${i + 1}`;
      return { handle, signer: siteKeyOf(options.site.paths, handle) };
    });
  }

  async open(chainId: string): Promise<void> {
    for (const person of this.#people) {
      await openAccount({ client: this.#client, chainId, person, amount: personMoney });
    }
  }

  /** One of them authorises a session at one of the points. Gives the chain's code. */
  async charge(points: readonly string[]): Promise<string> {
    const { signer } = this.#pick(this.#people);
    const chargePoint = fromHex(this.#pick(points)) ?? new Uint8Array();
    await topUp(this.#client, signer);
    const { code } = await this.#client.order(signer, {
      module: moduleNumber.sessions,
      action: sessionAction.authorise,
      payload: encodeAuthorisation({
        salt: systemRandom.bytes(16),
        chargePoint,
        plugType: fastPlug,
        limitAmount,
        limit_Wh: 1000 + Math.floor(this.#random.uniform() * 3000),
        expiry_ms: this.#site.clock.wall_ms() + valid_ms,
        beansOf: undefined,
      }),
    });
    return code;
  }

  #pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.#random.uniform() * list.length)] as T;
  }
}

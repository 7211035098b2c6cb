import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { firstCurve } from "../../cli/src/market/demonstration-terms.ts";
import type { Order, OrderOutcome } from "../../cli/src/market/market-client.ts";
import { type HostsClient, SimulatedHosts } from "../../cli/src/market/simulated-hosts.ts";
import { sitePaths } from "../../cli/src/site/site-folder.ts";
import { MarketBook } from "../../cloud/src/market/market-book.ts";
import { contractViews, pileMarketView } from "../../cloud/src/market/pile-view.ts";
import { newsOf } from "../../cloud/src/market/result-news.ts";
import {
  accountAction,
  balanceOf,
  encodeCurveOrder,
  encodeOpening,
  handleHashOf,
  isOpened,
  moduleNumber,
  pileAction,
} from "../../packages/ledger/src/index.ts";
import { hours, PileSite } from "../../packages/ledger/src/testing/pile-site.ts";
import {
  fromHex,
  ManualClock,
  SeededRandom,
  type Signer,
  toHex,
} from "../../packages/runtime/src/index.ts";
import { nodeCrypto as crypto } from "../../packages/runtime/src/node/index.ts";

const hour_ms = 3_600_000;
const most = Number.MAX_SAFE_INTEGER;

/** The market over a chain in this process: what the cloud would answer, and the chain's own verdicts. */
class ChainMarket implements HostsClient {
  readonly site = new PileSite({ crypto });
  readonly clock: ManualClock;
  readonly #book = new MarketBook();
  #index = 0;
  /** Requests of piles that get through before the site stops. */
  ordersMax: number = most;

  constructor() {
    this.clock = new ManualClock(hours(9, 10).from_ms);
    const payload = encodeCurveOrder(firstCurve);
    expect(this.site.authority(pileAction.curve, payload).code).toBe("OK");
  }

  get pot(): number {
    return this.site.pot;
  }

  get #reading() {
    const { chain, state } = this.site.market;
    return { chain, state, book: this.#book, crypto };
  }

  piles(): ReturnType<typeof pileMarketView> {
    return pileMarketView(this.#reading);
  }

  contracts(label?: string): ReturnType<typeof contractViews> {
    return contractViews(this.#reading, { label, limit: 200 });
  }

  get(path: string): Promise<unknown> {
    const { pathname, searchParams } = new URL(path, "http://cloud");
    if (pathname === "/v1/market/piles") return Promise.resolve(this.piles());
    const key = searchParams.get("key") ?? pathname.split("/").at(-1) ?? "";
    if (pathname === "/v1/market/contracts") return Promise.resolve(this.contracts(key));
    const balance = balanceOf(this.site.market.state, fromHex(key) ?? new Uint8Array());
    return Promise.resolve({ balance });
  }

  /** Accounts and deposits, as the desk does them. */
  post(path: string, body: object): Promise<unknown> {
    const { market } = this.site;
    const { key, handle, possession, amount } = body as Record<string, string>;
    const account = fromHex(key ?? "") ?? new Uint8Array();
    const sender = { id: "somebody", signer: { publicKey: account } as Signer };
    if (path.endsWith("deposits")) market.pay(sender, Number(amount));
    else if (!isOpened(market.state, account)) {
      const handleHash = handleHashOf(handle ?? "", crypto);
      const opening = { key: account, handleHash, possession: fromHex(possession ?? "") };
      market.send({
        ...{ sender: market.authority, module: "accounts", action: accountAction.open },
        payload: encodeOpening({ ...opening, possession: opening.possession ?? new Uint8Array() }),
      });
    }
    return Promise.resolve({ transaction: "" });
  }

  outcomeOf(): Promise<OrderOutcome> {
    return Promise.resolve(this.#outcome("OK"));
  }

  order(signer: Signer, { module, action, payload }: Order): Promise<OrderOutcome> {
    expect(module).toBe(moduleNumber.piles);
    if (this.ordersMax-- <= 0) return Promise.reject(new Error("the site has stopped"));
    const { market } = this.site;
    const time_ms = Math.max(market.chain.head.header.time_ms + 1, this.clock.wall_ms());
    const sender = { id: "somebody", signer };
    const [outcome] = market.sendAll([{ sender, module: "piles", action, payload }], { time_ms });
    const { code = "", data = new Uint8Array() } = outcome ?? {};
    if (code === "OK") {
      const index = this.#index++;
      const at = { height: market.chain.height, txIndex: 0, txHash: new Uint8Array(32) };
      const result = { ...at, sender: signer.publicKey, module, action, code, data };
      this.#book.fold({ result, index, time_ms }, newsOf(result));
    }
    return Promise.resolve(this.#outcome(code));
  }

  #outcome(code: string): OrderOutcome {
    return { hash: "", code, height: 1, meaning: "", remedy: null, data: [] };
  }
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "voltfog-hosts-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The people of one run of the site; another run has their keys again. */
async function hostsOf(market: ChainMarket): Promise<SimulatedHosts> {
  const hosts = new SimulatedHosts({
    client: market,
    site: { paths: sitePaths(folder), clock: market.clock },
    random: new SeededRandom(7),
    pause: async (delay_ms) => market.clock.advance(delay_ms),
  });
  await hosts.open(toHex(market.site.chainId));
  return hosts;
}

test("a visit that nothing stops is paid in full", async () => {
  const market = new ChainMarket();
  expect(await (await hostsOf(market)).visit()).toBe("OK");
  const [contract] = market.contracts();
  expect(contract).toMatchObject({ state: "settled", returned: 0 + (contract?.margin ?? 0) });
  expect([contract?.delivered_Wh, market.pot]).toEqual([contract?.energy_Wh, 0]);
});

// Buying, two signatures, two readings and two confirmations: a stop can come after each of them.
const stops = [1, 2, 3, 4, 5, 6];
const pauses = [60_000, 2 * hour_ms, 40 * hour_ms];

test.each(stops)(
  "what a stop after %i requests left open is finished or expired by the next run, and nothing stays locked",
  async (ordersMax) => {
    for (const pause_ms of pauses) {
      const market = new ChainMarket();
      const first = await hostsOf(market);
      market.ordersMax = ordersMax;
      await expect(first.visit()).rejects.toThrow("the site has stopped");
      market.ordersMax = most;
      expect(market.pot).toBeGreaterThan(0);
      market.clock.advance(pause_ms);
      const second = await hostsOf(market);
      // A timeout with one reading lets it stand for both; the step after it is the next look's.
      for (let look = 0; look < 2; look++) await second.takeOn();
      if (pause_ms === pauses[0] && ordersMax <= 3) {
        // The delivery was cut short: the window has only begun.
        market.clock.advance(hour_ms / 6);
        await second.takeOn();
      }
      const states = market.contracts().map(({ state }) => state);
      expect([ordersMax, pause_ms, ...new Set(states)]).toEqual([
        ...[ordersMax, pause_ms, states.includes("void") ? "void" : "settled"],
      ]);
      expect(market.pot).toBe(0);
      expect(market.piles().piles.flatMap(({ booked }) => booked)).toEqual([]);
      expect(await second.visit()).toBe("OK");
      expect(market.pot).toBe(0);
    }
  },
  120_000,
);

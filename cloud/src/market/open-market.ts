import type { Chain } from "@voltfog/ledger";
import type { Clock, Crypto, Random } from "@voltfog/runtime";
import { loadSigningKey } from "@voltfog/runtime/node";
import type { Remote } from "../remote/remote.ts";
import type { ChainReader } from "../store/chain-reader.ts";
import { MarketBook } from "./market-book.ts";
import { MarketDesk } from "./market-desk.ts";
import { MarketFollower } from "./market-follower.ts";
import type { MarketReading } from "./market-reading.ts";
import { MarketRefusal } from "./market-refusal.ts";
import { MarketViews } from "./market-views.ts";
import { Sponsor } from "./sponsor.ts";
import { ValidatorRelay } from "./validator-relay.ts";

/** Of the cloud's configuration. */
export interface MarketConfig {
  readonly marketKey: string;
  readonly marketDeposits: string;
  readonly marketCurrency: string;
}

/** The parts of the cloud's market. */
export interface Market {
  readonly market: MarketViews;
  readonly marketDesk: MarketDesk;
  readonly follower: MarketFollower;
  /** Sends what the desk itself orders; undefined where it has no key. */
  readonly sponsor: Sponsor | undefined;
}

/** Puts the market together; nothing runs yet. KEY_UNREADABLE. */
export function openMarket(options: {
  config: MarketConfig;
  chain: () => Chain | undefined;
  store: ChainReader;
  validators: readonly Remote[];
  /** Vehicles' ids by the id of their key, in hex. */
  vehicleNames: ReadonlyMap<string, string>;
  clock: Clock;
  crypto: Crypto;
  random: Random;
  signal: AbortSignal;
}): Market {
  const { config, chain, store, clock, crypto, random, signal } = options;
  const book = new MarketBook();
  const follower = new MarketFollower({ store, chain, book });
  const relay = new ValidatorRelay({ remotes: options.validators, signal });
  const signer = config.marketKey === "" ? undefined : loadSigningKey(config.marketKey);
  const sponsor = signer && new Sponsor({ signer, relay, clock });
  const settings = {
    currency: config.marketCurrency,
    simulatesDeposits: config.marketDeposits === "simulated",
    isOpen: sponsor !== undefined,
  };
  const reading = (): MarketReading => {
    const known = chain();
    if (known !== undefined && follower.height >= 0) {
      return { state: known.state, chain: known, book, crypto };
    }
    const message = "the chain is being read from the store";
    throw new MarketRefusal({ statusCode: 503, code: "MARKET_UNREAD", message });
  };
  return {
    market: new MarketViews({ reading, settings, crypto, vehicleNames: options.vehicleNames }),
    marketDesk: new MarketDesk({ reading, relay, sponsor, settings, crypto, random }),
    follower,
    sponsor,
  };
}

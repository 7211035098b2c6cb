import {
  authorityOf,
  balanceOf,
  pileZones,
  platformPot,
  supplyOf,
  unionOf,
  v2vBookOf,
  v2vRulesOf,
} from "@voltfog/ledger";
import type { MarketOverviewView } from "@voltfog/messages";
import { toHex } from "@voltfog/runtime";
import type { MarketReading, MarketSettings } from "./market-reading.ts";
import { unionView } from "./union-view.ts";

/** Everything that a start page of the market shows. */
export function overviewView(reading: MarketReading, settings: MarketSettings): MarketOverviewView {
  const { state, chain, book } = reading;
  const authority = authorityOf(state);
  const { openBuys, openSells, trades, disputes } = v2vBookOf(state);
  const sessions = (status: string): number => book.count("session", status);
  return {
    chainId: toHex(chain.genesis.chainId),
    height: chain.height,
    authority: authority === undefined ? null : toHex(authority),
    tariff: unionOf(state).tariff ?? null,
    union: unionView(reading),
    supply: supplyOf(state),
    platform: balanceOf(state, platformPot),
    v2v: { openBuys, openSells, trades, disputes, feePerKWh: v2vRulesOf(state).feePerKWh },
    piles: { curves: pileZones(state).length, contracts: book.total("contract") },
    sessions: {
      open: sessions("authorised") + sessions("charging"),
      settled: sessions("settled") + sessions("resolved"),
      disputed: sessions("disputed"),
    },
    currency: settings.currency,
    simulated: settings.simulatesDeposits && settings.isOpen,
    open: settings.isOpen,
  };
}

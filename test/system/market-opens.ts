import type { MarketOverviewView } from "@voltfog/messages";
import { eventually } from "./running-site.ts";

/** Waits until validators have named the market's authority: a site's market opens after the site is ready. */
export function marketOpens(web: string): Promise<MarketOverviewView> {
  return eventually("validators to name the market's authority", async () => {
    const answer = await fetch(new URL("v1/market/overview", web));
    if (!answer.ok) return undefined;
    const overview = (await answer.json()) as MarketOverviewView;
    return overview.authority === null ? undefined : overview;
  });
}

import {
  encodeCurveOrder,
  encodeMeetingPoints,
  encodeTariff,
  encodeTerms,
  encodeV2vRules,
  moduleNumber,
  pileAction,
  unionAction,
  v2vAction,
} from "@voltfog/ledger";
import type { MarketOverviewView, PileMarketView } from "@voltfog/messages";
import { CodedError, type Signer, toHex } from "@voltfog/runtime";
import {
  firstCurve,
  firstMeetingPoints,
  firstTariff,
  firstTerms,
  firstV2vRules,
} from "./demonstration-terms.ts";
import { foundUnion } from "./found-union.ts";
import type { MarketClient, Order } from "./market-client.ts";
import type { MarketSite } from "./market-site.ts";
import { nameAuthority } from "./name-authority.ts";

/**
 * Opens a site's market, as far as no earlier start did: authority, terms, tariff, meeting points, price
 * curve, operators with their charge points. What the authority changed since stays. Throws the first
 * refusal; trying again goes on where it stopped.
 */
export async function openMarket(o: {
  site: MarketSite;
  client: MarketClient;
  authority: Signer;
}): Promise<void> {
  const { site, client, authority } = o;
  const before = await overviewOf(client);
  if (before.authority !== toHex(authority.publicKey)) {
    // Whom the validators named since is not put aside.
    if (before.authority !== null) return;
    await nameAuthority({ ...site, key: authority.publicKey });
  }
  if (before.tariff === null) {
    const { union: module } = moduleNumber;
    const { setTerms, setTariff } = unionAction;
    await setRule(o, { module, action: setTerms, payload: encodeTerms(firstTerms) });
    // The tariff comes last: it says that both are done.
    await setRule(o, { module, action: setTariff, payload: encodeTariff(firstTariff) });
  }
  await foundUnion({ site, client, overview: await overviewOf(client) });
  await openPiles(o);
  await openMeetings(o);
}

interface Opening {
  readonly client: MarketClient;
  readonly authority: Signer;
}

/** A module that the validators do not have is left out: theirs is an older program, or another vote. */
async function setRule({ client, authority }: Opening, order: Order): Promise<void> {
  const code = await client.order(authority, order).then(
    (outcome) => outcome.code,
    (thrown: unknown) => {
      if (thrown instanceof CodedError && thrown.code === "TX_MODULE_UNKNOWN") return thrown.code;
      throw thrown;
    },
  );
  if (code === "OK" || code === "TX_MODULE_UNKNOWN") return;
  const message = `the chain refuses action ${order.action} of module ${order.module}`;
  throw new CodedError({ code, message });
}

/** A price curve, where no zone has one. */
async function openPiles(o: Opening): Promise<void> {
  const { curves } = (await o.client.get("/v1/market/piles")) as PileMarketView;
  if (curves.length > 0) return;
  const payload = encodeCurveOrder(firstCurve);
  await setRule(o, { module: moduleNumber.piles, action: pileAction.curve, payload });
}

/** Rules and meeting points for energy between vehicles, where there are none. */
async function openMeetings(o: Opening): Promise<void> {
  const path = "/v1/market/meeting-points";
  const { features } = (await o.client.get(path)) as { features: readonly unknown[] };
  if (features.length > 0) return;
  const { v2v: module } = moduleNumber;
  await setRule(o, { module, action: v2vAction.rules, payload: encodeV2vRules(firstV2vRules) });
  const payload = encodeMeetingPoints(firstMeetingPoints);
  await setRule(o, { module, action: v2vAction.meetingPoints, payload });
}

async function overviewOf(client: MarketClient): Promise<MarketOverviewView> {
  return (await client.get("/v1/market/overview")) as MarketOverviewView;
}

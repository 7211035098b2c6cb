import type { ChargePointView, MarketOverviewView } from "@voltfog/messages";
import { complaint } from "../complaint.ts";
import type { MarketClient } from "../market/market-client.ts";
import { parseKey } from "./id-text.ts";

/** Points of one operator that are asked for. */
const pointsMax = 200;

/** The charge points of all operators that are in the union now. */
export async function chargePoints(client: MarketClient): Promise<readonly ChargePointView[]> {
  const { union } = (await client.get("/v1/market/overview")) as MarketOverviewView;
  const members = union.operators.filter(({ left }) => !left);
  const lists = members.map(({ organisation }) => {
    const query = new URLSearchParams({ operator: organisation, limit: String(pointsMax) });
    return client.get(`/v1/market/charge-points?${query}`);
  });
  return ((await Promise.all(lists)) as (readonly ChargePointView[])[]).flat();
}

/**
 * The key of a charge point by its key, or by operator and pile as in operator-1/pile-1; the pile alone is
 * enough where one operator has it. CHARGE_POINT_UNKNOWN.
 */
export async function chargePointKey(client: MarketClient, text: string): Promise<Uint8Array> {
  if (/^[0-9a-f]{64}$/i.test(text)) return parseKey(text);
  const named = (await chargePoints(client)).filter(
    ({ organisation, pileId }) => text === pileId || text === `${organisation}/${pileId}`,
  );
  const [only] = named;
  if (only !== undefined && named.length === 1) return parseKey(only.key);
  throw complaint({
    code: "CHARGE_POINT_UNKNOWN",
    what: `${named.length} charge points are called ${JSON.stringify(text)}`,
    remedy: "see voltfog trade points for their names",
  });
}

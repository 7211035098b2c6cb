import { pileTermsHash } from "@voltfog/ledger";
import type { PileContractView } from "@voltfog/messages";
import { nodeCrypto } from "@voltfog/runtime/node";
import { complaint } from "../complaint.ts";
import { parseId, parseKey } from "./id-text.ts";
import type { TradeSession } from "./trade-session.ts";

/** The user's contracts of private piles, newest first. */
export async function contractsOf(session: TradeSession): Promise<readonly PileContractView[]> {
  const path = `/v1/market/contracts?key=${session.note.key}`;
  return (await session.client.get(path)) as readonly PileContractView[];
}

/** One of the user's contracts. CONTRACT_UNKNOWN. */
export async function contractOf(session: TradeSession, text: string): Promise<PileContractView> {
  const found = (await contractsOf(session)).find(({ id }) => id === text.toLowerCase());
  if (found !== undefined) return found;
  throw complaint({
    code: "CONTRACT_UNKNOWN",
    what: `${text} is no contract of yours`,
    remedy: "see voltfog trade contracts",
  });
}

/**
 * The hash of the terms as they were shown to the user: the chain refuses a signature under any others, so
 * a cloud that shows other terms gets none.
 */
export function shownTermsHash(chain: string, shown: PileContractView): Uint8Array {
  const nobody = { buyer: false, owner: false };
  const contract = {
    state: "proposed" as const,
    buyer: parseKey(shown.buyer),
    owner: parseKey(shown.seller),
    pileKey: parseKey(shown.pile),
    window: { from_ms: shown.from_ms, to_ms: shown.to_ms },
    template: parseKey(shown.template),
    ...{ zone: shown.zone, energy_Wh: shown.energy_Wh, cost: shown.cost, margin: shown.margin },
    cataloguePricePerKWh: shown.cataloguePricePerKWh,
    // What follows is no part of the terms.
    ...{ baselineCost: shown.baselineCost, curveGeneration: 0, made_ms: 0 },
    ...{ buyOrder: new Uint8Array(16), sellOrder: new Uint8Array(16) },
    ...{ signed: nobody, confirmed: nobody, images: [] },
    ...{ given_Wh: undefined, received_Wh: undefined },
    ...{ settlement: undefined, rowHash: undefined },
  };
  const chainId = parseKey(chain);
  return pileTermsHash({ chainId, contractId: parseId(shown.id), contract }, nodeCrypto);
}

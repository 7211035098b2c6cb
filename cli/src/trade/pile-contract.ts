import { moduleNumber, type PileContractRecord, pileTermsHash } from "@voltfog/ledger";
import type { PileContractDetailView, PileContractView } from "@voltfog/messages";
import { toHex } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import { complaint } from "../complaint.ts";
import { amountText, energyText } from "../market/amount-text.ts";
import type { MarketClient } from "../market/market-client.ts";
import { parseId, parseKey } from "./id-text.ts";
import type { Field } from "./operation.ts";
import type { TradeSession } from "./trade-session.ts";

/** Which contract it is about. */
export const contractField: Field = {
  ...{ name: "contract", value: "contract", isArgument: true },
  summary: "id of the contract, as in voltfog trade contracts",
  question: "Id of the contract, as in voltfog trade contracts",
};

/** Sends a request of the module of private piles under the user's own key. */
export function sendPile(
  session: TradeSession,
  action: number,
  payload: Uint8Array,
): ReturnType<TradeSession["order"]> {
  return session.order({ module: moduleNumber.piles, action, payload });
}

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

/** Any contract, with the groups that confirm for its sides. CONTRACT_UNKNOWN. */
export async function contractDetail(
  client: MarketClient,
  text: string,
): Promise<PileContractDetailView> {
  const path = `/v1/market/contracts/${toHex(parseId(text))}`;
  return (await client.get(path)) as PileContractDetailView;
}

/** One contract on one line, from the side of a key. */
export function contractLine(contract: PileContractView, key: string): string {
  const { id, seller, energy_Wh, cost, baselineCost, from_ms, to_ms, state } = contract;
  const side = seller === key ? "you give" : "you get";
  const [from, to] = [from_ms, to_ms].map((at_ms) => new Date(at_ms).toISOString().slice(0, 16));
  return `${id}  ${side} ${energyText(energy_Wh)} for ${amountText(cost)} (fixed tariff ${amountText(baselineCost)}), ${from} to ${to}: ${state}`;
}

/**
 * The hash of the terms as they were shown to the user: the chain refuses a signature under any others, so
 * a cloud that shows other terms gets none.
 */
export function shownTermsHash(chain: string, shown: PileContractView): Uint8Array {
  const contract = shownContract(shown);
  const chainId = parseKey(chain);
  return pileTermsHash({ chainId, contractId: parseId(shown.id), contract }, nodeCrypto);
}

/** The terms and readings of a contract as they were shown; nothing else of its record. */
export function shownContract(shown: PileContractView): PileContractRecord {
  const nobody = { buyer: false, owner: false };
  return {
    state: "proposed",
    buyer: parseKey(shown.buyer),
    owner: parseKey(shown.seller),
    pileKey: parseKey(shown.pile),
    window: { from_ms: shown.from_ms, to_ms: shown.to_ms },
    template: parseKey(shown.template),
    ...{ zone: shown.zone, energy_Wh: shown.energy_Wh, cost: shown.cost, margin: shown.margin },
    cataloguePricePerKWh: shown.cataloguePricePerKWh,
    ...{ given_Wh: shown.given_Wh ?? undefined, received_Wh: shown.received_Wh ?? undefined },
    // What follows is neither terms nor reading.
    ...{ baselineCost: shown.baselineCost, curveGeneration: 0, made_ms: 0 },
    ...{ buyOrder: new Uint8Array(16), sellOrder: new Uint8Array(16) },
    ...{ signed: nobody, confirmed: nobody, images: [] },
    ...{ settlement: undefined, rowHash: undefined },
  };
}

import type {
  DisputesView,
  MarketSessionView,
  MarketTradeView,
  PileContractDetailView,
  PileContractView,
} from "@voltfog/messages";
import { amountText, energyText } from "../market/amount-text.ts";
import type { MarketClient } from "../market/market-client.ts";

const pageRows = 200;
/** A list that nobody reads to its end is cut, and says so. */
const pagesMax = 50;

/** What waits for the authority, newest first: all that fits ten thousand. */
export interface Disputes extends Omit<DisputesView, "next"> {
  /** Whether there are more than these. */
  readonly isCut: boolean;
}

/** All open disputes, page by page. */
export async function openDisputes(client: MarketClient): Promise<Disputes> {
  const trades: MarketTradeView[] = [];
  const contracts: PileContractDetailView[] = [];
  const sessions: MarketSessionView[] = [];
  let before = "";
  for (let pages = 1; ; pages++) {
    const path = `/v1/market/disputes?limit=${pageRows}${before}`;
    const page = (await client.get(path)) as DisputesView;
    trades.push(...page.trades);
    contracts.push(...page.contracts);
    sessions.push(...page.sessions);
    before = `&before=${page.next}`;
    const isLast = page.next === null;
    if (isLast || pages >= pagesMax) {
      return { open: page.open, isCut: !isLast, trades, contracts, sessions };
    }
  }
}

/** Each with what both sides counted, and the command that ends it. */
export function disputesText({ open, isCut, trades, contracts, sessions }: Disputes): string {
  const shown = trades.length + contracts.length + sessions.length;
  return [
    shown === 0
      ? "no dispute is open"
      : `${open} open ${open === 1 ? "dispute" : "disputes"}${isCut ? `, the newest ${shown}` : ""}`,
    ...trades.map(tradeText),
    ...contracts.map(contractText),
    ...sessions.map(sessionText),
  ].join("\n");
}

function tradeText({
  id,
  energy_Wh,
  energyCost,
  given,
  received,
  time_ms,
}: MarketTradeView): string {
  const counts = countsText(given?.energy_Wh ?? null, received?.energy_Wh ?? null);
  const what = `${energyText(energy_Wh)} between vehicles for ${amountText(energyCost)}, ${counts}`;
  return entry({ id, what, time_ms, todo: `resolve-trade ${id} --refund <amount>` });
}

function contractText(contract: PileContractView): string {
  const { id, energy_Wh, cost, given_Wh, received_Wh, time_ms } = contract;
  const what = `${energyText(energy_Wh)} of a private pile for ${amountText(cost)}, ${countsText(given_Wh, received_Wh)}`;
  return entry({ id, what, time_ms, todo: `resolve-contract ${id} --energy <energy>` });
}

function sessionText(session: MarketSessionView): string {
  const { id, organisation, energy_Wh, cost, vehicleEnergy_Wh, time_ms } = session;
  const counted =
    vehicleEnergy_Wh === null ? "" : `, the vehicle counted ${energyText(vehicleEnergy_Wh)}`;
  const what = `${energyText(energy_Wh)} charged at ${organisation} for ${amountText(cost ?? 0)}${counted}`;
  return entry({ id, what, time_ms, todo: `resolve-session ${id} --refund <amount>` });
}

function countsText(given_Wh: number | null, received_Wh: number | null): string {
  const of = (energy_Wh: number | null): string =>
    energy_Wh === null ? "nothing said" : energyText(energy_Wh);
  return `given ${of(given_Wh)}, received ${of(received_Wh)}`;
}

function entry(o: { id: string; what: string; time_ms: number; todo: string }): string {
  const since = new Date(o.time_ms).toISOString();
  return `${o.id}  ${o.what}, since ${since}\n  voltfog authority ${o.todo} --reason <text>`;
}

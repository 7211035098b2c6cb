import type {
  MarketAccountView,
  MarketOrderView,
  MarketOverviewView,
  MarketTradeView,
} from "@voltfog/messages";
import { amountText, energyText } from "../market/amount-text.ts";

/** An account as its owner reads it. */
export function accountText(handle: string, account: MarketAccountView, currency: string): string {
  const { key, balance, suspended, beans, vehicles, orders, trades, sessions } = account;
  const open = orders.filter(({ state }) => state === "open");
  return [
    `${handle}, key ${key}${suspended ? ", SUSPENDED" : ""}`,
    `balance ${amountText(balance)} ${currency}`,
    ...beans.map(
      ({ organisation, energy_Wh }) => `beans ${energyText(energy_Wh)} at ${organisation}`,
    ),
    ...vehicles.map(
      (one) => `vehicle ${one.vehicleId ?? one.key}, uses ${one.usePerKm_Wh} Wh per km`,
    ),
    ...open.map((order) => `order ${orderLine(order)}`),
    ...trades.map((trade) => `trade ${tradeLine(trade, key)}`),
    ...sessions.map(
      ({ id, pileId, state, energy_Wh, cost }) =>
        `session ${id} at ${pileId}: ${state}, ${energyText(energy_Wh)}${cost === null ? "" : `, ${amountText(cost)} ${currency}`}`,
    ),
  ].join("\n");
}

/** One order on one line. */
export function orderLine(order: MarketOrderView): string {
  const { id, side, energy_Wh, pricePerKWh, belowWear } = order;
  const price = pricePerKWh === null ? "at any price" : `at ${amountText(pricePerKWh)} per kWh`;
  const wear = belowWear === true ? "  BELOW WEAR: costs the battery more than it earns" : "";
  return `${id}  ${side}s ${energyText(energy_Wh)} ${price}${wear}`;
}

/** One trade on one line, from the side of a key. */
export function tradeLine(trade: MarketTradeView, key: string): string {
  const { id, seller, energy_Wh, pricePerKWh, meetingPoint, state, given, received } = trade;
  const side = seller === key ? "you give" : "you get";
  const said = [
    given === null ? "" : `, given ${energyText(given.energy_Wh)}`,
    received === null ? "" : `, received ${energyText(received.energy_Wh)}`,
  ].join("");
  return `${id}  ${side} ${energyText(energy_Wh)} at ${amountText(pricePerKWh)} per kWh, meet at ${meetingPoint}: ${state}${said}`;
}

/** The market at one look. */
export function overviewText(overview: MarketOverviewView): string {
  const { currency, tariff, v2v, union, simulated, open, authority } = overview;
  const isReady = open && authority !== null;
  return [
    isReady ? "the market is open" : "the market is closed: only reading works",
    ...(simulated ? ["payments and people here are SIMULATED"] : []),
    tariff === null
      ? "no tariff yet"
      : `one tariff for all charge points: ${amountText(tariff.pricePerKWh)} ${currency} per kWh and ${amountText(tariff.sessionFee)} a session`,
    `${union.operators.length} operators; energy between vehicles: ${v2v.openSells} offers, ${v2v.openBuys} requests, ${v2v.trades} trades, ${v2v.disputes} disputes`,
  ].join("\n");
}

import {
  decodeOrderRecord,
  decodePlacedOrder,
  decodeTradeRecord,
  decodeVehicleLink,
  type OrderRecord,
  type Result,
  type TradeRecord,
  v2vAction,
} from "@voltfog/ledger";
import { toHex } from "@voltfog/runtime";
import { type Notice, noNews, type ResultNews, type Subject } from "./market-book.ts";
import { amountInWords, energyInWords } from "./words.ts";

const ofTrades: readonly number[] = [v2vAction.deliver, v2vAction.resolve, v2vAction.expire];

/** Vehicles, orders and trades that an action made or changed. */
export function v2vNews({ action, data, sender }: Result): ResultNews {
  if (action === v2vAction.buy || action === v2vAction.sell) return placedNews(data);
  if (ofTrades.includes(action)) {
    const trade = decodeTradeRecord(data);
    if (!trade.ok) return noNews;
    return { subjects: [tradeSubject(trade.value)], notices: tradeNotices(trade.value) };
  }
  if (action === v2vAction.cancel || action === v2vAction.removeOrder) {
    const order = decodeOrderRecord(data);
    return order.ok
      ? { subjects: [orderSubject(order.value)], notices: [orderNotice(order.value)] }
      : noNews;
  }
  const link = action === v2vAction.linkVehicle ? decodeVehicleLink(data) : undefined;
  if (!link?.ok) return noNews;
  const [key, id] = [toHex(sender), toHex(link.value.vehicle)];
  const sentence = `The vehicle ${id.slice(0, 8)} is linked.`;
  return {
    subjects: [{ kind: "vehicle", id, labels: [key], status: "" }],
    notices: [{ key, kind: "vehicle", sentence, about: id }],
  };
}

function placedNews(data: Uint8Array): ResultNews {
  const placed = decodePlacedOrder(data);
  if (!placed.ok) return noNews;
  const { order, trade } = placed.value;
  if (trade === undefined) {
    return { subjects: [orderSubject(order)], notices: [orderNotice(order)] };
  }
  const other = order.side === "buy" ? trade.sellOrder : trade.buyOrder;
  const side = order.side === "buy" ? "sell" : "buy";
  const matched: Subject = { ...kindOfOrder, id: toHex(other), labels: [side], status: "matched" };
  return {
    subjects: [orderSubject(order), matched, tradeSubject(trade)],
    notices: tradeNotices(trade),
  };
}

const kindOfOrder = { kind: "order" } as const;

function orderSubject({ id, side, account, vehicle, state }: OrderRecord): Subject {
  const labels = [side, toHex(account), toHex(vehicle)];
  return { ...kindOfOrder, id: toHex(id), labels, status: state };
}

function orderNotice({ id, side, account, energy_Wh, state }: OrderRecord): Notice {
  const what = side === "buy" ? "request for" : "offer of";
  const sentence = `The ${what} ${energyInWords(energy_Wh)} is ${state}.`;
  return { key: toHex(account), kind: "order", sentence, about: toHex(id) };
}

function tradeSubject(trade: TradeRecord): Subject {
  const { id, consumer, provider, consumerVehicle, providerVehicle, state } = trade;
  const labels = [consumer, provider, consumerVehicle, providerVehicle].map(toHex);
  return { kind: "trade", id: toHex(id), labels, status: state };
}

function tradeNotices(trade: TradeRecord): readonly Notice[] {
  const about = toHex(trade.id);
  const what = `${energyInWords(trade.energy_Wh)} for ${amountInWords(trade.energyCost)}`;
  const meeting =
    trade.state === "open" ? `, to be handed over at point ${trade.meetingPoint}` : "";
  const note = (key: Uint8Array, did: string): Notice => ({
    ...{ key: toHex(key), kind: "trade", about },
    sentence: `The ${did} of ${what} is ${trade.state}${meeting}.`,
  });
  return [note(trade.consumer, "purchase"), note(trade.provider, "sale")];
}

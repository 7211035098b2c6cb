import type {
  ChargePointView,
  MarketNotificationView,
  MarketOrderView,
  MarketTradeView,
  PileMarketView,
} from "@voltfog/messages";
import { toHex } from "@voltfog/runtime";
import { complaint } from "../../complaint.ts";
import { amountText, energyText } from "../../market/amount-text.ts";
import { chargePoints } from "../charge-point.ts";
import { parseId } from "../id-text.ts";
import { accountText, orderLine, overviewText, tradeLine } from "../market-text.ts";
import { type Answer, type Field, given, type Operation } from "../operation.ts";
import { plugNames } from "../plug-types.ts";
import type { TradeSession } from "../trade-session.ts";

/** What only reads: answered at once, without the consensus and without a passphrase. */
export const readingOperations: readonly Operation<TradeSession>[] = [
  {
    name: "account",
    summary: "Show your balance, vehicles, orders and trades",
    explanation: "Reads your account. Nothing is changed and no passphrase is asked.",
    example: "voltfog trade account",
    fields: [],
    async run(session) {
      const account = await session.account();
      const { currency } = await session.overview();
      const json = { handle: session.handle, ...account };
      return { json, text: accountText(session.handle, account, currency) };
    },
  },
  {
    name: "market",
    summary: "Show tariff, open orders and meeting points",
    explanation: "Reads the market: what energy costs, who sells and who wants to buy.",
    example: "voltfog trade market",
    fields: [],
    run: market,
  },
  {
    name: "points",
    summary: "List the charge points of all operators",
    explanation: "Reads where you can charge: operator and pile, plug and power.",
    example: "voltfog trade points",
    fields: [],
    async run(session) {
      const points = await chargePoints(session.client);
      return { json: points, text: points.map(pointLine).join("\n") || "no charge points yet" };
    },
  },
  {
    name: "trades",
    summary: "List your trades of energy between vehicles",
    explanation: "Reads your trades, newest first, with what each waits for.",
    example: "voltfog trade trades",
    fields: [],
    async run(session) {
      const trades = await tradesOf(session);
      const lines = trades.map((trade) => tradeLine(trade, session.note.key));
      return { json: trades, text: lines.join("\n") || "no trades yet" };
    },
  },
  {
    name: "notifications",
    summary: "List what happened to your account and orders",
    explanation: "Reads what concerns you, oldest first: matches, payments, disputes, refusals.",
    example: "voltfog trade notifications --after 12",
    fields: [
      {
        ...{ name: "after", value: "id", fallback: "0" },
        summary: "only later ones than this",
        question: "Only later ones than number",
      },
    ],
    run: notifications,
  },
  {
    name: "directions",
    summary: "Show the way to the meeting point of a trade, as GeoJSON",
    explanation:
      "Reads the way from a place to where the two vehicles meet. The answer is GeoJSON, which maps and vehicles show.",
    example: "voltfog trade directions 5f02… --from 4.8952,52.3702 --json > way.geojson",
    fields: [
      tradeField(),
      {
        ...{ name: "from", value: "lon,lat", fallback: "" },
        summary: "where you are, longitude and latitude in degrees",
        question: "Where you are, as longitude,latitude (empty: the place of your order)",
      },
    ],
    run: directions,
  },
  {
    name: "piles",
    summary: "Show private piles, their price curves and waiting orders",
    explanation: "Reads the market of private piles.",
    example: "voltfog trade piles",
    fields: [],
    async run(session) {
      const piles = (await session.client.get("/v1/market/piles")) as PileMarketView;
      return { json: piles, text: pilesText(piles) };
    },
  },
  {
    name: "outcome",
    summary: "Say what became of a request that was sent",
    explanation: "Waits until a final block has the transaction, at most a minute.",
    example: "voltfog trade outcome 7d1c…",
    fields: [
      {
        ...{ name: "hash", value: "hash", isArgument: true },
        summary: "hash of the transaction",
        question: "Hash of the transaction",
      },
    ],
    async run(session, values) {
      const outcome = await session.client.outcomeOf(given(values, "hash"));
      const { code, height, meaning } = outcome;
      return { json: outcome, text: `${code} in final block ${height}. ${meaning}` };
    },
  },
];

/** Which trade it is about. */
export function tradeField(): Field {
  return {
    ...{ name: "trade", value: "trade", isArgument: true },
    summary: "id of the trade, as in voltfog trade trades",
    question: "Id of the trade",
  };
}

/** The user's trades, newest first. */
export async function tradesOf(session: TradeSession): Promise<readonly MarketTradeView[]> {
  const path = `/v1/market/trades?key=${session.note.key}`;
  return (await session.client.get(path)) as readonly MarketTradeView[];
}

async function market(session: TradeSession): Promise<Answer> {
  const { client } = session;
  const [overview, sells, buys, points] = await Promise.all([
    session.overview(),
    client.get("/v1/market/orders?side=sell") as Promise<readonly MarketOrderView[]>,
    client.get("/v1/market/orders?side=buy") as Promise<readonly MarketOrderView[]>,
    client.get("/v1/market/meeting-points") as Promise<{ features?: readonly unknown[] }>,
  ]);
  const places = points.features?.length ?? 0;
  const text = [
    overviewText(overview),
    ...listed("for sale", sells.map(orderLine)),
    ...listed("wanted", buys.map(orderLine)),
    `${places} meeting points`,
  ].join("\n");
  return { text, json: { overview, sells, buys, meetingPoints: points } };
}

function listed(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [`${title}: nothing`] : [`${title}:`, ...lines.map((l) => `  ${l}`)];
}

async function notifications(
  session: TradeSession,
  values: Readonly<Record<string, string | undefined>>,
): Promise<Answer> {
  const query = new URLSearchParams({ key: session.note.key, after: values["after"] ?? "0" });
  const path = `/v1/market/notifications?${query}`;
  const list = (await session.client.get(path)) as readonly MarketNotificationView[];
  const lines = list.map(
    ({ id, sentence, height, time_ms }) =>
      `${id}  ${new Date(time_ms).toISOString()}  block ${height}  ${sentence}`,
  );
  return { json: list, text: lines.join("\n") || "nothing new" };
}

async function directions(
  session: TradeSession,
  values: Readonly<Record<string, string | undefined>>,
): Promise<Answer> {
  const id = toHex(parseId(given(values, "trade")));
  const named = values["from"] ?? "";
  const from = named === "" ? await orderPlace(session, id) : named;
  const path = `/v1/market/trades/${id}/directions?${new URLSearchParams({ from })}`;
  const way = await session.client.get(path);
  return { json: way, text: JSON.stringify(way, null, 2) };
}

function pointLine(point: ChargePointView): string {
  const { organisation, pileId, plugType, power_W, longitude, latitude } = point;
  const plug = plugNames[plugType - 1] ?? `plug ${plugType}`;
  return `${organisation}/${pileId}  ${plug}  ${power_W / 1000} kW  at ${longitude},${latitude}`;
}

/** Where the user's order of a trade was placed. PLACE_UNKNOWN. */
async function orderPlace(session: TradeSession, id: string): Promise<string> {
  const { orders, trades } = await session.account();
  const trade = trades.find((one) => one.id === id);
  const own = [trade?.buyOrder, trade?.sellOrder];
  const place = orders.find((order) => own.includes(order.id))?.place;
  if (place?.kind === "earth") return `${place.longitude},${place.latitude}`;
  throw complaint({
    code: "PLACE_UNKNOWN",
    what: `none of your orders says where you are for trade ${id}`,
    remedy: "say it with --from longitude,latitude",
  });
}

function pilesText({ curves, piles, orders }: PileMarketView): string {
  return [
    ...curves.map(
      ({ zone, pricePerKWh, load }) =>
        `zone ${zone}: ${amountText(pricePerKWh)} per kWh at a load of ${Math.round(load * 100)} %`,
    ),
    ...piles.map(
      ({ key, zone, peakPricePerKWh, valleyPricePerKWh }) =>
        `pile ${key.slice(0, 12)} in zone ${zone}: peak ${amountText(peakPricePerKWh)}, valley ${amountText(valleyPricePerKWh)} per kWh`,
    ),
    ...orders.map(
      ({ id, side, zone, left_Wh, pricePerKWh }) =>
        `order ${id} ${side}s ${energyText(left_Wh)} in zone ${zone} at ${amountText(pricePerKWh)} per kWh`,
    ),
    `${curves.length} curves, ${piles.length} piles, ${orders.length} waiting orders`,
  ].join("\n");
}

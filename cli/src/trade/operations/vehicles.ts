import { resolve } from "node:path";
import {
  encodeBuyOrder,
  encodeEnergyStatement,
  encodeSellOrder,
  encodeV2vId,
  encodeVehicleLink,
  moduleNumber,
  signEnergyStatement,
  signVehicleLink,
  v2vAction,
} from "@voltfog/ledger";
import type { MarketTradeView } from "@voltfog/messages";
import { fromHex, toHex } from "@voltfog/runtime";
import { loadSigningKey } from "@voltfog/runtime/node";
import { parseDuration_ms, parseWhole } from "../../flag-values.ts";
import { amountText, energyText, parseAmount, parseEnergy_Wh } from "../../market/amount-text.ts";
import { parseId } from "../id-text.ts";
import {
  type Answer,
  type Field,
  type FieldValues,
  given,
  type Operation,
  ordered,
} from "../operation.ts";
import { parsePosition } from "../position-text.ts";
import type { TradeSession } from "../trade-session.ts";
import { vehicleField, vehicleOf } from "../vehicle-key.ts";
import { tradeField } from "./reading.ts";

const energyField = (question: string): Field => ({
  ...{ name: "energy", value: "energy", summary: "such as 10kWh", question },
});

const placeField: Field = {
  ...{ name: "at", value: "lon,lat" },
  summary: "where the vehicle is, in degrees; rounded to 0.001",
  question: "Where the vehicle is, as longitude,latitude such as 4.895,52.370",
};

const ownPriceField: Field = {
  ...{ name: "ownPrice", value: "price", fallback: "" },
  summary: "what the energy in the battery cost per kWh [the tariff]",
  question: "What the energy in your battery cost per kWh (empty: the tariff)",
};

/** Energy from vehicle to vehicle. */
export const vehicleOperations: readonly Operation<TradeSession>[] = [
  {
    name: "link",
    summary: "Link your vehicle: its battery signs what it gives and takes",
    explanation:
      "Binds a vehicle to your account. The vehicle's own device key says that it agrees, so nobody can link yours. It is needed before the first order.",
    example: "voltfog trade link .voltfog/keys/vehicle-01.key --use 150",
    fields: [
      {
        ...{ name: "vehicleKey", value: "file", isArgument: true },
        summary: "the vehicle's device key, PKCS #8 PEM",
        question: "File of the vehicle's device key",
      },
      {
        ...{ name: "use", value: "Wh-per-km", fallback: "150" },
        summary: "what it uses on the way",
        question: "What it uses on the way, in watt-hours per kilometre",
      },
    ],
    run: link,
  },
  {
    name: "sell",
    summary: "Offer energy of your vehicle's battery",
    explanation:
      "Places an offer. It is matched when it comes, or waits: the buyer with the lowest unit cost first. You never sell at a loss: the way to the meeting point and the fee are counted.",
    example: "voltfog trade sell 10kWh --price 0.30 --at 4.895,52.370",
    fields: [
      { ...energyField("How much to sell at most, such as 10kWh"), isArgument: true },
      {
        ...{ name: "price", value: "price" },
        summary: "per kWh",
        question: "Price per kWh, such as 0.30",
      },
      placeField,
      {
        ...{ name: "spare", value: "energy", fallback: "" },
        summary: "what the battery can spare in all [what is sold and 2 kWh for the way]",
        question: "What the battery can spare in all (empty: what is sold and 2 kWh for the way)",
      },
      ownPriceField,
      vehicleField,
    ],
    run: sell,
  },
  {
    name: "buy",
    summary: "Ask for energy from another vehicle",
    explanation:
      "Places a request and locks the money for it. It is matched when it comes, or waits. What is left of the money comes back.",
    example: "voltfog trade buy 8kWh --funds 5.00 --at 4.901,52.373",
    fields: [
      { ...energyField("How much to buy, such as 8kWh"), isArgument: true },
      {
        ...{ name: "funds", value: "amount" },
        summary: "the most that energy and fee may cost",
        question: "The most that energy and fee may cost, such as 5.00",
      },
      placeField,
      {
        ...{ name: "price", value: "price", fallback: "0" },
        summary: "the most per kWh; 0 for no limit but the funds",
        question: "The most per kWh",
      },
      ownPriceField,
      vehicleField,
    ],
    run: buy,
  },
  {
    name: "cancel",
    summary: "Take an order back that was not matched",
    explanation: "Removes your own open order; money that was locked for it comes back.",
    example: "voltfog trade cancel 5f02…",
    fields: [
      {
        ...{ name: "order", value: "order", isArgument: true },
        summary: "id of the order",
        question: "Id of the order",
      },
    ],
    async run(session, values) {
      const outcome = await session.order({
        module: moduleNumber.v2v,
        action: v2vAction.cancel,
        payload: encodeV2vId(parseId(given(values, "order"))),
      });
      return ordered("the order is cancelled", outcome);
    },
  },
  {
    name: "confirm",
    summary: "Confirm a delivery with your vehicle's signed count",
    explanation:
      "Your vehicle's key signs what its battery gave or took for this trade. Once both vehicles have, the money is paid; where they disagree, a dispute opens.",
    example: "voltfog trade confirm 5f02… --energy 9.8kWh",
    fields: [
      tradeField(),
      energyField("What your battery gave or took, such as 9.8kWh"),
      {
        ...{ name: "took", value: "duration", fallback: "20m" },
        summary: "how long the exchange took",
        question: "How long the exchange took",
      },
      vehicleField,
    ],
    run: confirm,
  },
];

async function link(session: TradeSession, values: FieldValues): Promise<Answer> {
  const file = resolve(given(values, "vehicleKey"));
  const vehicle = loadSigningKey(file);
  const { note } = session;
  const usePerKm_Wh = parseWhole({ flag: "--use", text: given(values, "use"), min: 1, max: 5000 });
  const terms = {
    chainId: fromHex(note.chainId) ?? new Uint8Array(),
    account: fromHex(note.key) ?? new Uint8Array(),
  };
  const outcome = await session.order({
    module: moduleNumber.v2v,
    action: v2vAction.linkVehicle,
    payload: encodeVehicleLink(signVehicleLink({ ...terms, usePerKm_Wh, vehicle })),
  });
  const key = toHex(vehicle.publicKey);
  if (outcome.code === "OK") {
    session.wallet.remember({ ...note, vehicles: { ...note.vehicles, [key]: file } });
  }
  return ordered(`vehicle ${key.slice(0, 16)}… is linked`, outcome, { vehicle: key });
}

/** What the battery's energy cost its owner; the tariff of all charge points where that is not told. */
async function ownPriceOf(session: TradeSession, values: FieldValues): Promise<number> {
  const text = values["ownPrice"] ?? "";
  if (text !== "") return parseAmount({ flag: "--own-price", text, zero: true });
  return (await session.overview()).tariff?.pricePerKWh ?? 0;
}

/** For the way where nobody says what the battery can spare. */
const way_Wh = 2000;

async function sell(session: TradeSession, values: FieldValues): Promise<Answer> {
  const vehicle = vehicleOf(session, values);
  const energy_Wh = parseEnergy_Wh({ flag: "energy", text: given(values, "energy") });
  const spare = values["spare"] ?? "";
  const orderId = session.random.bytes(16);
  const pricePerKWh = parseAmount({ flag: "--price", text: given(values, "price") });
  const outcome = await session.order({
    module: moduleNumber.v2v,
    action: v2vAction.sell,
    payload: encodeSellOrder({
      orderId,
      vehicle: vehicle.publicKey,
      energy_Wh,
      spare_Wh:
        spare === "" ? energy_Wh + way_Wh : parseEnergy_Wh({ flag: "--spare", text: spare }),
      pricePerKWh,
      ownPricePerKWh: await ownPriceOf(session, values),
      position: parsePosition(given(values, "at")),
    }),
  });
  const done = `offer ${toHex(orderId)}: ${energyText(energy_Wh)} at ${amountText(pricePerKWh)} per kWh`;
  return placed({ session, done, outcome, order: toHex(orderId) });
}

async function buy(session: TradeSession, values: FieldValues): Promise<Answer> {
  const vehicle = vehicleOf(session, values);
  const energy_Wh = parseEnergy_Wh({ flag: "energy", text: given(values, "energy") });
  const orderId = session.random.bytes(16);
  const price = values["price"] ?? "0";
  const outcome = await session.order({
    module: moduleNumber.v2v,
    action: v2vAction.buy,
    payload: encodeBuyOrder({
      orderId,
      vehicle: vehicle.publicKey,
      energy_Wh,
      maxPricePerKWh: parseAmount({ flag: "--price", text: price, zero: true }),
      ownPricePerKWh: await ownPriceOf(session, values),
      funds: parseAmount({ flag: "--funds", text: given(values, "funds") }),
      position: parsePosition(given(values, "at")),
    }),
  });
  const done = `request ${toHex(orderId)}: ${energyText(energy_Wh)}`;
  return placed({ session, done, outcome, order: toHex(orderId) });
}

/** Says what became of an order; one that was matched at once leads to its trade. */
async function placed(o: {
  session: TradeSession;
  done: string;
  outcome: Parameters<typeof ordered>[1];
  order: string;
}): Promise<Answer> {
  if (o.outcome.code !== "OK") return ordered(o.done, o.outcome, { order: o.order });
  const trades = (await o.session.client.get(
    `/v1/market/trades?key=${o.session.note.key}`,
  )) as readonly MarketTradeView[];
  const trade = trades.find(({ buyOrder, sellOrder }) => [buyOrder, sellOrder].includes(o.order));
  const more = { order: o.order, trade: trade?.id ?? null };
  if (trade === undefined) return ordered(`${o.done}; it waits for a match`, o.outcome, more);
  const where = `meet at ${trade.meetingPoint}: voltfog trade directions ${trade.id}`;
  return ordered(`${o.done}; matched as trade ${trade.id}\n${where}`, o.outcome, more);
}

async function confirm(session: TradeSession, values: FieldValues): Promise<Answer> {
  const tradeId = parseId(given(values, "trade"));
  const path = `/v1/market/trades/${toHex(tradeId)}`;
  const trade = (await session.client.get(path)) as MarketTradeView;
  const { note } = session;
  const isSeller = trade.seller === note.key;
  const took_ms = parseDuration_ms({ flag: "--took", text: given(values, "took") });
  const to_ms = session.clock.wall_ms();
  const terms = {
    tradeId,
    side: isSeller ? ("given" as const) : ("received" as const),
    energy_Wh: parseEnergy_Wh({ flag: "--energy", text: given(values, "energy"), zero: true }),
    from_ms: Math.max(begunAfter_ms(trade), to_ms - took_ms),
    to_ms,
  };
  const chainId = fromHex(note.chainId) ?? new Uint8Array();
  const ownVehicle = isSeller ? trade.sellerVehicle : trade.buyerVehicle;
  const vehicle = vehicleOf(session, values, ownVehicle);
  const outcome = await session.order({
    module: moduleNumber.v2v,
    action: v2vAction.deliver,
    payload: encodeEnergyStatement(signEnergyStatement(terms, { chainId, vehicle })),
  });
  return ordered(`your vehicle says: ${terms.side} ${energyText(terms.energy_Wh)}`, outcome);
}

/**
 * No battery gave for a trade before there was one. A trade that nobody stated anything of was last changed
 * when it was made; otherwise the exchange is the one that the other side stated.
 */
function begunAfter_ms({ given: gave, received, time_ms }: MarketTradeView): number {
  return (gave ?? received)?.from_ms ?? time_ms;
}

import {
  encodeDeliverOrder,
  encodeLimitOrder,
  encodeListOrder,
  encodeMarketBuy,
  encodePileId,
  encodeSignOrder,
  moduleNumber,
  type PileWindow,
  pileAction,
  signPile,
} from "@voltfog/ledger";
import { toHex } from "@voltfog/runtime";
import { loadSigningKey } from "@voltfog/runtime/node";
import { complaint } from "../../complaint.ts";
import { parsePower_kW, parseWhole } from "../../flag-values.ts";
import { energyText, parseAmount, parseEnergy_Wh } from "../../market/amount-text.ts";
import { parseId, parseKey } from "../id-text.ts";
import {
  type Answer,
  type Field,
  type FieldValues,
  given,
  type Operation,
  ordered,
} from "../operation.ts";
import {
  contractField,
  contractLine,
  contractOf,
  contractsOf,
  sendPile,
  shownTermsHash,
} from "../pile-contract.ts";
import type { TradeSession } from "../trade-session.ts";

function field(name: string, value: string, question: string, fallback?: string): Field {
  const summary = question.charAt(0).toLowerCase() + question.slice(1);
  return { name, value, summary, question, ...(fallback === undefined ? {} : { fallback }) };
}

const windowFields = [
  field("from", "time", "Begin of the window, in UTC, such as 2026-11-22T10:00Z"),
  field("to", "time", "End of the window, on the same UTC day"),
];

/** Private piles: offering one, buying energy at one, and the contract from signature to delivery. */
export const pileOperations: readonly Operation<TradeSession>[] = [
  {
    name: "pile-list",
    summary: "Offer your private pile in its idle hours",
    explanation:
      "Offers your pile to others in daily windows. The pile's own key says that it is yours. An empty list of windows takes it off; what is booked stays booked.",
    example:
      "voltfog trade pile-list pile.key --power 11kW --idle 08:00-16:30 --valley 0.20 --peak 0.30",
    fields: [
      { ...field("pileKey", "file", "File of the pile's key, PKCS #8 PEM"), isArgument: true },
      field("power", "power", "What it charges with, such as 11kW"),
      field("idle", "windows", "Idle hours of every UTC day, such as 08:00-12:00,13:00-17:00"),
      field(
        "valley",
        "price",
        "Your fixed price per kWh at night, which contracts are compared with",
      ),
      field("peak", "price", "Your fixed price per kWh by day"),
      field("floor", "price", "The least that you take per kWh", "0"),
      field("zone", "n", "Zone of the grid", "1"),
    ],
    run: listPile,
  },
  {
    name: "pile-buy",
    summary: "Buy energy at private piles now, at the zone's price",
    explanation:
      "Buys at once, from several piles where one is not enough. The price rises with what is bought and with the grid's load. Each part becomes a contract that both of you sign.",
    example:
      "voltfog trade pile-buy 12kWh --max 6.00 --from 2026-11-22T10:00Z --to 2026-11-22T13:00Z",
    fields: [
      { ...field("energy", "energy", "How much to buy, such as 12kWh"), isArgument: true },
      field("max", "amount", "The most that it may cost in all"),
      ...windowFields,
      field("zone", "n", "Zone of the grid", "1"),
    ],
    run: marketBuy,
  },
  {
    name: "pile-order",
    summary: "Place a limit order for private piles: it waits, and fills in parts",
    explanation:
      "Waits until somebody takes it at your price or a better one, and until its expiry. To sell, name the key of your pile.",
    example:
      "voltfog trade pile-order buy 12kWh --price 0.25 --from 2026-11-22T10:00Z --to 2026-11-22T13:00Z --until 2026-11-22T09:00Z",
    fields: [
      { ...field("side", "buy|sell", "buy or sell"), isArgument: true },
      { ...field("energy", "energy", "How much, such as 12kWh"), isArgument: true },
      field("price", "price", "Price per kWh"),
      ...windowFields,
      field("until", "time", "When the order expires, in UTC"),
      field("pile", "key", "Key of your pile, to sell", ""),
      field("zone", "n", "Zone of the grid", "1"),
    ],
    run: limitOrder,
  },
  {
    name: "pile-cancel",
    summary: "Take a waiting order for private piles back",
    explanation: "What was filled stays; locked money comes back.",
    example: "voltfog trade pile-cancel 5f02…",
    fields: [{ ...field("order", "order", "Id of the order"), isArgument: true }],
    async run(session, values) {
      const payload = encodePileId(parseId(given(values, "order")));
      return ordered("the order is cancelled", await sendPile(session, pileAction.cancel, payload));
    },
  },
  {
    name: "contracts",
    summary: "List your contracts of private piles",
    explanation: "Reads your contracts, newest first, with what each waits for.",
    example: "voltfog trade contracts",
    fields: [],
    async run(session) {
      const list = await contractsOf(session);
      const lines = list.map((one) => contractLine(one, session.note.key));
      return { json: list, text: lines.join("\n") || "no contracts yet" };
    },
  },
  {
    name: "pile-sign",
    summary: "Sign a contract",
    explanation:
      "Signs the terms as they are shown. The chain refuses a signature under any other terms, and a contract that one side has not signed ends by itself.",
    example: "voltfog trade pile-sign 5f02…",
    fields: [contractField],
    async run(session, values) {
      const shown = await contractOf(session, given(values, "contract"));
      const termsHash = shownTermsHash(session.note.chainId, shown);
      const payload = encodeSignOrder({ contractId: parseId(shown.id), termsHash });
      const outcome = await sendPile(session, pileAction.sign, payload);
      return ordered(`signed: ${contractLine(shown, session.note.key)}`, outcome);
    },
  },
  {
    name: "pile-deliver",
    summary: "Say what your meter counted for a contract",
    explanation:
      "The buyer says what its vehicle got; with the pile's key the pile says what it gave. Where both agree the contract waits for confirmations, otherwise it is in dispute.",
    example: "voltfog trade pile-deliver 5f02… --energy 11.8kWh",
    fields: [
      contractField,
      field("energy", "energy", "What the meter counted"),
      field("pileKey", "file", "File of the pile's key, where the pile says it", ""),
    ],
    run: deliver,
  },
];

async function listPile(session: TradeSession, values: FieldValues): Promise<Answer> {
  const price = (name: string): number =>
    parseAmount({ flag: `--${name}`, text: given(values, name), zero: true });
  const signer = loadSigningKey(given(values, "pileKey"));
  const power_kW = parsePower_kW({ flag: "--power", text: given(values, "power") });
  const order = signPile({
    chainId: parseKey(session.note.chainId),
    owner: parseKey(session.note.key),
    signer,
    terms: {
      zone: zoneOf(values),
      power_W: Math.round(power_kW * 1000),
      floorPricePerKWh: price("floor"),
      valleyPricePerKWh: price("valley"),
      peakPricePerKWh: price("peak"),
      windows: parseDailyWindows(given(values, "idle")),
    },
  });
  const outcome = await sendPile(session, pileAction.list, encodeListOrder(order));
  const pile = toHex(signer.publicKey);
  return ordered(`pile ${pile} is offered`, outcome, { pile });
}

async function marketBuy(session: TradeSession, values: FieldValues): Promise<Answer> {
  const orderId = session.random.bytes(16);
  const energy_Wh = parseEnergy_Wh({ flag: "energy", text: given(values, "energy") });
  const payload = encodeMarketBuy({
    orderId,
    zone: zoneOf(values),
    energy_Wh,
    maxCost: parseAmount({ flag: "--max", text: given(values, "max") }),
    window: windowOf(values),
  });
  const outcome = await sendPile(session, pileAction.marketBuy, payload);
  const done = `${energyText(energy_Wh)} bought; sign it: voltfog trade contracts`;
  return ordered(done, outcome, { order: toHex(orderId) });
}

async function limitOrder(session: TradeSession, values: FieldValues): Promise<Answer> {
  const side = given(values, "side");
  if (side !== "buy" && side !== "sell") {
    throw complaint({
      code: "SIDE_INVALID",
      what: `${JSON.stringify(side)} is no side`,
      remedy: "write buy or sell",
    });
  }
  const orderId = session.random.bytes(16);
  const payload = encodeLimitOrder({
    ...{ orderId, zone: zoneOf(values), side, window: windowOf(values) },
    energy_Wh: parseEnergy_Wh({ flag: "energy", text: given(values, "energy") }),
    pricePerKWh: parseAmount({ flag: "--price", text: given(values, "price") }),
    expiry_ms: parseTime_ms("--until", given(values, "until")),
    pileKey: side === "sell" ? parseKey(given(values, "pile")) : undefined,
  });
  const outcome = await sendPile(session, pileAction.limit, payload);
  return ordered(`order ${toHex(orderId)} is placed`, outcome, { order: toHex(orderId) });
}

async function deliver(session: TradeSession, values: FieldValues): Promise<Answer> {
  const energy_Wh = parseEnergy_Wh({ flag: "--energy", text: given(values, "energy"), zero: true });
  const contractId = parseId(given(values, "contract"));
  const file = values["pileKey"] ?? "";
  const order = {
    module: moduleNumber.piles,
    action: pileAction.deliver,
    payload: encodeDeliverOrder({ contractId, energy_Wh }),
  };
  const outcome =
    file === ""
      ? await session.order(order)
      : await session.client.order(loadSigningKey(file), order);
  return ordered(`${file === "" ? "received" : "given"}: ${energyText(energy_Wh)}`, outcome);
}

function zoneOf(values: FieldValues): number {
  return parseWhole({ flag: "--zone", text: given(values, "zone"), min: 0, max: 4_294_967_295 });
}

function windowOf(values: FieldValues): PileWindow {
  return {
    from_ms: parseTime_ms("--from", given(values, "from")),
    to_ms: parseTime_ms("--to", given(values, "to")),
  };
}

/** TIME_INVALID for anything but an instant in UTC. */
function parseTime_ms(flag: string, text: string): number {
  const isInstant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?Z$/.test(text);
  const time_ms = isInstant ? Date.parse(text) : Number.NaN;
  if (time_ms >= 0) return time_ms;
  throw complaint({
    code: "TIME_INVALID",
    what: `${flag} is ${JSON.stringify(text)}`,
    remedy: "write an instant in UTC, such as 2026-11-22T10:00Z",
  });
}

/** Minutes of "08:00-12:00,13:00-17:00"; none for an empty text. WINDOW_INVALID. */
function parseDailyWindows(text: string): readonly { from_min: number; to_min: number }[] {
  if (text.trim() === "") return [];
  return text.split(",").map((part) => {
    const match = /^\s*(\d{2}):(\d{2})-(\d{2}):(\d{2})\s*$/.exec(part);
    const [, fromHour, fromMinute, toHour, toMinute] = match ?? [];
    const from_min = Number(fromHour) * 60 + Number(fromMinute);
    const to_min = Number(toHour) * 60 + Number(toMinute);
    if (from_min < to_min && to_min <= 1440) return { from_min, to_min };
    throw complaint({
      code: "WINDOW_INVALID",
      what: `${JSON.stringify(part)} is no part of a day`,
      remedy: "write hours in UTC, such as 08:00-12:00,13:00-17:00",
    });
  });
}

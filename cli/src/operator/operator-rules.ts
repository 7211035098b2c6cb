import { randomBytes } from "node:crypto";
import {
  beanAction,
  encodeBeanEnvelope,
  encodeBeanOffer,
  encodeRebate,
  encodeTariff,
  moduleNumber,
  unionAction,
} from "@voltfog/ledger";
import type { MarketOverviewView } from "@voltfog/messages";
import { toHex } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import { parseWhole } from "../flag-values.ts";
import { amountText, energyText, parseAmount, parseEnergy_Wh } from "../market/amount-text.ts";
import { accountKey } from "../trade/account-key.ts";
import {
  type Answer,
  type Field,
  type FieldValues,
  given,
  type Operation,
  ordered,
} from "../trade/operation.ts";
import type { OperatorSession } from "./operator-session.ts";

const energyField: Field = {
  ...{ name: "energy", value: "energy", isArgument: true },
  summary: "such as 5kWh; one bean is 1 kWh",
  question: "How much, such as 5kWh; one bean is one kilowatt-hour",
};
const sharesMax = 10_000;
const blocksMax = 1_000_000;

/** What a charge-point operator decides: its own tariff and its electric beans. */
export const operatorOperations: readonly Operation<OperatorSession>[] = [
  {
    name: "tariff",
    summary: "Propose a tariff of your own",
    explanation:
      "Holds at your charge points once the market's authority has agreed to exactly this tariff; until then the old one holds. A later proposal replaces it.",
    example: "voltfog operator tariff --price 0.34 --fee 0.50",
    fields: [price("price", "per kWh"), { ...price("fee", "once per session"), fallback: "0" }],
    run: proposeTariff,
  },
  {
    name: "beans-rebate",
    summary: "Give beans to a driver",
    explanation:
      "Beans pay one kilowatt-hour each, at your charge points alone. All that you owe in beans may cost at most the rewards that you earned.",
    example: "voltfog operator beans-rebate 0.05kWh --to ada-1",
    fields: [
      energyField,
      {
        ...{ name: "to", value: "handle" },
        summary: "handle or key of the driver",
        question: "Handle of the driver",
      },
    ],
    run: rebate,
  },
  {
    name: "beans-sell",
    summary: "Sell beans at a price, or end the sale",
    explanation: "Anybody may buy beans of yours at this price from then on; 0 ends the sale.",
    example: "voltfog operator beans-sell --price 0.30",
    fields: [price("price", "per kWh; 0 ends the sale")],
    async run(session, values) {
      const pricePerKWh = amountOf(values, "price");
      const payload = encodeBeanOffer(pricePerKWh);
      const call = { module: moduleNumber.beans, action: beanAction.offer, payload };
      const done =
        pricePerKWh === 0
          ? "beans are not sold any more"
          : `beans are sold for ${amountText(pricePerKWh)} per kWh`;
      return ordered(done, await session.order(call));
    },
  },
  {
    name: "envelope",
    summary: "Put beans into a red envelope that drivers draw from",
    explanation:
      "Each account may draw one share, whose size the chain decides by its last block. What nobody drew returns to you.",
    example: "voltfog operator envelope 0.1kWh --shares 10 --blocks 3600",
    fields: [
      energyField,
      {
        ...{ name: "shares", value: "n" },
        summary: "how many may draw",
        question: "How many may draw",
      },
      {
        ...{ name: "blocks", value: "n", fallback: "86400" },
        summary: "how many blocks it is open",
        question: "How many blocks it is open",
      },
    ],
    run: envelope,
  },
];

function price(name: string, of: string): Field {
  return { name, value: "amount", summary: of, question: `Amount ${of}` };
}

function amountOf(values: FieldValues, name: string): number {
  return parseAmount({ flag: `--${name}`, text: given(values, name), zero: true });
}

async function proposeTariff(session: OperatorSession, values: FieldValues): Promise<Answer> {
  const tariff = { pricePerKWh: amountOf(values, "price"), sessionFee: amountOf(values, "fee") };
  const payload = encodeTariff(tariff);
  const call = { module: moduleNumber.union, action: unionAction.proposeTariff, payload };
  const organisation = await session.organisation();
  const outcome = await session.order(call);
  const hash = toHex(nodeCrypto.sha256(payload));
  const done = `proposed; the authority agrees with: voltfog authority operator-tariff ${organisation} --price ${amountText(tariff.pricePerKWh)} --fee ${amountText(tariff.sessionFee)}`;
  return ordered(done, outcome, { organisation, ...tariff, tariffHash: hash });
}

async function rebate(session: OperatorSession, values: FieldValues): Promise<Answer> {
  const energy_Wh = energyOf(values);
  const account = await accountKey(session.client, given(values, "to"));
  const payload = encodeRebate({ account, energy_Wh });
  const call = { module: moduleNumber.beans, action: beanAction.rebate, payload };
  return ordered(
    `${energyText(energy_Wh)} in beans for ${given(values, "to")}`,
    await session.order(call),
  );
}

async function envelope(session: OperatorSession, values: FieldValues): Promise<Answer> {
  const shares = parseWhole({
    ...{ flag: "--shares", text: given(values, "shares"), min: 1, max: sharesMax },
  });
  const blocks = parseWhole({
    ...{ flag: "--blocks", text: given(values, "blocks"), min: 2, max: blocksMax },
  });
  const overview = (await session.client.get("/v1/market/overview")) as MarketOverviewView;
  const id = new Uint8Array(randomBytes(16));
  const untilHeight = overview.height + blocks;
  const payload = encodeBeanEnvelope({ id, energy_Wh: energyOf(values), shares, untilHeight });
  const call = { module: moduleNumber.beans, action: beanAction.envelope, payload };
  const done = `envelope ${toHex(id)} is open until block ${untilHeight}: voltfog trade beans-claim ${toHex(id)}`;
  return ordered(done, await session.order(call), { envelope: toHex(id), untilHeight });
}

function energyOf(values: FieldValues): number {
  return parseEnergy_Wh({ flag: "energy", text: given(values, "energy") });
}

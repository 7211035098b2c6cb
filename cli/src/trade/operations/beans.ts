import {
  beanAction,
  encodeBeanGift,
  encodeBeanPurchase,
  encodeEnvelopeName,
  moduleNumber,
} from "@voltfog/ledger";
import type { BeanIssuerView } from "@voltfog/messages";
import { identifierPattern } from "@voltfog/runtime";
import { complaint } from "../../complaint.ts";
import { amountText, energyText, parseAmount, parseEnergy_Wh } from "../../market/amount-text.ts";
import { accountKey } from "../account-key.ts";
import { parseId } from "../id-text.ts";
import { type Field, type FieldValues, given, type Operation, ordered } from "../operation.ts";
import type { TradeSession } from "../trade-session.ts";

const organisationField: Field = {
  ...{ name: "organisation", value: "operator", isArgument: true },
  summary: "operator that issued the beans",
  question: "Operator that issued the beans, such as operator-1",
};

const energyField: Field = {
  ...{ name: "energy", value: "energy", isArgument: true },
  summary: "such as 5kWh; one bean is 1 kWh",
  question: "How much, such as 5kWh; one bean is one kilowatt-hour",
};

/** Electric beans: kilowatt-hours that an operator owes at its own charge points. */
export const beanOperations: readonly Operation<TradeSession>[] = [
  {
    name: "beans",
    summary: "Show who issued electric beans, and who sells some",
    explanation:
      "Reads how much each operator owes in beans, the most that its rewards cover, and its price. One bean pays one kilowatt-hour, at its operator's charge points alone.",
    example: "voltfog trade beans",
    fields: [],
    async run(session) {
      const list = (await session.client.get("/v1/market/beans")) as readonly BeanIssuerView[];
      return { json: list, text: list.map(issuerLine).join("\n") || "no beans yet" };
    },
  },
  {
    name: "beans-buy",
    summary: "Buy beans that an operator sells",
    explanation: "Pays the operator's price for beans, at most the one that you name.",
    example: "voltfog trade beans-buy operator-1 5kWh --price 0.30",
    fields: [
      organisationField,
      energyField,
      {
        ...{ name: "price", value: "price" },
        summary: "the most per kWh",
        question: "The most per kWh",
      },
    ],
    async run(session, values) {
      const energy_Wh = energyOf(values);
      const pricePerKWh = parseAmount({ flag: "--price", text: given(values, "price") });
      const organisation = organisationOf(values);
      const outcome = await session.order({
        module: moduleNumber.beans,
        action: beanAction.buy,
        payload: encodeBeanPurchase({ organisation, energy_Wh, pricePerKWh }),
      });
      return ordered(`${energyText(energy_Wh)} in beans of ${organisation}`, outcome);
    },
  },
  {
    name: "beans-gift",
    summary: "Give beans to somebody",
    explanation: "Moves beans of yours to another account.",
    example: "voltfog trade beans-gift operator-1 2kWh --to ben-2",
    fields: [
      organisationField,
      energyField,
      {
        ...{ name: "to", value: "handle" },
        summary: "handle or key of who gets them",
        question: "Handle of who gets them",
      },
    ],
    async run(session, values) {
      const energy_Wh = energyOf(values);
      const account = await accountKey(session.client, given(values, "to"));
      const organisation = organisationOf(values);
      const outcome = await session.order({
        module: moduleNumber.beans,
        action: beanAction.gift,
        payload: encodeBeanGift({ organisation, account, energy_Wh }),
      });
      return ordered(`${energyText(energy_Wh)} in beans to ${given(values, "to")}`, outcome);
    },
  },
  {
    name: "beans-claim",
    summary: "Draw a share from an operator's red envelope",
    explanation:
      "Draws your share, once for each envelope; how large it is comes out of the last block's hash.",
    example: "voltfog trade beans-claim 5f02…",
    fields: [
      {
        ...{ name: "envelope", value: "envelope", isArgument: true },
        summary: "id of the envelope",
        question: "Id of the envelope",
      },
    ],
    async run(session, values) {
      const outcome = await session.order({
        module: moduleNumber.beans,
        action: beanAction.claim,
        payload: encodeEnvelopeName(parseId(given(values, "envelope"))),
      });
      return ordered("a share is yours: voltfog trade account", outcome);
    },
  },
];

function energyOf(values: FieldValues): number {
  return parseEnergy_Wh({ flag: "energy", text: given(values, "energy") });
}

/** OPERATOR_INVALID. */
function organisationOf(values: FieldValues): string {
  const text = given(values, "organisation");
  if (identifierPattern.test(text)) return text;
  throw complaint({
    code: "OPERATOR_INVALID",
    what: `${JSON.stringify(text)} is no operator's id`,
    remedy: "see voltfog trade beans",
  });
}

function issuerLine(issuer: BeanIssuerView): string {
  const { organisation, outstanding_Wh, bound_Wh, pricePerKWh } = issuer;
  const sale = pricePerKWh === null ? "sells none" : `sells at ${amountText(pricePerKWh)} per kWh`;
  return `${organisation}  ${energyText(outstanding_Wh)} out of at most ${energyText(bound_Wh)}; ${sale}`;
}

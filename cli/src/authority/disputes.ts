import {
  encodeOrderRemoval,
  encodeResolution,
  encodeTradeResolution,
  moduleNumber,
  sessionAction,
  v2vAction,
} from "@voltfog/ledger";
import { amountText, parseAmount } from "../market/amount-text.ts";
import { parseId } from "../trade/id-text.ts";
import {
  type Answer,
  type Field,
  type FieldValues,
  given,
  type Operation,
  ordered,
} from "../trade/operation.ts";
import type { AuthoritySession } from "./authority-session.ts";
import { reasonField } from "./people.ts";

const refundField: Field = {
  ...{ name: "refund", value: "amount" },
  summary: "what the payer gets back; 0 rejects the dispute",
  question: "What the payer gets back; 0 rejects the dispute",
};

/** What the authority decides about orders, trades and sessions. */
export const disputeOperations: readonly Operation<AuthoritySession>[] = [
  {
    name: "remove-order",
    summary: "Take an order out of the market",
    explanation: "Removes an open order of energy between vehicles; locked money goes back.",
    example: 'voltfog authority remove-order 5f02… --reason "position is false"',
    fields: [
      {
        ...{ name: "order", value: "order", isArgument: true },
        summary: "id of the order",
        question: "Id of the order",
      },
      reasonField,
    ],
    async run(session, values) {
      const orderId = parseId(given(values, "order"));
      const outcome = await session.order({
        module: moduleNumber.v2v,
        action: v2vAction.removeOrder,
        payload: encodeOrderRemoval({
          orderId,
          reasonHash: session.reasonHash(given(values, "reason")),
        }),
      });
      return ordered("the order is removed", outcome);
    },
  },
  {
    name: "resolve-trade",
    summary: "Resolve a dispute of two vehicles",
    explanation: "Divides what is in escrow: the refund to the buyer, the rest to the seller.",
    example: 'voltfog authority resolve-trade 5f02… --refund 1.20 --reason "losses of a cold day"',
    fields: [
      {
        ...{ name: "trade", value: "trade", isArgument: true },
        summary: "id of the trade",
        question: "Id of the trade",
      },
      refundField,
      reasonField,
    ],
    run: (session, values) =>
      resolve({ session, values, module: moduleNumber.v2v, action: v2vAction.resolve }),
  },
  {
    name: "resolve-session",
    summary: "Resolve a dispute of a charging session",
    explanation: "Gives the driver back a part of what the session cost.",
    example: 'voltfog authority resolve-session 5f02… --refund 0.80 --reason "meter off by 3 %"',
    fields: [
      {
        ...{ name: "session", value: "session", isArgument: true },
        summary: "id of the session",
        question: "Id of the session",
      },
      refundField,
      reasonField,
    ],
    run: (session, values) =>
      resolve({ session, values, module: moduleNumber.sessions, action: sessionAction.resolve }),
  },
];

async function resolve(o: {
  session: AuthoritySession;
  values: FieldValues;
  module: number;
  action: number;
}): Promise<Answer> {
  const { session, values, module, action } = o;
  const refund = parseAmount({ flag: "--refund", text: given(values, "refund"), zero: true });
  const reasonHash = session.reasonHash(given(values, "reason"));
  const payload =
    module === moduleNumber.v2v
      ? encodeTradeResolution({ tradeId: parseId(given(values, "trade")), refund, reasonHash })
      : encodeResolution({ sessionId: parseId(given(values, "session")), refund, reasonHash });
  const outcome = await session.order({ module, action, payload });
  return ordered(`resolved: ${amountText(refund)} goes back`, outcome, { refund });
}

import {
  encodeOrderRemoval,
  encodeResolution,
  encodeResolveOrder,
  encodeRingConfirm,
  encodeTradeResolution,
  moduleNumber,
  pileAction,
  sessionAction,
  v2vAction,
} from "@voltfog/ledger";
import { complaint } from "../complaint.ts";
import { amountText, energyText, parseAmount, parseEnergy_Wh } from "../market/amount-text.ts";
import { parseId } from "../trade/id-text.ts";
import {
  type Answer,
  type Field,
  type FieldValues,
  given,
  type Operation,
  ordered,
} from "../trade/operation.ts";
import { contractField } from "../trade/pile-contract.ts";
import { readRingConfirmation } from "../trade/ring-confirmation.ts";
import type { AuthoritySession } from "./authority-session.ts";
import { disputesText, openDisputes } from "./dispute-list.ts";
import { reasonField } from "./people.ts";

const refundField: Field = {
  ...{ name: "refund", value: "amount" },
  summary: "what the payer gets back; 0 rejects the dispute",
  question: "What the payer gets back; 0 rejects the dispute",
};

/** What the authority decides about orders, trades and sessions. */
export const disputeOperations: readonly Operation<AuthoritySession>[] = [
  {
    name: "disputes",
    summary: "List the open disputes, and how each is ended",
    explanation:
      "Reads what waits for the authority, newest first: trades between vehicles, contracts of private piles, charging sessions, each with what both sides counted. It needs no key.",
    example: "voltfog authority disputes",
    fields: [],
    async run({ client }) {
      const disputes = await openDisputes(client);
      return { text: disputesText(disputes), json: disputes };
    },
  },
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
  {
    name: "resolve-contract",
    summary: "Resolve a dispute of a private pile's contract",
    explanation:
      "Says what counts as delivered; the contract is settled by it. What is missing is bought from the grid at the catalogue price, unless the owner failed: then it costs the buyer nothing.",
    example:
      'voltfog authority resolve-contract 5f02… --energy 3.2kWh --owners-fault yes --reason "the fuse blew"',
    fields: [
      contractField,
      {
        ...{ name: "energy", value: "energy" },
        summary: "what counts as delivered; 0Wh where nothing was",
        question: "What counts as delivered, such as 3.2kWh",
      },
      {
        ...{ name: "ownersFault", value: "yes|no", fallback: "no" },
        summary: "whether the owner failed",
        question: "Whether the owner failed, yes or no",
      },
      reasonField,
    ],
    run: resolveContract,
  },
  {
    name: "ring-confirm",
    summary: "Bring the confirmation of a group's member",
    explanation:
      "Takes the file that voltfog trade ring-sign wrote to the chain, so that not even who brings it says which member it was. Each member's key counts once in a contract.",
    example: "voltfog authority ring-confirm confirmation.json",
    fields: [
      {
        ...{ name: "file", value: "file", isArgument: true },
        summary: "file of the confirmation",
        question: "File of the confirmation",
      },
    ],
    async run(session, values) {
      const { order } = readRingConfirmation(given(values, "file"));
      const outcome = await session.order({
        module: moduleNumber.piles,
        action: pileAction.ringConfirm,
        payload: encodeRingConfirm(order),
      });
      return ordered(`a member of the ${order.side}'s group confirmed`, outcome);
    },
  },
];

async function resolveContract(session: AuthoritySession, values: FieldValues): Promise<Answer> {
  const fault = given(values, "ownersFault");
  if (fault !== "yes" && fault !== "no") {
    throw complaint({
      code: "FAULT_INVALID",
      what: `--owners-fault is ${JSON.stringify(fault)}`,
      remedy: "write yes or no",
    });
  }
  const contractId = parseId(given(values, "contract"));
  const energy_Wh = parseEnergy_Wh({ flag: "--energy", text: given(values, "energy"), zero: true });
  const reason = session.reasonHash(given(values, "reason"));
  const outcome = await session.order({
    module: moduleNumber.piles,
    action: pileAction.resolve,
    payload: encodeResolveOrder({ contractId, energy_Wh, isOwnersFault: fault === "yes", reason }),
  });
  return ordered(`resolved: ${energyText(energy_Wh)} counts as delivered`, outcome, { energy_Wh });
}

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

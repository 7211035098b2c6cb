import { costOf } from "@voltfog/market";
import { equalBytes } from "@voltfog/runtime";
import type { StateTree } from "../state/state-tree.ts";
import { isAuthority } from "./account-authority.ts";
import { isOpened } from "./account-holders.ts";
import { moveMoney } from "./account-money.ts";
import { echoed, type PrepareAction, prepared } from "./action-table.ts";
import { issueBeans, moveBeans, withIssuer } from "./bean-accounts.ts";
import { claim, close, makeEnvelope } from "./bean-envelopes.ts";
import {
  type BeanGift,
  type BeanMovement,
  type BeanPurchase,
  type BeanRebate,
  beanAction,
  decodeBeanEnvelope,
  decodeBeanGift,
  decodeBeanOffer,
  decodeBeanPurchase,
  decodeEnvelopeName,
  decodeRebate,
  encodeBeanMovement,
} from "./bean-payloads.ts";
import {
  beanIssuerOf,
  beansFrom,
  type EnvelopeResult,
  encodeEnvelopeResult,
} from "./bean-records.ts";
import {
  type LedgerModule,
  moduleNumber,
  type TransactionContext,
  type Verdict,
} from "./module.ts";
import { operatorByKey, operatorOf } from "./union-records.ts";

/** Of one action; above, a price times an energy would not be a whole number below 2^53. */
const beanLimits = { energyMax_Wh: 1_000_000_000, priceMax: 1_000_000_000 } as const;

/**
 * Electric beans: kilowatt-hours that an operator owes at its own charge points. They are given, sold and
 * drawn, never made beyond what the operator has earned, and gone once they paid. docs/specs/payments.md.
 */
export const beansModule: LedgerModule = {
  number: moduleNumber.beans,
  name: "beans",
  prepare(action, payload) {
    return actions.get(action)?.(payload);
  },
  /** Opened accounts, an operator's among them, and the authority. */
  admits(state, key) {
    return isOpened(state, key) || isAuthority(state, key);
  },
};

const actions: ReadonlyMap<number, PrepareAction> = new Map<number, PrepareAction>([
  [beanAction.rebate, prepared(decodeRebate, moved(rebate))],
  [beanAction.offer, prepared(decodeBeanOffer, echoed(offer))],
  [beanAction.buy, prepared(decodeBeanPurchase, moved(buy))],
  [beanAction.gift, prepared(decodeBeanGift, moved(gift))],
  [beanAction.envelope, prepared(decodeBeanEnvelope, enveloped(makeEnvelope))],
  [beanAction.claim, prepared(decodeEnvelopeName, moved(claim))],
  [beanAction.close, prepared(decodeEnvelopeName, enveloped(close))],
]);

type Moved = BeanMovement & { readonly state: StateTree };

function moved<T>(
  run: (state: StateTree, context: TransactionContext, order: T) => Moved | string,
): (state: StateTree, context: TransactionContext, order: T) => Verdict {
  return (state, context, order) => {
    const after = run(state, context, order);
    if (typeof after === "string") return { code: after };
    return { code: "OK", state: after.state, data: encodeBeanMovement(after) };
  };
}

function enveloped<T>(
  run: (
    state: StateTree,
    context: TransactionContext,
    order: T,
  ) => (EnvelopeResult & { readonly state: StateTree }) | string,
): (state: StateTree, context: TransactionContext, order: T) => Verdict {
  return (state, context, order) => {
    const after = run(state, context, order);
    if (typeof after === "string") return { code: after };
    return { code: "OK", state: after.state, data: encodeEnvelopeResult(after) };
  };
}

function rebate(
  state: StateTree,
  { sender }: TransactionContext,
  { account, energy_Wh }: BeanRebate,
): Moved | string {
  const organisation = operatorByKey(state, sender.key)?.organisation;
  if (organisation === undefined) return "NOT_AUTHORISED";
  if (!isEnergy(energy_Wh)) return "ENERGY_INVALID";
  if (!isOpened(state, account)) return "ACCOUNT_UNKNOWN";
  const issued = issueBeans(state, { organisation, energy_Wh });
  if (typeof issued === "string") return issued;
  const given = moveBeans(issued, { account, organisation, by_Wh: energy_Wh });
  return { state: given, organisation, account, energy_Wh, amount: 0, envelopeId: undefined };
}

function offer(
  state: StateTree,
  { sender }: TransactionContext,
  pricePerKWh: number,
): StateTree | string {
  const organisation = operatorByKey(state, sender.key)?.organisation;
  if (organisation === undefined) return "NOT_AUTHORISED";
  if (pricePerKWh > beanLimits.priceMax) return "PRICE_INVALID";
  const issuer = beanIssuerOf(state, organisation);
  return withIssuer(state, organisation, { ...issuer, pricePerKWh });
}

/** At the offer's price; a purchase names the most that it pays, so that a change of price surprises nobody. */
function buy(
  state: StateTree,
  { sender }: TransactionContext,
  { organisation, energy_Wh, pricePerKWh: highest }: BeanPurchase,
): Moved | string {
  const account = sender.key;
  if (!isEnergy(energy_Wh)) return "ENERGY_INVALID";
  if (!isOpened(state, account)) return "ACCOUNT_UNKNOWN";
  const operator = operatorOf(state, organisation);
  const { pricePerKWh } = beanIssuerOf(state, organisation);
  const isMember = operator !== undefined && operator.leftHeight === undefined;
  if (!isMember || pricePerKWh === 0) return "NOT_OFFERED";
  if (equalBytes(operator.key, account)) return "SAME_ACCOUNT";
  if (pricePerKWh > highest) return "PRICE_CHANGED";
  const issued = issueBeans(state, { organisation, energy_Wh });
  if (typeof issued === "string") return issued;
  const amount = costOf({ energy_Wh, pricePerKWh });
  const paid = moveMoney(issued, { from: account, to: operator.key, amount });
  if (typeof paid === "string") return paid;
  const given = moveBeans(paid, { account, organisation, by_Wh: energy_Wh });
  return { state: given, organisation, account, energy_Wh, amount, envelopeId: undefined };
}

/** From one account to another; what is outstanding stays. */
function gift(
  state: StateTree,
  { sender }: TransactionContext,
  { organisation, account, energy_Wh }: BeanGift,
): Moved | string {
  if (energy_Wh === 0) return "ENERGY_INVALID";
  if (equalBytes(account, sender.key)) return "SAME_ACCOUNT";
  if (!isOpened(state, account)) return "ACCOUNT_UNKNOWN";
  if (beansFrom(state, sender.key, organisation) < energy_Wh) return "BEANS_TOO_LOW";
  const taken = moveBeans(state, { account: sender.key, organisation, by_Wh: -energy_Wh });
  const given = moveBeans(taken, { account, organisation, by_Wh: energy_Wh });
  return { state: given, organisation, account, energy_Wh, amount: 0, envelopeId: undefined };
}

function isEnergy(energy_Wh: number): boolean {
  return energy_Wh > 0 && energy_Wh <= beanLimits.energyMax_Wh;
}

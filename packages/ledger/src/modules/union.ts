import { equalBytes } from "@voltfog/runtime";
import type { StateTree } from "../state/state-tree.ts";
import { isAuthority } from "./account-authority.ts";
import { isOpened } from "./account-holders.ts";
import { moveMoney } from "./account-money.ts";
import { echoed, type PrepareAction, prepared } from "./action-table.ts";
import { type LedgerModule, moduleNumber, type TransactionContext } from "./module.ts";
import { addChargePoint, removeChargePoint } from "./union-charge-points.ts";
import { delegate, undelegate } from "./union-delegations.ts";
import { join, leave, penalise } from "./union-members.ts";
import {
  decodeAgreement,
  decodeChargePointKey,
  decodeChargePointRequest,
  decodeDelegation,
  decodeFunding,
  decodeJoin,
  decodeLeave,
  decodePenalty,
  decodePromotion,
  decodeTariff,
  decodeTerms,
  encodeTariff,
  type Promotion,
  type Tariff,
  type TariffAgreement,
  type UnionTerms,
  unionAction,
} from "./union-payloads.ts";
import {
  operatorByKey,
  operatorOf,
  promotionPot,
  unionOf,
  unionPool,
  withOperator,
  withUnion,
} from "./union-records.ts";

/**
 * The union of those who operate charge points (Wang et al. 2017, §3 and §4): each member pays a deposit,
 * deposits fill the pool that rewards the proposers of final blocks, and one tariff holds for all.
 */
export const unionModule: LedgerModule = {
  number: moduleNumber.union,
  name: "union",
  prepare(action, payload) {
    return actions.get(action)?.(payload);
  },
  /** Operators are holders of opened accounts. */
  admits(state, key) {
    return isOpened(state, key) || isAuthority(state, key);
  },
};

const actions: ReadonlyMap<number, PrepareAction> = new Map<number, PrepareAction>([
  [unionAction.join, prepared(decodeJoin, echoed(join))],
  [unionAction.leave, prepared(decodeLeave, leave)],
  [unionAction.penalise, prepared(decodePenalty, echoed(penalise))],
  [unionAction.addChargePoint, prepared(decodeChargePointRequest, echoed(addChargePoint))],
  [unionAction.removeChargePoint, prepared(decodeChargePointKey, echoed(removeChargePoint))],
  [unionAction.setTariff, prepared(decodeTariff, echoed(setTariff))],
  [unionAction.proposeTariff, prepared(decodeTariff, echoed(proposeTariff))],
  [unionAction.agreeTariff, prepared(decodeAgreement, echoed(agreeTariff))],
  [unionAction.setTerms, prepared(decodeTerms, echoed(setTerms))],
  [unionAction.delegate, prepared(decodeDelegation, echoed(delegate))],
  [unionAction.undelegate, prepared(decodeDelegation, echoed(undelegate))],
  [unionAction.fund, prepared(decodeFunding, echoed(fund))],
  [unionAction.promote, prepared(decodePromotion, echoed(promote))],
]);

function setTariff(
  state: StateTree,
  { sender }: TransactionContext,
  tariff: Tariff,
): StateTree | string {
  if (!isAuthority(state, sender.key)) return "NOT_AUTHORISED";
  return withUnion(state, { ...unionOf(state), tariff });
}

function setTerms(
  state: StateTree,
  { sender }: TransactionContext,
  terms: UnionTerms,
): StateTree | string {
  if (!isAuthority(state, sender.key)) return "NOT_AUTHORISED";
  return withUnion(state, { ...unionOf(state), terms });
}

/** The last word counts until the authority agrees to it. */
function proposeTariff(
  state: StateTree,
  { sender }: TransactionContext,
  proposedTariff: Tariff,
): StateTree | string {
  const operator = operatorByKey(state, sender.key);
  if (operator === undefined) return "NOT_AUTHORISED";
  return withOperator(state, operator.organisation, { ...operator, proposedTariff });
}

function agreeTariff(
  state: StateTree,
  { sender, crypto }: TransactionContext,
  { organisation, tariffHash }: TariffAgreement,
): StateTree | string {
  if (!isAuthority(state, sender.key)) return "NOT_AUTHORISED";
  const operator = operatorOf(state, organisation);
  if (operator === undefined) return "OPERATOR_UNKNOWN";
  if (tariffHash.every((byte) => byte === 0)) {
    return withOperator(state, organisation, { ...operator, tariff: undefined });
  }
  const tariff = operator.proposedTariff;
  const hash = tariff && crypto.sha256(encodeTariff(tariff));
  // What it agreed to is what it read: a proposal that changed meanwhile has another hash.
  if (hash === undefined || !equalBytes(hash, tariffHash)) return "TARIFF_DIFFERS";
  return withOperator(state, organisation, { ...operator, tariff, proposedTariff: undefined });
}

/** Anybody's account may fill the pool. */
function fund(
  state: StateTree,
  { sender }: TransactionContext,
  amount: number,
): StateTree | string {
  return moveMoney(state, { from: sender.key, to: unionPool, amount });
}

function promote(
  state: StateTree,
  { sender }: TransactionContext,
  { account, amount }: Promotion,
): StateTree | string {
  if (!isAuthority(state, sender.key)) return "NOT_AUTHORISED";
  return moveMoney(state, { from: promotionPot, to: account, amount });
}

import { mulDiv } from "@voltfog/market";
import type { StateTree } from "../state/state-tree.ts";
import { isAuthority } from "./account-authority.ts";
import { holderOf } from "./account-holders.ts";
import { balanceOf, moveMoney } from "./account-money.ts";
import type { TransactionContext, Verdict } from "./module.ts";
import type { Penalty, UnionJoin } from "./union-payloads.ts";
import { verifyJoin } from "./union-possession.ts";
import {
  depositPot,
  operatorByKey,
  operatorIds,
  operatorOf,
  operatorsMax,
  organisationOfKey,
  unionOf,
  unionPool,
  withNewOperator,
  withOperator,
  withOperatorKey,
} from "./union-records.ts";
import { writeVersioned } from "./versioned.ts";

const whole = 1_000_000;

/**
 * A validator vouches for its organisation's operator, whose account pays the deposit: one part to the pool
 * at once, the rest to a pot that secures its debts.
 */
export function join(
  state: StateTree,
  context: TransactionContext,
  request: UnionJoin,
): StateTree | string {
  const { organisation, key, deposit } = request;
  const { terms } = unionOf(state);
  const former = operatorOf(state, organisation);
  const problem = joinProblem(state, context, request);
  if (problem !== undefined || terms === undefined) return problem ?? "TERMS_UNKNOWN";
  const toPool = mulDiv(deposit, terms.poolSharePpm, whole);
  const pooled = moveMoney(state, { from: key, to: unionPool, amount: toPool });
  if (typeof pooled === "string") return pooled;
  const pot = depositPot(organisation);
  const secured = moveMoney(pooled, { from: key, to: pot, amount: deposit - toPool });
  if (typeof secured === "string") return secured;
  const listed = former === undefined ? withNewOperator(secured, organisation) : secured;
  return withOperator(withOperatorKey(listed, key, organisation), organisation, {
    key,
    term: (former?.term ?? 0) + 1,
    joinedHeight: context.height,
    leftHeight: undefined,
    deposit,
    penalties: 0,
    earned: former?.earned ?? 0,
    chargePoints: former?.chargePoints ?? 0,
    tariff: undefined,
    proposedTariff: undefined,
  });
}

function joinProblem(
  state: StateTree,
  { sender, genesis, crypto }: TransactionContext,
  request: UnionJoin,
): string | undefined {
  const { organisation, key, deposit } = request;
  const { validator } = sender;
  if (validator?.organisation !== organisation || validator.quarantined) return "NOT_AUTHORISED";
  const { terms } = unionOf(state);
  if (terms === undefined) return "TERMS_UNKNOWN";
  const former = operatorOf(state, organisation);
  if (former !== undefined && former.leftHeight === undefined) return "ALREADY_JOINED";
  if (former === undefined && operatorIds(state).length >= operatorsMax) return "SET_FULL";
  const holder = holderOf(state, key);
  if (holder === undefined) return "ACCOUNT_UNKNOWN";
  if (holder.suspended !== undefined) return "SUSPENDED";
  // A key operates for one organisation for ever.
  if ((organisationOfKey(state, key) ?? organisation) !== organisation) return "KEY_TAKEN";
  if (deposit < terms.depositMin) return "DEPOSIT_TOO_LOW";
  const term = (former?.term ?? 0) + 1;
  const { chainId } = genesis;
  return verifyJoin({ join: request, chainId, term, crypto })
    ? undefined
    : "PROOF_OF_POSSESSION_INVALID";
}

/** What is left of the deposit's secured part goes back; the pool keeps its own. */
export function leave(state: StateTree, { sender, height }: TransactionContext): Verdict {
  const operator = operatorByKey(state, sender.key);
  if (operator === undefined) return { code: "NOT_AUTHORISED" };
  const { organisation } = operator;
  const pot = depositPot(organisation);
  const returned = balanceOf(state, pot);
  const paid = moveMoney(state, { from: pot, to: operator.key, amount: returned });
  if (typeof paid === "string") return { code: paid };
  const left = { ...operator, leftHeight: height, tariff: undefined, proposedTariff: undefined };
  return {
    code: "OK",
    state: withOperator(paid, organisation, left),
    data: writeVersioned().text(organisation).u64(returned).finish(),
  };
}

/** Of what secures its debts, to the pool. */
export function penalise(
  state: StateTree,
  { sender }: TransactionContext,
  { organisation, amount }: Penalty,
): StateTree | string {
  if (!isAuthority(state, sender.key)) return "NOT_AUTHORISED";
  const operator = operatorOf(state, organisation);
  if (operator === undefined || operator.leftHeight !== undefined) return "OPERATOR_UNKNOWN";
  const paid = moveMoney(state, { from: depositPot(organisation), to: unionPool, amount });
  if (typeof paid === "string") return paid;
  const penalties = operator.penalties + amount;
  return withOperator(paid, organisation, { ...operator, penalties });
}

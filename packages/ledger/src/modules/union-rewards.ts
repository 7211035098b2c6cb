import { mulDiv } from "@voltfog/market";
import type { StateTree } from "../state/state-tree.ts";
import { balanceOf, moveMoney } from "./account-money.ts";
import {
  operatorOf,
  promotionPot,
  unionOf,
  unionPool,
  withOperator,
  withUnion,
} from "./union-records.ts";

const whole = 1_000_000;

/**
 * The state once an organisation's validator has proposed a block that is final: its operator is paid the
 * reward from the pool, and the promotion its share on top. A pool that holds less than both pays nothing,
 * which is counted. Nothing changes without terms, without a reward and for who is no member of the union.
 */
export function withReward(state: StateTree, organisation: string | undefined): StateTree {
  if (organisation === undefined) return state;
  const union = unionOf(state);
  const reward = union.terms?.rewardPerBlock ?? 0;
  const operator = reward === 0 ? undefined : operatorOf(state, organisation);
  if (operator === undefined || operator.leftHeight !== undefined) return state;
  const promotion = mulDiv(reward, union.terms?.promotionSharePpm ?? 0, whole);
  if (balanceOf(state, unionPool) < reward + promotion) {
    return withUnion(state, { ...union, unpaidBlocks: union.unpaidBlocks + 1 });
  }
  const rewarded = moveMoney(state, { from: unionPool, to: operator.key, amount: reward });
  if (typeof rewarded === "string") return state;
  const paid = moveMoney(rewarded, { from: unionPool, to: promotionPot, amount: promotion });
  if (typeof paid === "string") return state;
  const earned = operator.earned + reward;
  const noted = withOperator(paid, organisation, { ...operator, earned });
  return withUnion(noted, { ...union, paidBlocks: union.paidBlocks + 1 });
}

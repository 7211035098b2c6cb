import { isDeliveryAgreed, mulDiv } from "@voltfog/market";
import { assert, equalBytes } from "@voltfog/runtime";
import type { StateTree } from "../state/state-tree.ts";
import { isAuthority } from "./account-authority.ts";
import { moveMoney, platformPot } from "./account-money.ts";
import type { TransactionContext, Verdict } from "./module.ts";
import { withBook, withTrade, withVehicleBusy } from "./v2v-book.ts";
import { clockOffMax_ms, isCount } from "./v2v-limits.ts";
import type { TradeResolution } from "./v2v-orders.ts";
import { tradePot } from "./v2v-placing.ts";
import { encodeTradeRecord, type TradeRecord } from "./v2v-records.ts";
import { v2vBookOf, v2vRulesOf, v2vTradeOf } from "./v2v-state.ts";
import { type EnergyStatement, verifyEnergyStatement } from "./v2v-statement.ts";

/** One vehicle's count; with the second the escrow pays, or the trade is in dispute. */
export function deliver(
  state: StateTree,
  context: TransactionContext,
  statement: EnergyStatement,
): Verdict {
  const trade = v2vTradeOf(state, statement.tradeId);
  if (trade === undefined) return { code: "TRADE_UNKNOWN" };
  const problem = statementProblem(context, trade, statement);
  if (problem !== undefined) return { code: problem };
  const { energy_Wh, from_ms, to_ms, side } = statement;
  const told: TradeRecord = { ...trade, [side]: { energy_Wh, from_ms, to_ms } };
  const { given, received } = told;
  if (given === undefined || received === undefined) return ended(withTrade(state, told), told);
  const tolerance = v2vRulesOf(state);
  const isAgreed = isDeliveryAgreed({ traded_Wh: trade.energy_Wh, given, received, tolerance });
  return isAgreed ? close(state, told, { state: "paid", refund: 0 }) : disputed(state, told);
}

function statementProblem(
  { sender, genesis, crypto, time_ms }: TransactionContext,
  trade: TradeRecord,
  statement: EnergyStatement,
): string | undefined {
  const { side, energy_Wh, from_ms, to_ms } = statement;
  const isParty = [trade.consumer, trade.provider].some((key) => equalBytes(key, sender.key));
  if (!isParty) return "NOT_AUTHORISED";
  if (trade.state !== "open") return "TRADE_CLOSED";
  if (time_ms > trade.expires_ms) return "TRADE_EXPIRED";
  if (trade[side] !== undefined) return "STATEMENT_KNOWN";
  if (!isCount(energy_Wh)) return "ENERGY_OUT_OF_RANGE";
  const isInTime =
    from_ms >= trade.matched_ms - clockOffMax_ms && to_ms <= time_ms + clockOffMax_ms;
  if (!isInTime || from_ms > to_ms) return "STATEMENT_TIME_WRONG";
  const vehicle = side === "given" ? trade.providerVehicle : trade.consumerVehicle;
  const isSigned = verifyEnergyStatement({ statement, chainId: genesis.chainId, vehicle, crypto });
  return isSigned ? undefined : "STATEMENT_SIGNATURE_INVALID";
}

/** The authority's verdict: a refund to the consumer, the rest as if it had been agreed, in that share. */
export function resolve(
  state: StateTree,
  { sender }: TransactionContext,
  { tradeId, refund }: TradeResolution,
): Verdict {
  if (!isAuthority(state, sender.key)) return { code: "NOT_AUTHORISED" };
  const trade = v2vTradeOf(state, tradeId);
  if (trade === undefined) return { code: "TRADE_UNKNOWN" };
  if (trade.state !== "disputed") return { code: "TRADE_NOT_DISPUTED" };
  if (refund > trade.energyCost + trade.fee) return { code: "REFUND_TOO_LARGE" };
  const calm = withBook(state, { disputes: v2vBookOf(state).disputes - 1 });
  return close(calm, trade, { state: "resolved", refund });
}

/** After a trade's life: everything back where neither vehicle said anything, else a dispute. */
export function expire(
  state: StateTree,
  context: TransactionContext,
  tradeId: Uint8Array,
): Verdict {
  const trade = v2vTradeOf(state, tradeId);
  if (trade === undefined) return { code: "TRADE_UNKNOWN" };
  if (trade.state !== "open") return { code: "TRADE_CLOSED" };
  if (context.time_ms <= trade.expires_ms) return { code: "TRADE_NOT_EXPIRED" };
  if (trade.given !== undefined || trade.received !== undefined) return disputed(state, trade);
  return close(state, trade, { state: "expired", refund: trade.energyCost + trade.fee });
}

function disputed(state: StateTree, trade: TradeRecord): Verdict {
  const record: TradeRecord = { ...trade, state: "disputed" };
  const counted = withBook(state, { disputes: v2vBookOf(state).disputes + 1 });
  return ended(withTrade(freed(counted, trade), record), record);
}

/** Empties the escrow: the refund, both fees in the share that is left, the rest to the provider. */
function close(
  state: StateTree,
  trade: TradeRecord,
  verdict: { state: TradeRecord["state"]; refund: number },
): Verdict {
  const escrow = trade.energyCost + trade.fee;
  const { refund } = verdict;
  const left = escrow - refund;
  const toPlatform = escrow === 0 ? 0 : mulDiv(2 * trade.fee, left, escrow);
  const paid = left - toPlatform;
  const from = tradePot(trade.id);
  let after = state;
  for (const [to, amount] of [
    [trade.consumer, refund],
    [platformPot, toPlatform],
    [trade.provider, paid],
  ] as const) {
    const moved = moveMoney(after, { from, to, amount });
    assert(typeof moved !== "string", "the escrow holds what the trade costs");
    after = moved;
  }
  const record = { ...trade, state: verdict.state, paid, refunded: refund, toPlatform };
  const isBusy = trade.state === "open";
  return ended(withTrade(isBusy ? freed(after, trade) : after, record), record);
}

/** Both vehicles may trade again. */
function freed(state: StateTree, { consumerVehicle, providerVehicle }: TradeRecord): StateTree {
  return withVehicleBusy(withVehicleBusy(state, consumerVehicle, {}), providerVehicle, {});
}

function ended(state: StateTree, trade: TradeRecord): Verdict {
  return { code: "OK", state, data: encodeTradeRecord(trade) };
}

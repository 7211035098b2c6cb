import { billOf, energyAllowed_Wh, meterFault, sessionLimits } from "@voltfog/market";
import { equalBytes } from "@voltfog/runtime";
import type { StateTree } from "../state/state-tree.ts";
import { isOpened } from "./account-holders.ts";
import { balanceOf } from "./account-money.ts";
import { moveBeans, redeemBeans } from "./bean-accounts.ts";
import type { TransactionContext } from "./module.ts";
import type { SessionChange } from "./session-change.ts";
import { pay, payeeOf } from "./session-money.ts";
import { newSession, type Seller, sellerOf } from "./session-opening.ts";
import type { OfflineSettlement } from "./session-payloads.ts";
import {
  type SessionMeter,
  type SessionRecord,
  sessionDebtOf,
  sessionOf,
  withSessionDebt,
} from "./session-record.ts";
import { paidFromPot } from "./session-settling.ts";
import { sessionIdOf, verifyVoucher } from "./session-voucher.ts";

/**
 * Settles what the chain heard nothing of, by the driver's voucher. Where the same session is authorised
 * here, its pot pays; else, and where it was cancelled or ran out, the driver's beans and balance do, and
 * what they do not cover is owed: the record says so, and the driver authorises nothing until it is paid.
 */
export function settleOffline(
  state: StateTree,
  context: TransactionContext,
  order: OfflineSettlement,
): SessionChange | string {
  const { voucher, receiptHash } = order;
  const { genesis, crypto, sender, time_ms } = context;
  if (!equalBytes(voucher.chargePoint, sender.key)) return "OTHER_CHARGE_POINT";
  if (!isOpened(state, voucher.driver)) return "ACCOUNT_UNKNOWN";
  const sessionId = sessionIdOf(voucher, crypto);
  const known = sessionOf(state, sessionId);
  const code = known && codeOfKnown(known);
  if (code !== undefined) return code;
  if (time_ms > voucher.expiry_ms + sessionLimits.voucherLife_ms) return "VOUCHER_EXPIRED";
  const seller = sellerOf(state, voucher);
  if (typeof seller === "string") return seller;
  const isLocked = known?.state === "authorised";
  const session = isLocked ? known : begun({ state, context, order, seller });
  const meter = readingsOf({ order, session, power_W: seller.power_W, now_ms: time_ms });
  if (typeof meter === "string") return meter;
  if (!verifyVoucher({ voucher, chainId: genesis.chainId, crypto })) return "VOUCHER_INVALID";
  const change = { state, sessionId, session: { ...session, meter } };
  return isLocked
    ? paidFromPot(change, { kind: "voucher", receiptHash, context })
    : paidFromBalance(change, { receiptHash, context });
}

function codeOfKnown({ state }: SessionRecord): string | undefined {
  if (state === "charging") return "SESSION_STARTED";
  const isOpen = state === "authorised" || state === "cancelled" || state === "expired";
  return isOpen ? undefined : "ALREADY_SETTLED";
}

/** The driver pays the tariff that it signed, or that of now where it is lower: neither side can be surprised. */
function begun(options: {
  state: StateTree;
  context: TransactionContext;
  order: OfflineSettlement;
  seller: Seller;
}): SessionRecord {
  const { state, context, seller } = options;
  const { voucher } = options.order;
  const tariff = {
    pricePerKWh: Math.min(voucher.pricePerKWh, seller.tariff.pricePerKWh),
    sessionFee: Math.min(voucher.sessionFee, seller.tariff.sessionFee),
  };
  const { time_ms } = context;
  const { driver } = voucher;
  return newSession({ state, driver, order: voucher, seller: { ...seller, tariff }, time_ms });
}

function readingsOf(options: {
  order: OfflineSettlement;
  session: SessionRecord;
  power_W: number;
  now_ms: number;
}): SessionMeter | string {
  const { session, now_ms, power_W } = options;
  const { start_ms, start_Wh, end_ms, end_Wh } = options.order;
  const { clockTolerance_ms, lifeMax_ms } = sessionLimits;
  if (end_ms > now_ms + clockTolerance_ms || end_ms - start_ms > lifeMax_ms) return "TIME_INVALID";
  if (end_ms > session.expiry_ms) return "SESSION_EXPIRED";
  const last = { meter_Wh: start_Wh, time_ms: start_ms };
  const next = { meter_Wh: end_Wh, time_ms: end_ms };
  const fault = meterFault({ last, next, power_W });
  if (fault !== undefined) return fault;
  if (end_Wh - start_Wh > energyAllowed_Wh(session)) return "LIMIT_EXCEEDED";
  return { start_ms, start_Wh, last_ms: end_ms, last_Wh: end_Wh };
}

/** Beans and money that the driver has now; what is missing is a debt, and no balance goes below 0. */
function paidFromBalance(
  { state, sessionId, session }: SessionChange,
  how: { receiptHash: Uint8Array; context: TransactionContext },
): SessionChange {
  const { driver, organisation, meter } = session;
  const energy_Wh = meter === undefined ? 0 : meter.last_Wh - meter.start_Wh;
  const { beans_Wh, amount } = billOf(energy_Wh, session);
  const paid = Math.min(amount, balanceOf(state, driver));
  const shortfall = amount - paid;
  const moved = pay(state, { from: driver, to: payeeOf(state, organisation), amount: paid });
  const taken = moveBeans(moved, { account: driver, organisation, by_Wh: -beans_Wh });
  const redeemed = redeemBeans(taken, { organisation, energy_Wh: beans_Wh });
  const debt = sessionDebtOf(state, driver) + shortfall;
  const { height, time_ms } = how.context;
  const { receiptHash } = how;
  const settled = { energy_Wh, beans_Wh, paid, shortfall, receiptHash, height };
  return {
    state: shortfall === 0 ? redeemed : withSessionDebt(redeemed, driver, debt),
    sessionId,
    session: {
      ...session,
      state: "settled",
      heldBeans_Wh: 0,
      settlement: { kind: "voucher", ...settled, settled_ms: time_ms },
    },
  };
}

import { costOf, energyAgreement, sessionLimits } from "@voltfog/market";
import { equalBytes } from "@voltfog/runtime";
import type { StateTree } from "../state/state-tree.ts";
import { isAuthority } from "./account-authority.ts";
import { balanceOf, moveMoney } from "./account-money.ts";
import type { TransactionContext } from "./module.ts";
import type { SessionChange } from "./session-change.ts";
import { emptied, pay, payeeOf, sessionPot } from "./session-money.ts";
import type { SessionCount, SessionDispute, SessionResolution } from "./session-payloads.ts";
import {
  type SessionRecord,
  type SessionSettlement,
  sessionDebtOf,
  sessionOf,
  withSessionDebt,
} from "./session-record.ts";
import { linkedVehicleOf } from "./v2v-state.ts";
import { encodeEnergyStatement, verifyEnergyStatement } from "./v2v-statement.ts";

/**
 * The driver's vehicle counted something that the charge point's meter cannot have given. What the difference
 * cost goes back into the session's pot, as far as the operator has it, until the authority decides.
 */
export function dispute(
  state: StateTree,
  { sender, time_ms }: TransactionContext,
  order: SessionDispute,
): SessionChange | string {
  const session = sessionOf(state, order.sessionId);
  if (session === undefined) return "SESSION_UNKNOWN";
  if (!equalBytes(session.driver, sender.key)) return "NOT_YOURS";
  return disputed(state, { session, order, time_ms });
}

/**
 * What the driver's vehicle signed of a session opens the dispute by itself, whoever brings it, where charger
 * and vehicle cannot both be right.
 */
export function count(
  state: StateTree,
  { genesis, crypto, time_ms }: TransactionContext,
  { vehicle, statement }: SessionCount,
): SessionChange | string {
  const { tradeId: sessionId, side, energy_Wh } = statement;
  const session = sessionOf(state, sessionId);
  if (session === undefined) return "SESSION_UNKNOWN";
  const linked = linkedVehicleOf(state, vehicle);
  if (linked === undefined || !equalBytes(linked.account, session.driver)) return "NOT_YOURS";
  const { chainId } = genesis;
  if (side !== "received" || !verifyEnergyStatement({ statement, chainId, vehicle, crypto })) {
    return "STATEMENT_SIGNATURE_INVALID";
  }
  const evidenceHash = crypto.sha256(encodeEnergyStatement(statement));
  const order = { sessionId, vehicleEnergy_Wh: energy_Wh, evidenceHash };
  return disputed(state, { session, order, time_ms });
}

function disputed(
  state: StateTree,
  { session, order, time_ms }: { session: SessionRecord; order: SessionDispute; time_ms: number },
): SessionChange | string {
  const { sessionId, vehicleEnergy_Wh, evidenceHash } = order;
  const { settlement, organisation } = session;
  if (settlement === undefined) return "NOT_SETTLED";
  if (session.state !== "settled") return "ALREADY_DISPUTED";
  if (time_ms > settlement.settled_ms + sessionLimits.disputeWindow_ms) return "DISPUTE_TOO_LATE";
  const { energy_Wh } = settlement;
  const counts = { charger_Wh: energy_Wh, pack_Wh: vehicleEnergy_Wh };
  if (energyAgreement(counts).agrees) return "COUNTS_AGREE";
  const operator = payeeOf(state, organisation);
  const held = Math.min(claimOf(session, settlement, vehicleEnergy_Wh), balanceOf(state, operator));
  return {
    state: pay(state, { from: operator, to: sessionPot(sessionId), amount: held }),
    sessionId,
    session: {
      ...session,
      state: "disputed",
      dispute: { vehicleEnergy_Wh, evidenceHash, held, disputed_ms: time_ms },
    },
  };
}

/** What the energy cost that the vehicle did not get, of what was paid in money. */
function claimOf(
  { pricePerKWh }: SessionRecord,
  { energy_Wh, paid }: SessionSettlement,
  vehicleEnergy_Wh: number,
): number {
  const missing_Wh = Math.max(0, energy_Wh - vehicleEnergy_Wh);
  return Math.min(paid, costOf({ energy_Wh: missing_Wh, pricePerKWh }));
}

/**
 * The authority's word. A refund first forgives what is owed, then is paid of what is held, then of the
 * operator's account; what that lacks stands in the record as unpaid.
 */
export function resolve(
  state: StateTree,
  { sender }: TransactionContext,
  order: SessionResolution,
): SessionChange | string {
  const { sessionId, refund, reasonHash } = order;
  if (!isAuthority(state, sender.key)) return "NOT_AUTHORISED";
  const session = sessionOf(state, sessionId);
  if (session === undefined) return "SESSION_UNKNOWN";
  const { settlement, driver } = session;
  if (session.state !== "disputed" || settlement === undefined) return "NOT_DISPUTED";
  if (refund > settlement.paid + settlement.shortfall) return "REFUND_TOO_LARGE";
  const forgiven = Math.min(refund, settlement.shortfall);
  const owed = refund - forgiven;
  const pot = sessionPot(sessionId);
  const fromPot = Math.min(owed, balanceOf(state, pot));
  const repaid = pay(state, { from: pot, to: driver, amount: fromPot });
  const operator = payeeOf(state, session.organisation);
  const returned = emptied(repaid, pot, operator);
  const fromOperator = Math.min(owed - fromPot, balanceOf(returned, operator));
  const paid = pay(returned, { from: operator, to: driver, amount: fromOperator });
  const unpaid = owed - fromPot - fromOperator;
  return {
    state: forgive(paid, driver, forgiven),
    sessionId,
    session: {
      ...session,
      state: "resolved",
      settlement: { ...settlement, shortfall: settlement.shortfall - forgiven },
      resolution: { refund, unpaid, reasonHash },
    },
  };
}

/** The driver pays what its balance did not cover when its voucher was settled. */
export function payShortfall(
  state: StateTree,
  { sender }: TransactionContext,
  sessionId: Uint8Array,
): SessionChange | string {
  const session = sessionOf(state, sessionId);
  if (session === undefined) return "SESSION_UNKNOWN";
  const { driver, organisation, settlement } = session;
  if (!equalBytes(driver, sender.key)) return "NOT_YOURS";
  const shortfall = settlement?.shortfall ?? 0;
  if (settlement === undefined || shortfall === 0) return "NOTHING_OWED";
  const to = payeeOf(state, organisation);
  const paid = moveMoney(state, { from: driver, to, amount: shortfall });
  if (typeof paid === "string") return paid;
  return {
    state: forgive(paid, driver, shortfall),
    sessionId,
    session: {
      ...session,
      settlement: { ...settlement, paid: settlement.paid + shortfall, shortfall: 0 },
    },
  };
}

function forgive(state: StateTree, driver: Uint8Array, amount: number): StateTree {
  if (amount === 0) return state;
  return withSessionDebt(state, driver, sessionDebtOf(state, driver) - amount);
}

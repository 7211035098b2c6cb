import { billOf, energyAllowed_Wh, meterFault, sessionLimits } from "@voltfog/market";
import type { StateTree } from "../state/state-tree.ts";
import { moveBeans, redeemBeans } from "./bean-accounts.ts";
import type { TransactionContext } from "./module.ts";
import { closedCode, type SessionChange, sessionAtPoint } from "./session-change.ts";
import { emptied, pay, payeeOf, sessionPot } from "./session-money.ts";
import { undone } from "./session-opening.ts";
import type { MeterReading, SettlementRequest } from "./session-payloads.ts";
import {
  type SessionMeter,
  type SessionRecord,
  type SessionSettlement,
  sessionOf,
} from "./session-record.ts";
import { chargePointOf } from "./union-records.ts";

/** A reading on the way. */
export function meter(
  state: StateTree,
  context: TransactionContext,
  order: MeterReading,
): SessionChange | string {
  const { sessionId } = order;
  const session = sessionAtPoint(state, context, sessionId);
  if (typeof session === "string") return session;
  const read = readMeter({ state, context, session, reading: order });
  if (typeof read === "string") return read;
  return { state, sessionId, session: { ...session, meter: read } };
}

/** The last reading, and with it the money: exactly once, since a settled session takes no other. */
export function settle(
  state: StateTree,
  context: TransactionContext,
  order: SettlementRequest,
): SessionChange | string {
  const { sessionId, receiptHash } = order;
  const session = sessionAtPoint(state, context, sessionId);
  if (typeof session === "string") return session;
  const read = isRepeated(session, order)
    ? session.meter
    : readMeter({ state, context, session, reading: order });
  if (read === undefined || typeof read === "string") return read ?? "NOT_STARTED";
  const change = { state, sessionId, session: { ...session, meter: read } };
  return paidFromPot(change, { kind: "online", receiptHash, context });
}

/**
 * By anyone, a day after the time limit: what never began is undone, and what went on is settled at its last
 * reading, so that neither side's silence keeps the other's money.
 */
export function expire(
  state: StateTree,
  context: TransactionContext,
  sessionId: Uint8Array,
): SessionChange | string {
  const session = sessionOf(state, sessionId);
  if (session === undefined) return "SESSION_UNKNOWN";
  const closed = closedCode(session);
  if (closed !== undefined) return closed;
  if (context.time_ms <= session.expiry_ms + sessionLimits.grace_ms) return "NOT_EXPIRED";
  const change = { state, sessionId, session };
  if (session.state === "authorised") return undone(change, "expired");
  const receiptHash = new Uint8Array(32);
  return paidFromPot(change, { kind: "time-limit", receiptHash, context });
}

/** The readings with this one, or why it cannot be. */
function readMeter(options: {
  state: StateTree;
  context: TransactionContext;
  session: SessionRecord;
  reading: MeterReading;
}): SessionMeter | string {
  const { session, reading } = options;
  const closed = closedCode(session);
  if (closed !== undefined) return closed;
  const { meter: known } = session;
  if (known === undefined) return "NOT_STARTED";
  const { time_ms, meter_Wh } = reading;
  if (time_ms > options.context.time_ms + sessionLimits.clockTolerance_ms) return "TIME_INVALID";
  if (time_ms > session.expiry_ms) return "SESSION_EXPIRED";
  const point = chargePointOf(options.state, session.chargePoint);
  if (point === undefined) return "CHARGE_POINT_UNKNOWN";
  const last = { meter_Wh: known.last_Wh, time_ms: known.last_ms };
  const fault = meterFault({ last, next: reading, power_W: point.power_W });
  if (fault !== undefined) return fault;
  if (meter_Wh - known.start_Wh > energyAllowed_Wh(session)) return "LIMIT_EXCEEDED";
  return { ...known, last_ms: time_ms, last_Wh: meter_Wh };
}

/** A session may end with the reading that it had. */
function isRepeated({ state, meter: known }: SessionRecord, reading: MeterReading): boolean {
  const isOpen = state === "charging" && known !== undefined;
  return isOpen && known.last_ms === reading.time_ms && known.last_Wh === reading.meter_Wh;
}

/** The operator gets its due, the driver what is left of the lock. The bill keeps the limit, so nothing lacks. */
export function paidFromPot(
  { state, sessionId, session }: SessionChange,
  how: Pick<SessionSettlement, "kind" | "receiptHash"> & { context: TransactionContext },
): SessionChange {
  const { driver, organisation, heldBeans_Wh, meter: read } = session;
  const energy_Wh = read === undefined ? 0 : read.last_Wh - read.start_Wh;
  const { beans_Wh, amount } = billOf(energy_Wh, session);
  const pot = sessionPot(sessionId);
  const paid = pay(state, { from: pot, to: payeeOf(state, organisation), amount });
  const back = emptied(paid, pot, driver);
  const redeemed = redeemBeans(back, { organisation, energy_Wh: beans_Wh });
  const unused_Wh = heldBeans_Wh - beans_Wh;
  return {
    state: moveBeans(redeemed, { account: driver, organisation, by_Wh: unused_Wh }),
    sessionId,
    session: {
      ...session,
      state: "settled",
      heldBeans_Wh: 0,
      settlement: {
        kind: how.kind,
        energy_Wh,
        beans_Wh,
        paid: amount,
        shortfall: 0,
        receiptHash: how.receiptHash,
        height: how.context.height,
        settled_ms: how.context.time_ms,
      },
    },
  };
}

import { energyAllowed_Wh, type SessionTariff, sessionLimits } from "@voltfog/market";
import { equalBytes } from "@voltfog/runtime";
import type { StateTree } from "../state/state-tree.ts";
import { isOpened } from "./account-holders.ts";
import { moveMoney } from "./account-money.ts";
import { moveBeans } from "./bean-accounts.ts";
import { beansFrom } from "./bean-records.ts";
import type { TransactionContext } from "./module.ts";
import { closedCode, type SessionChange, sessionAtPoint } from "./session-change.ts";
import { emptied, sessionPot } from "./session-money.ts";
import type { Authorisation, MeterReading } from "./session-payloads.ts";
import { type SessionRecord, sessionDebtOf, sessionOf } from "./session-record.ts";
import { sessionIdOf } from "./session-voucher.ts";
import { chargePointOf, operatorOf, tariffOf } from "./union-records.ts";

/** Who sells the energy, and for what. */
export interface Seller {
  readonly organisation: string;
  readonly power_W: number;
  readonly tariff: SessionTariff;
}

/**
 * The driver's limit goes into the session's pot, the operator's beans that it may use are taken out of its
 * hands, and the tariff of now holds to the end.
 */
export function authorise(
  state: StateTree,
  { sender, crypto, time_ms }: TransactionContext,
  order: Authorisation,
): SessionChange | string {
  const driver = sender.key;
  if (!isOpened(state, driver)) return "ACCOUNT_UNKNOWN";
  const sessionId = sessionIdOf({ ...order, driver }, crypto);
  if (sessionOf(state, sessionId) !== undefined) return "ID_TAKEN";
  if (sessionDebtOf(state, driver) > 0) return "SHORTFALL_OPEN";
  const seller = sellerOf(state, order);
  if (typeof seller === "string") return seller;
  const { expiry_ms } = order;
  if (expiry_ms <= time_ms || expiry_ms > time_ms + sessionLimits.lifeMax_ms) {
    return "EXPIRY_INVALID";
  }
  const session = newSession({ state, driver, order, seller, time_ms });
  if (energyAllowed_Wh(session) === 0) return "LIMIT_TOO_LOW";
  const { organisation, heldBeans_Wh, limitAmount } = session;
  const locked = moveMoney(state, { from: driver, to: sessionPot(sessionId), amount: limitAmount });
  if (typeof locked === "string") return locked;
  const held = moveBeans(locked, { account: driver, organisation, by_Wh: -heldBeans_Wh });
  return { state: held, sessionId, session };
}

/** The seller whom an authorisation or a voucher names, and whether its terms make sense there. */
export function sellerOf(state: StateTree, order: Authorisation): Seller | string {
  const { limit_Wh, beansOf } = order;
  const point = chargePointOf(state, order.chargePoint);
  const isRemoved = point === undefined || point.removedHeight !== undefined;
  if (isRemoved || operatorOf(state, point.organisation)?.leftHeight !== undefined) {
    return "CHARGE_POINT_UNKNOWN";
  }
  const { organisation, plugType, power_W } = point;
  if (plugType !== order.plugType) return "PLUG_DIFFERS";
  if (beansOf !== undefined && beansOf !== organisation) return "OTHER_ISSUER";
  if (limit_Wh === 0 || limit_Wh > sessionLimits.energyMax_Wh) return "LIMIT_INVALID";
  const tariff = tariffOf(state, organisation);
  if (tariff === undefined) return "TARIFF_UNKNOWN";
  return { organisation, power_W, tariff };
}

/** The record of a session that begins, with the beans that the driver has of this operator now. */
export function newSession(options: {
  state: StateTree;
  driver: Uint8Array;
  order: Authorisation;
  seller: Seller;
  time_ms: number;
}): SessionRecord {
  const { state, driver, order, seller } = options;
  const { organisation, tariff } = seller;
  return {
    state: "authorised",
    driver,
    chargePoint: order.chargePoint,
    organisation,
    plugType: order.plugType,
    limitAmount: order.limitAmount,
    limit_Wh: order.limit_Wh,
    expiry_ms: order.expiry_ms,
    pricePerKWh: tariff.pricePerKWh,
    sessionFee: tariff.sessionFee,
    authorised_ms: options.time_ms,
    heldBeans_Wh: Math.min(beansFrom(state, driver, organisation), order.limit_Wh),
    meter: undefined,
    settlement: undefined,
    dispute: undefined,
    resolution: undefined,
  };
}

/** The first reading. It may reach the chain late, but is not from before the authorisation. */
export function start(
  state: StateTree,
  context: TransactionContext,
  order: MeterReading,
): SessionChange | string {
  const { sessionId, meter_Wh, time_ms } = order;
  const session = sessionAtPoint(state, context, sessionId);
  if (typeof session === "string") return session;
  const closed = closedCode(session);
  if (closed !== undefined) return closed;
  if (session.state === "charging") return "SESSION_STARTED";
  const { clockTolerance_ms } = sessionLimits;
  const isAhead = time_ms > context.time_ms + clockTolerance_ms;
  if (isAhead || time_ms + clockTolerance_ms < session.authorised_ms) return "TIME_INVALID";
  if (time_ms > session.expiry_ms) return "SESSION_EXPIRED";
  const meter = { start_ms: time_ms, start_Wh: meter_Wh, last_ms: time_ms, last_Wh: meter_Wh };
  return { state, sessionId, session: { ...session, state: "charging", meter } };
}

/** Before the first reading: by the driver, or by a charge point that cannot serve it. */
export function cancel(
  state: StateTree,
  { sender }: TransactionContext,
  sessionId: Uint8Array,
): SessionChange | string {
  const session = sessionOf(state, sessionId);
  if (session === undefined) return "SESSION_UNKNOWN";
  const { driver, chargePoint } = session;
  if (![driver, chargePoint].some((key) => equalBytes(key, sender.key))) return "NOT_YOURS";
  if (session.state === "charging") return "SESSION_STARTED";
  return closedCode(session) ?? undone({ state, sessionId, session }, "cancelled");
}

/** Money and beans back to the driver. */
export function undone(
  { state, sessionId, session }: SessionChange,
  to: "cancelled" | "expired",
): SessionChange {
  const { driver, organisation, heldBeans_Wh } = session;
  const paid = emptied(state, sessionPot(sessionId), driver);
  return {
    state: moveBeans(paid, { account: driver, organisation, by_Wh: heldBeans_Wh }),
    sessionId,
    session: { ...session, state: to, heldBeans_Wh: 0 },
  };
}

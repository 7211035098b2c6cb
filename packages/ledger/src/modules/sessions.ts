import { isAuthority } from "./account-authority.ts";
import { isOpened } from "./account-holders.ts";
import { type PrepareAction, prepared } from "./action-table.ts";
import { type LedgerModule, moduleNumber } from "./module.ts";
import { told } from "./session-change.ts";
import { count, dispute, payShortfall, resolve } from "./session-dispute.ts";
import { settleOffline } from "./session-offline.ts";
import { authorise, cancel, start } from "./session-opening.ts";
import {
  decodeAuthorisation,
  decodeDispute,
  decodeMeterReading,
  decodeOfflineSettlement,
  decodeResolution,
  decodeSessionCount,
  decodeSessionName,
  decodeSettlement,
  sessionAction,
} from "./session-payloads.ts";
import { expire, meter, settle } from "./session-settling.ts";
import { chargePointOf } from "./union-records.ts";

/**
 * Charging paid from one account at every operator's charge points. Money waits in a pot of the session and
 * leaves it once; what it may cost is known before the first watt-hour. docs/specs/payments.md.
 */
export const sessionsModule: LedgerModule = {
  number: moduleNumber.sessions,
  name: "sessions",
  prepare(action, payload) {
    return actions.get(action)?.(payload);
  },
  /** Opened accounts, registered charge points and the authority. */
  admits(state, key) {
    return (
      isOpened(state, key) || chargePointOf(state, key) !== undefined || isAuthority(state, key)
    );
  },
};

const actions: ReadonlyMap<number, PrepareAction> = new Map<number, PrepareAction>([
  [sessionAction.authorise, prepared(decodeAuthorisation, told(authorise))],
  [sessionAction.start, prepared(decodeMeterReading, told(start))],
  [sessionAction.meter, prepared(decodeMeterReading, told(meter))],
  [sessionAction.settle, prepared(decodeSettlement, told(settle))],
  [sessionAction.settleOffline, prepared(decodeOfflineSettlement, told(settleOffline))],
  [sessionAction.cancel, prepared(decodeSessionName, told(cancel))],
  [sessionAction.dispute, prepared(decodeDispute, told(dispute))],
  [sessionAction.resolve, prepared(decodeResolution, told(resolve))],
  [sessionAction.expire, prepared(decodeSessionName, told(expire))],
  [sessionAction.count, prepared(decodeSessionCount, told(count))],
  [sessionAction.payShortfall, prepared(decodeSessionName, told(payShortfall))],
]);

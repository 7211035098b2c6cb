import type { StateTree } from "../state/state-tree.ts";
import {
  chargePointName,
  chargePointNumberName,
  chargePointPileName,
} from "../state/union-names.ts";
import { isAuthority } from "./account-authority.ts";
import { hasRole } from "./key-roles.ts";
import type { TransactionContext } from "./module.ts";
import type { ChargePointRequest } from "./union-payloads.ts";
import { verifyChargePoint } from "./union-possession.ts";
import { chargePointOf, encodeChargePoint, operatorByKey, withOperator } from "./union-records.ts";

const chargePointsMax = 65_536;

/** By its operator; a pile's id is free again once its point is removed, a key never is. */
export function addChargePoint(
  state: StateTree,
  { sender, genesis, crypto, height }: TransactionContext,
  request: ChargePointRequest,
): StateTree | string {
  const operator = operatorByKey(state, sender.key);
  if (operator === undefined) return "NOT_AUTHORISED";
  const { organisation } = operator;
  const { key, pileId } = request;
  if (hasRole({ state, genesis, key, crypto })) return "KEY_TAKEN";
  const pileName = chargePointPileName({ organisation, pileId });
  const holder = state.get(pileName);
  if (holder !== undefined && chargePointOf(state, holder)?.removedHeight === undefined) {
    return "ID_TAKEN";
  }
  if (operator.chargePoints >= chargePointsMax) return "SET_FULL";
  if (!verifyChargePoint({ request, chainId: genesis.chainId, organisation, crypto })) {
    return "PROOF_OF_POSSESSION_INVALID";
  }
  const number = operator.chargePoints + 1;
  const record = { ...request, organisation, registeredHeight: height, removedHeight: undefined };
  const noted = state
    .with(chargePointName(key), encodeChargePoint(record))
    .with(chargePointNumberName({ organisation, number }), key)
    .with(pileName, key);
  return withOperator(noted, organisation, { ...operator, chargePoints: number });
}

/** By its operator or the authority. */
export function removeChargePoint(
  state: StateTree,
  { sender, height }: TransactionContext,
  key: Uint8Array,
): StateTree | string {
  const record = chargePointOf(state, key);
  const operator = operatorByKey(state, sender.key);
  const isOwn = record !== undefined && operator?.organisation === record.organisation;
  if (!(isOwn || isAuthority(state, sender.key))) return "NOT_AUTHORISED";
  if (record === undefined || record.removedHeight !== undefined) return "CHARGE_POINT_UNKNOWN";
  return state.with(chargePointName(key), encodeChargePoint({ ...record, removedHeight: height }));
}

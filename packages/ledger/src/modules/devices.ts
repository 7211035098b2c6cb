import { accepted, equalBytes } from "@voltfog/runtime";
import { deviceName } from "../state/names.ts";
import type { StateTree } from "../state/state-tree.ts";
import {
  type DeviceRecord,
  decodeDeviceRecord,
  decodeEnrolment,
  type Enrolment,
  encodeDeviceRecord,
  encodeEnrolment,
  keyIdOf,
} from "./device-record.ts";
import {
  type LedgerModule,
  moduleNumber,
  type TransactionContext,
  type Verdict,
} from "./module.ts";

export const deviceAction = { enrol: 1, revoke: 2 } as const;

interface DeviceRequest {
  readonly state: StateTree;
  readonly context: TransactionContext;
  readonly enrolment: Enrolment;
}

/** Keys of units and vehicles. A key is enrolled once and, once revoked, never again. */
export const devicesModule: LedgerModule = {
  number: moduleNumber.devices,
  name: "devices",
  prepare(action, payload) {
    if (action !== deviceAction.enrol && action !== deviceAction.revoke) return undefined;
    const decoded = decodeEnrolment(payload);
    if (!decoded.ok) return decoded;
    const perform = action === deviceAction.enrol ? enrol : revoke;
    return accepted((state, context) => perform({ state, context, enrolment: decoded.value }));
  },
};

function enrol(request: DeviceRequest): Verdict {
  const { state, context, enrolment } = request;
  const { genesis, crypto } = context;
  if (!genesis.organisations.some(({ id }) => id === enrolment.organisation)) {
    return { code: "ORGANISATION_UNKNOWN" };
  }
  if (!isAuthorised(request)) return { code: "NOT_AUTHORISED" };
  // A vote key must stay a vote key: one key has one role.
  if (genesis.validators.some(({ voteKey }) => equalBytes(voteKey, enrolment.key))) {
    return { code: "ALREADY_ENROLLED" };
  }
  const name = deviceName(keyIdOf(enrolment.key, crypto));
  if (state.get(name) !== undefined) return { code: "ALREADY_ENROLLED" };
  const record = { ...enrolment, enrolledHeight: context.height, revokedHeight: undefined };
  return {
    code: "OK",
    state: state.with(name, encodeDeviceRecord(record)),
    data: encodeEnrolment(enrolment),
  };
}

/** Names the whole enrolment, so that nobody revokes another than the one they mean. */
function revoke(request: DeviceRequest): Verdict {
  const { state, context, enrolment } = request;
  if (!isAuthorised(request)) return { code: "NOT_AUTHORISED" };
  const name = deviceName(keyIdOf(enrolment.key, context.crypto));
  const record = readDeviceRecord(state.get(name));
  if (record === undefined) return { code: "DEVICE_UNKNOWN" };
  if (!equalBytes(encodeEnrolment(record), encodeEnrolment(enrolment))) {
    return { code: "ENROLMENT_DIFFERS" };
  }
  if (record.revokedHeight !== undefined) return { code: "ALREADY_REVOKED" };
  return {
    code: "OK",
    state: state.with(name, encodeDeviceRecord({ ...record, revokedHeight: context.height })),
    data: encodeEnrolment(enrolment),
  };
}

/** Any validator, or a unit of the device's organisation. */
function isAuthorised({ context, enrolment }: DeviceRequest): boolean {
  const { unit, validator } = context.sender;
  return validator !== undefined || unit?.organisation === enrolment.organisation;
}

/** The record from the chain's own tree. */
export function readDeviceRecord(value: Uint8Array | undefined): DeviceRecord | undefined {
  const decoded = value && decodeDeviceRecord(value);
  return decoded?.ok ? decoded.value : undefined;
}

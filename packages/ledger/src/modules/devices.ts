import { accepted, equalBytes } from "@voltfog/runtime";
import { deviceName } from "../state/names.ts";
import type { StateTree } from "../state/state-tree.ts";
import { isMember } from "./consortium-records.ts";
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
  decodeRotation,
  encodeRotation,
  type KeyRotation,
  verifyRotation,
} from "./key-rotation.ts";
import {
  type LedgerModule,
  moduleNumber,
  type Sender,
  type TransactionContext,
  type Verdict,
} from "./module.ts";
import { isVoteKey } from "./validators.ts";

export const deviceAction = { enrol: 1, revoke: 2, rotate: 3 } as const;

interface DeviceRequest {
  readonly state: StateTree;
  readonly context: TransactionContext;
  readonly enrolment: Enrolment;
  readonly isAuthorised: Authority;
}

/** Who may speak for a device. */
type Authority = (sender: Sender, organisation: string) => boolean;

/** Keys of units and vehicles. A key is enrolled once and, once revoked, never again. */
export const devicesModule: LedgerModule = devicesUnder(
  // Any validator, or a unit of the device's organisation.
  ({ validator, unit }, organisation) =>
    validator !== undefined || unit?.organisation === organisation,
);

/** Version 2: validators, too, speak for the devices of their own organisation only. */
export const ownDevicesModule: LedgerModule = devicesUnder(({ validator, unit }, organisation) =>
  [validator, unit].some((one) => one?.organisation === organisation),
);

function devicesUnder(isAuthorised: Authority): LedgerModule {
  return {
    number: moduleNumber.devices,
    name: "devices",
    prepare(action, payload) {
      if (action === deviceAction.rotate) {
        const decoded = decodeRotation(payload);
        if (!decoded.ok) return decoded;
        const rotation = decoded.value;
        return accepted((state, context) => rotate({ state, context, rotation, isAuthorised }));
      }
      if (action !== deviceAction.enrol && action !== deviceAction.revoke) return undefined;
      const decoded = decodeEnrolment(payload);
      if (!decoded.ok) return decoded;
      const enrolment = decoded.value;
      const perform = action === deviceAction.enrol ? enrol : revoke;
      return accepted((state, context) => perform({ state, context, enrolment, isAuthorised }));
    },
  };
}

function enrol(request: DeviceRequest): Verdict {
  const { state, context, enrolment } = request;
  const { genesis, crypto } = context;
  if (!isMember({ state, genesis, id: enrolment.organisation })) {
    return { code: "ORGANISATION_UNKNOWN" };
  }
  if (!request.isAuthorised(context.sender, enrolment.organisation))
    return { code: "NOT_AUTHORISED" };
  if (isTaken(request, enrolment.key)) return { code: "ALREADY_ENROLLED" };
  const name = deviceName(keyIdOf(enrolment.key, crypto));
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
  if (!request.isAuthorised(context.sender, enrolment.organisation))
    return { code: "NOT_AUTHORISED" };
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

/**
 * The new key stands on the old one's terms from here on; the old key's record stays and says how far
 * the old key signed. The device's own two signatures decide, so a replay finds the old key replaced.
 */
function rotate(request: {
  readonly state: StateTree;
  readonly context: TransactionContext;
  readonly rotation: KeyRotation;
  readonly isAuthorised: Authority;
}): Verdict {
  const { state, context, rotation } = request;
  const { genesis, crypto, height } = context;
  const { oldKey, newKey, last } = rotation;
  const name = deviceName(keyIdOf(oldKey, crypto));
  const record = readDeviceRecord(state.get(name));
  if (record === undefined || !equalBytes(record.key, oldKey)) return { code: "DEVICE_UNKNOWN" };
  if (!request.isAuthorised(context.sender, record.organisation)) return { code: "NOT_AUTHORISED" };
  const problem = rotationProblem(record, context);
  if (problem !== undefined) return { code: problem };
  if (isTaken(request, newKey)) return { code: "ALREADY_ENROLLED" };
  if (!verifyRotation({ rotation, chainId: genesis.chainId, crypto })) {
    return { code: "SIGNATURE_INVALID" };
  }
  const rotated = { height, last, successor: newKey };
  const { rotated: _none, ...terms } = record;
  const next = { ...terms, key: newKey, enrolledHeight: height };
  return {
    code: "OK",
    state: state
      .with(name, encodeDeviceRecord({ ...record, rotated }))
      .with(deviceName(keyIdOf(newKey, crypto)), encodeDeviceRecord(next)),
    data: encodeRotation(rotation),
  };
}

/** A unit's key names its logs, so only vehicles change theirs. */
function rotationProblem(
  record: DeviceRecord,
  { time_ms }: TransactionContext,
): string | undefined {
  if (record.kind !== "vehicle") return "NOT_A_VEHICLE";
  if (record.revokedHeight !== undefined) return "ALREADY_REVOKED";
  if (record.rotated !== undefined) return "ALREADY_ROTATED";
  return time_ms < record.validFrom_ms || time_ms > record.validTo_ms ? "NOT_VALID_NOW" : undefined;
}

/** A key has one role for ever; a vote key must stay a vote key. */
function isTaken(
  { state, context }: { state: StateTree; context: TransactionContext },
  key: Uint8Array,
): boolean {
  const { genesis, crypto } = context;
  return (
    isVoteKey({ state, genesis, key }) || state.get(deviceName(keyIdOf(key, crypto))) !== undefined
  );
}

/** The record from the chain's own tree. */
export function readDeviceRecord(value: Uint8Array | undefined): DeviceRecord | undefined {
  const decoded = value && decodeDeviceRecord(value);
  return decoded?.ok ? decoded.value : undefined;
}

import type { Crypto } from "@voltfog/runtime";
import { encodeDeviceRecord, idCommitmentOf, keyIdOf, unitSalt } from "../modules/device-record.ts";
import { deviceName } from "../state/names.ts";
import type { StateClaim } from "../state/state-proof.ts";
import type { DeviceTerms, ProofBundle } from "./bundle.ts";
import type { FrameFacts } from "./frame-opener.ts";
import type { BundleProblem } from "./verified-bundle.ts";

/** What the bundle says that the state holds: the vehicle's record, then the unit's. */
export function deviceClaims(options: {
  bundle: ProofBundle;
  vehicleId: string;
  crypto: Crypto;
}): StateClaim[] {
  const { crypto } = options;
  const { vehicle, unit } = options.bundle;
  const commitments = {
    vehicle: idCommitmentOf({ salt: vehicle.salt, id: options.vehicleId }, crypto),
    unit: idCommitmentOf({ salt: unitSalt, id: unit.id }, crypto),
  };
  return [
    {
      name: deviceName(keyIdOf(vehicle.key, crypto)),
      value: encodeDeviceRecord({
        ...vehicle,
        kind: "vehicle",
        idCommitment: commitments.vehicle,
      }),
    },
    {
      name: deviceName(keyIdOf(unit.key, crypto)),
      value: encodeDeviceRecord({ ...unit, kind: "unit", idCommitment: commitments.unit }),
    },
  ];
}

/**
 * Whether both enrolments hold: valid at the header's time, made no later than the checkpoint and
 * not revoked before or with it. What was final before a revocation stays proven. A key that another
 * one replaced proves the frames up to the last that it signed, and what was final before.
 */
export function deviceProblem(options: {
  bundle: ProofBundle;
  facts: Pick<FrameFacts, "vehicleId" | "stream" | "sequence">;
}): BundleProblem | undefined {
  const { bundle, facts } = options;
  const { vehicle, unit } = bundle;
  return (
    termsProblem(`vehicle ${facts.vehicleId}`, vehicle, bundle) ??
    termsProblem(`unit ${unit.id}`, unit, bundle) ??
    rotationProblem(bundle, facts)
  );
}

function rotationProblem(
  { vehicle: { rotated }, checkpoint }: ProofBundle,
  { vehicleId, stream, sequence }: Pick<FrameFacts, "vehicleId" | "stream" | "sequence">,
): BundleProblem | undefined {
  if (rotated === undefined || checkpoint.height < rotated.height) return undefined;
  const last = rotated.last[stream];
  if (sequence <= last) return undefined;
  const detail = `vehicle ${vehicleId} has another key since block ${rotated.height}, after frame ${last}; this is frame ${sequence}`;
  return { code: "DEVICE_NOT_VALID", detail };
}

function termsProblem(
  who: string,
  terms: DeviceTerms,
  bundle: ProofBundle,
): BundleProblem | undefined {
  const code = "DEVICE_NOT_VALID";
  const { header, checkpoint } = bundle;
  if (header.time_ms < terms.validFrom_ms || header.time_ms > terms.validTo_ms) {
    const detail = `${who} is enrolled from ${terms.validFrom_ms} to ${terms.validTo_ms}, the block is of ${header.time_ms}`;
    return { code, detail };
  }
  if (terms.enrolledHeight > checkpoint.height) {
    const detail = `${who} was enrolled in block ${terms.enrolledHeight}, the checkpoint is of ${checkpoint.height}`;
    return { code, detail };
  }
  if (terms.revokedHeight !== undefined && terms.revokedHeight <= checkpoint.height) {
    const detail = `${who} was revoked in block ${terms.revokedHeight}, the checkpoint is of ${checkpoint.height}`;
    return { code, detail };
  }
  return undefined;
}

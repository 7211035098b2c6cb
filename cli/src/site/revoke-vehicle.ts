import { type Chain, deviceAction, encodeEnrolment, keyIdOf } from "@voltfog/ledger";
import { type Clock, fromHex, toHex } from "@voltfog/runtime";
import { nodeCrypto, replaceFileSync } from "@voltfog/runtime/node";
import { complaint } from "../complaint.ts";
import { readInputFile } from "../input-file.ts";
import { chainOnDisk, type Recorded, tellChain } from "./device-transaction.ts";
import type { SitePaths } from "./site-folder.ts";

export interface Revocation extends Recorded {
  readonly vehicle: string;
  readonly keyId: string;
}

interface EnrolledRow {
  readonly id?: unknown;
  readonly key?: unknown;
  readonly revoked?: boolean;
}

/**
 * Revokes a vehicle's key: the list of vehicles says so, which every unit of the site follows within a
 * second, and a transaction tells the chain, so that proofs of later frames fail anywhere. May be called
 * again until the chain has it. VEHICLE_UNKNOWN, ALREADY_REVOKED.
 */
export async function revokeVehicle(
  paths: SitePaths,
  { vehicle, clock }: { vehicle: string; clock: Clock },
): Promise<Revocation> {
  const rows = JSON.parse(new TextDecoder().decode(readInputFile(paths.enrolled))) as EnrolledRow[];
  const row = rows.find(({ id }) => id === vehicle);
  const key = fromHex(String(row?.key));
  if (row === undefined || key === undefined) {
    throw complaint({
      code: "VEHICLE_UNKNOWN",
      what: `no vehicle ${vehicle} is enrolled in ${paths.enrolled}`,
      remedy: "see voltfog status for the vehicles of the site",
    });
  }
  const keyId = keyIdOf(key, nodeCrypto);
  const chain = await chainOnDisk(paths);
  if (row.revoked === true && isRevoked(chain, keyId)) {
    throw complaint({
      code: "ALREADY_REVOKED",
      what: `the key of ${vehicle} is revoked already`,
      remedy: "a revoked key stays revoked; enrol the vehicle with a new one",
    });
  }
  const marked = rows.map((one) => (one === row ? { ...one, revoked: true } : one));
  replaceFileSync(paths.enrolled, `${JSON.stringify(marked, null, 2)}\n`, { mode: 0o600 });
  const recorded = await tellChain({
    paths,
    clock,
    action: deviceAction.revoke,
    payload: (now) => {
      const record = now.deviceOf(keyId);
      return record && encodeEnrolment(record);
    },
    isDone: (now) => isRevoked(now, keyId),
  });
  return { vehicle, keyId: toHex(keyId), ...recorded };
}

function isRevoked(chain: Chain, keyId: Uint8Array): boolean {
  return chain.deviceOf(keyId)?.revokedHeight !== undefined;
}

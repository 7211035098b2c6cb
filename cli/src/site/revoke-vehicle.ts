import { type Chain, deviceAction, encodeEnrolment, keyIdOf } from "@voltfog/ledger";
import { type Clock, fromHex, toHex } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import { complaint } from "../complaint.ts";
import { chainOnDisk, type Recorded, tellChain } from "./device-transaction.ts";
import { readEnrolledRows, writeEnrolledRows } from "./enrolled-list.ts";
import type { SitePaths } from "./site-folder.ts";
import { inSiteTurn } from "./site-turn.ts";

export interface Revocation extends Recorded {
  readonly vehicle: string;
  readonly keyId: string;
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
  const chain = await chainOnDisk(paths);
  const keyId = await inSiteTurn({ paths, clock }, () => markRevoked(paths, vehicle, chain));
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

/** Gives the id of the key that the list now calls revoked. */
function markRevoked(paths: SitePaths, vehicle: string, chain: Chain): Uint8Array {
  const rows = readEnrolledRows(paths);
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
  if (row.revoked === true && isRevoked(chain, keyId)) {
    throw complaint({
      code: "ALREADY_REVOKED",
      what: `the key of ${vehicle} is revoked already`,
      remedy: "a revoked key stays revoked; enrol the vehicle with a new one",
    });
  }
  writeEnrolledRows(
    paths,
    rows.map((one) => (one === row ? { ...one, revoked: true } : one)),
  );
  return keyId;
}

function isRevoked(chain: Chain, keyId: Uint8Array): boolean {
  return chain.deviceOf(keyId)?.revokedHeight !== undefined;
}

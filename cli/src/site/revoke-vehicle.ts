import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Chain, deviceAction, encodeEnrolment, keyIdOf } from "@voltfog/ledger";
import { type Clock, fromHex, toHex } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import { complaint } from "../complaint.ts";
import { chainOnDisk, type Recorded, tellChain } from "./device-transaction.ts";
import { readEnrolledRows, writeEnrolledRows } from "./enrolled-list.ts";
import { callBack, certificatesOf } from "./revoke-certificate.ts";
import { openSiteAuthority } from "./site-certificates.ts";
import type { SitePaths } from "./site-folder.ts";
import { inSiteTurn } from "./site-turn.ts";

export interface Revocation extends Recorded {
  readonly vehicle: string;
  readonly keyId: string;
  /** Whether those of the vehicle are on the site's list of revoked ones. */
  readonly certificates: "revoked" | "kept";
}

/**
 * Revokes a vehicle and every key that it has had: the list of vehicles says so, which every unit of the
 * site follows within a second, and a transaction for each key tells the chain, so that proofs of later
 * frames fail anywhere. May be called again until the chain has it. VEHICLE_UNKNOWN, ALREADY_REVOKED.
 */
export async function revokeVehicle(
  paths: SitePaths,
  { vehicle, clock }: { vehicle: string; clock: Clock },
): Promise<Revocation> {
  const chain = await chainOnDisk(paths);
  const { keyIds, certificates } = await inSiteTurn({ paths, clock }, async () => ({
    keyIds: markRevoked(paths, vehicle, chain),
    certificates: await callBackAll(paths, { vehicle, clock }),
  }));
  const [current = new Uint8Array(), ...earlier] = keyIds;
  const recorded = await tellRevoked(paths, { keyId: current, clock });
  for (const keyId of earlier) {
    if (recorded.transaction === undefined || isRevoked(await chainOnDisk(paths), keyId)) continue;
    const one = await tellRevoked(paths, { keyId, clock });
    if (one.transaction === undefined) {
      return { vehicle, keyId: toHex(current), certificates, ...one };
    }
  }
  return { vehicle, keyId: toHex(current), certificates, ...recorded };
}

/** "kept" where the authority's key is not here; units let the vehicle in no more all the same. */
async function callBackAll(
  paths: SitePaths,
  { vehicle: id, clock }: { vehicle: string; clock: Clock },
): Promise<Revocation["certificates"]> {
  if (!existsSync(join(paths.keys, "ca.key"))) return "kept";
  const { authority } = await openSiteAuthority(paths);
  await callBack(paths, { id, certificates: certificatesOf(paths, id), authority, clock });
  return "revoked";
}

function tellRevoked(
  paths: SitePaths,
  { keyId, clock }: { keyId: Uint8Array; clock: Clock },
): Promise<Recorded> {
  return tellChain({
    paths,
    clock,
    action: deviceAction.revoke,
    payload: (now) => {
      const record = now.deviceOf(keyId);
      return record && encodeEnrolment(record);
    },
    isDone: (now) => isRevoked(now, keyId),
  });
}

/** Gives the ids of the keys that the list now calls revoked: the present one, then those before it. */
function markRevoked(paths: SitePaths, vehicle: string, chain: Chain): readonly Uint8Array[] {
  const rows = readEnrolledRows(paths);
  const row = rows.find(({ id }) => id === vehicle);
  if (row === undefined) {
    throw complaint({
      code: "VEHICLE_UNKNOWN",
      what: `no vehicle ${vehicle} is enrolled in ${paths.enrolled}`,
      remedy: "see voltfog status for the vehicles of the site",
    });
  }
  const keyIds = [row, ...(row.earlier ?? [])].map(({ key }) =>
    keyIdOf(fromHex(key) ?? new Uint8Array(), nodeCrypto),
  );
  if (row.revoked === true && keyIds.every((keyId) => isRevoked(chain, keyId))) {
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
  return keyIds;
}

function isRevoked(chain: Chain, keyId: Uint8Array): boolean {
  return chain.deviceOf(keyId)?.revokedHeight !== undefined;
}

import { createPublicKey } from "node:crypto";
import {
  decodeRotation,
  deviceAction,
  encodeRotation,
  type KeyRotation,
  keyIdOf,
  verifyRotation,
} from "@voltfog/ledger";
import { accepted, type Clock, type Outcome, refused, toHex } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import { type Recorded, tellChain } from "./device-transaction.ts";
import { type EnrolledRow, readEnrolledRows, writeEnrolledRows } from "./enrolled-list.ts";
import { callBack, certificatesOf } from "./revoke-certificate.ts";
import { keepCertificate, openSiteAuthority } from "./site-certificates.ts";
import type { SitePaths } from "./site-folder.ts";
import { readGenesis } from "./site-record.ts";
import { inSiteTurn } from "./site-turn.ts";

/** What a change of keys may be refused for. */
export interface RotationProblem {
  readonly code:
    | "ROTATION_INVALID"
    | "SIGNATURE_INVALID"
    | "KEY_UNKNOWN"
    | "KEY_REVOKED"
    | "KEY_REPLACED"
    | "KEY_ENROLLED"
    | "KEYS_MANY";
  readonly detail: string;
}

/** What a vehicle gets for its new key. */
export interface RotatedVehicle {
  readonly vehicleId: string;
  readonly certificate: string;
  /** Resolves when the chain has it, or says why it does not. */
  readonly recorded: Promise<Recorded>;
}

/** As many as a unit reads of one vehicle. */
const earlierMax = 1000;

/** SubjectPublicKeyInfo of an Ed25519 key before its 32 bytes (RFC 8410). */
const spkiHead = Buffer.from("302a300506032b6570032100", "hex");

/**
 * Puts a vehicle's new key in the place of its old one, on the word of both keys: a certificate for it,
 * the old one's called back, the list that the units follow, and a transaction for the chain. The very
 * same rotation again gets its answer again, for a vehicle that did not hear the first one. A refusal
 * changes nothing.
 */
export async function rotateVehicle(
  paths: SitePaths,
  o: { rotation: Uint8Array; clock: Clock },
): Promise<Outcome<RotatedVehicle, RotationProblem>> {
  const decoded = decodeRotation(o.rotation);
  if (!decoded.ok) return refused({ code: "ROTATION_INVALID", detail: decoded.problem.detail });
  const rotation = decoded.value;
  const { chainId } = readGenesis(paths.genesis);
  if (!verifyRotation({ rotation, chainId, crypto: nodeCrypto })) {
    const detail = "not signed by both keys for this chain";
    return refused({ code: "SIGNATURE_INVALID", detail });
  }
  const listed = await inSiteTurn({ paths, clock: o.clock }, async () => {
    const rows = readEnrolledRows(paths);
    const found = findVehicle(rows, rotation);
    if (!found.ok) return found;
    const certificate = await certify(paths, { vehicle: found.value.id, rotation, clock: o.clock });
    writeEnrolledRows(
      paths,
      rows.map((row) => (row === found.value ? rotatedRow(row, rotation) : row)),
    );
    return accepted({ vehicleId: found.value.id, certificate });
  });
  if (!listed.ok) return listed;
  return accepted({ ...listed.value, recorded: recordRotation(paths, { ...o, rotation }) });
}

/** The vehicle whose key the old one is, or which has just changed it so. */
function findVehicle(
  rows: readonly EnrolledRow[],
  rotation: KeyRotation,
): Outcome<EnrolledRow, RotationProblem> {
  const [oldKey, newKey] = [toHex(rotation.oldKey), toHex(rotation.newKey)];
  const repeated = rows.find((row) => isRotatedSo(row, rotation));
  const row = repeated ?? rows.find(({ key }) => key === oldKey);
  if (row?.revoked === true) {
    return refused({ code: "KEY_REVOKED", detail: "a revoked vehicle changes no key" });
  }
  if (repeated !== undefined) return accepted(repeated);
  const everyKey = rows.flatMap(({ key, earlier = [] }) => [key, ...earlier.map((old) => old.key)]);
  if (row === undefined) {
    return everyKey.includes(oldKey)
      ? refused({ code: "KEY_REPLACED", detail: "another key took the old one's place before" })
      : refused({ code: "KEY_UNKNOWN", detail: "the old key is no vehicle's of this site" });
  }
  if (everyKey.includes(newKey)) {
    return refused({ code: "KEY_ENROLLED", detail: "the new key is or was a vehicle's" });
  }
  return (row.earlier?.length ?? 0) >= earlierMax
    ? refused({ code: "KEYS_MANY", detail: `the vehicle has changed its key ${earlierMax} times` })
    : accepted(row);
}

function isRotatedSo({ key, earlier = [] }: EnrolledRow, rotation: KeyRotation): boolean {
  const before = earlier.at(-1);
  return (
    key === toHex(rotation.newKey) &&
    before?.key === toHex(rotation.oldKey) &&
    before.telemetry === rotation.last.telemetry &&
    before.urgent === rotation.last.urgent
  );
}

function rotatedRow(row: EnrolledRow, rotation: KeyRotation): EnrolledRow {
  if (isRotatedSo(row, rotation)) return row;
  const before = { key: row.key, ...rotation.last };
  return { ...row, key: toHex(rotation.newKey), earlier: [...(row.earlier ?? []), before] };
}

async function certify(
  paths: SitePaths,
  o: { vehicle: string; rotation: KeyRotation; clock: Clock },
): Promise<string> {
  const der = Buffer.concat([spkiHead, o.rotation.newKey]);
  const publicKey = createPublicKey({ key: der, format: "der", type: "spki" });
  const { vehicle: id, clock } = o;
  const { authority } = await openSiteAuthority(paths);
  const certificates = certificatesOf(paths, id).filter((one) => !one.publicKey.equals(publicKey));
  await callBack(paths, { id, certificates, authority, clock });
  const subject = { id, role: "vehicle", publicKey } as const;
  const certificate = await authority.issue(subject, { now_ms: clock.wall_ms() });
  keepCertificate(paths, id, certificate);
  return certificate;
}

function recordRotation(
  paths: SitePaths,
  { rotation, clock }: { rotation: KeyRotation; clock: Clock },
): Promise<Recorded> {
  const oldId = keyIdOf(rotation.oldKey, nodeCrypto);
  const newId = keyIdOf(rotation.newKey, nodeCrypto);
  return tellChain({
    paths,
    clock,
    action: deviceAction.rotate,
    payload: (chain) =>
      chain.deviceOf(oldId) === undefined ? undefined : encodeRotation(rotation),
    isDone: (chain) => chain.deviceOf(newId) !== undefined,
  });
}

import { createHash, type KeyObject } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { deviceAction, encodeEnrolment, idCommitmentOf, keyIdOf } from "@voltfog/ledger";
import { accepted, type Clock, type Outcome, type Random, refused, toHex } from "@voltfog/runtime";
import { nodeCrypto, replaceFileSync } from "@voltfog/runtime/node";
import { complaint } from "../complaint.ts";
import { type Recorded, tellChain } from "./device-transaction.ts";
import { type EnrolledRow, readEnrolledRows, writeEnrolledRows } from "./enrolled-list.ts";
import {
  type EnrolmentToken,
  encodeEnrolmentTokens,
  enrolmentTokensMax,
  parseEnrolmentTokens,
  strikeToken,
} from "./enrolment-tokens.ts";
import { callBack, certificatesOf } from "./revoke-certificate.ts";
import { openSiteAuthority } from "./site-certificates.ts";
import type { SitePaths } from "./site-folder.ts";
import { readGenesis } from "./site-record.ts";
import { inSiteTurn } from "./site-turn.ts";

/** What an enrolment may be refused for. */
export interface EnrolmentProblem {
  readonly code: "TOKEN_UNKNOWN" | "TOKEN_EXPIRED" | "CSR_INVALID" | "KEY_ENROLLED";
  readonly detail: string;
}

/** What an enrolled vehicle gets. */
export interface EnrolledVehicleFiles {
  readonly vehicleId: string;
  readonly certificate: string;
  readonly authority: string;
  /** The genesis file, base64. */
  readonly genesis: string;
  /** Opens the vehicle's id commitment on the chain; 32 hex digits. */
  readonly idSalt: string;
  /** Resolves when the chain has it, or says why it does not. */
  readonly recorded: Promise<Recorded>;
}

const tenYears_ms = 3650 * 86_400_000;
const tokenBytes = 32;

const tokensPath = (paths: SitePaths): string => join(paths.root, "enrolment-tokens.json");

export function tokenHash(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/** A token for one vehicle, told once. VEHICLE_ENROLLED where it has a key that holds, SITE_BUSY. */
export function createEnrolmentToken(
  paths: SitePaths,
  o: { vehicle: string; fleet?: string; expires_ms: number; clock: Clock; random: Random },
): Promise<string> {
  const now_ms = o.clock.wall_ms();
  return inSiteTurn({ paths, clock: o.clock }, () => addToken(paths, { ...o, now_ms }));
}

function addToken(
  paths: SitePaths,
  o: { vehicle: string; fleet?: string; expires_ms: number; now_ms: number; random: Random },
): string {
  const held = readEnrolledRows(paths).find(
    ({ id, revoked }) => id === o.vehicle && revoked !== true,
  );
  if (held !== undefined) {
    throw complaint({
      code: "VEHICLE_ENROLLED",
      what: `${o.vehicle} is enrolled already`,
      remedy: "revoke its key first: voltfog device revoke",
    });
  }
  const token = `vfe_${toHex(o.random.bytes(tokenBytes))}`;
  const hash = tokenHash(token);
  const kept = readTokens(paths).filter(
    ({ vehicle, expires_ms }) => vehicle !== o.vehicle && expires_ms > o.now_ms,
  );
  if (kept.length >= enrolmentTokensMax) {
    throw complaint({
      code: "TOKENS_MANY",
      what: `${enrolmentTokensMax} tokens are open`,
      remedy: "let some be used or run out",
    });
  }
  const { vehicle, fleet, expires_ms } = o;
  const added = { hash, vehicle, ...(fleet === undefined ? {} : { fleet }), expires_ms };
  writeTokens(paths, [...kept, added]);
  return token;
}

/** One enrolment: the token is struck out on disk before anything else happens. */
export async function enrolVehicle(
  paths: SitePaths,
  o: { token: string; csr: string; clock: Clock; random: Random },
): Promise<Outcome<EnrolledVehicleFiles, EnrolmentProblem>> {
  const { keyInRequest } = await import("@voltfog/runtime/certificates");
  const asked = await keyInRequest(o.csr);
  if (!asked.ok) return refused(asked.problem);
  return inSiteTurn({ paths, clock: o.clock }, () => enlist(paths, { ...o, asked: asked.value }));
}

async function enlist(
  paths: SitePaths,
  o: { token: string; asked: KeyObject; clock: Clock; random: Random },
): Promise<Outcome<EnrolledVehicleFiles, EnrolmentProblem>> {
  const now_ms = o.clock.wall_ms();
  const struck = strikeToken(readTokens(paths), { hash: tokenHash(o.token), now_ms });
  if (!struck.ok) return refused({ ...struck.problem, detail: "this token opens nothing" });
  const { vehicle, fleet, left } = struck.value;
  const key = rawKey(o.asked);
  const enrolled = readEnrolledRows(paths);
  const everyKey = enrolled.flatMap((row) => [row, ...(row.earlier ?? [])]);
  if (everyKey.some((row) => row.key === toHex(key))) {
    return refused({ code: "KEY_ENROLLED", detail: "another enrolment has this key" });
  }
  writeTokens(paths, left);
  const { authority } = await openSiteAuthority(paths);
  // Whoever had this name before and was revoked without the authority's key at hand.
  const certificates = certificatesOf(paths, vehicle);
  await callBack(paths, { id: vehicle, certificates, authority, clock: o.clock });
  const subject = { id: vehicle, role: "vehicle", publicKey: o.asked } as const;
  const certificate = await authority.issue(subject, { now_ms });
  replaceFileSync(join(paths.certificates, `${vehicle}.crt`), certificate);
  const salt = o.random.bytes(16);
  const row: EnrolledRow = {
    ...{ id: vehicle, key: toHex(key), salt: toHex(salt) },
    ...(fleet === undefined ? {} : { fleet }),
  };
  const others = enrolled.filter(({ id }) => id !== vehicle);
  writeEnrolledRows(paths, [...others, row]);
  return accepted({
    vehicleId: vehicle,
    certificate,
    authority: authority.certificate,
    genesis: readFileSync(paths.genesis).toString("base64"),
    idSalt: row.salt,
    recorded: recordEnrolment(paths, { vehicle, key, salt, now_ms, clock: o.clock }),
  });
}

function recordEnrolment(
  paths: SitePaths,
  o: { vehicle: string; key: Uint8Array; salt: Uint8Array; now_ms: number; clock: Clock },
): Promise<Recorded> {
  const { key, salt, now_ms } = o;
  // Vehicles that a site enrols belong to whom its first ones do.
  const organisation = readGenesis(paths.genesis).vehicles[0]?.organisation ?? "fleet";
  const payload = encodeEnrolment({
    kind: "vehicle",
    key,
    organisation,
    idCommitment: idCommitmentOf({ salt, id: o.vehicle }, nodeCrypto),
    validFrom_ms: now_ms,
    validTo_ms: now_ms + tenYears_ms,
  });
  const keyId = keyIdOf(key, nodeCrypto);
  return tellChain({
    paths,
    clock: o.clock,
    action: deviceAction.enrol,
    payload: () => payload,
    isDone: (chain) => chain.deviceOf(keyId) !== undefined,
  });
}

/** The 32 bytes of an Ed25519 key: the end of its SubjectPublicKeyInfo (RFC 8410). */
function rawKey(key: KeyObject): Uint8Array {
  return new Uint8Array(key.export({ format: "der", type: "spki" }).subarray(-32));
}

function readTokens(paths: SitePaths): readonly EnrolmentToken[] {
  const path = tokensPath(paths);
  if (!existsSync(path)) return [];
  const parsed = parseEnrolmentTokens(readFileSync(path, "utf8"));
  if (parsed.ok) return parsed.value;
  throw complaint({
    code: parsed.problem.code,
    what: `${path}: ${parsed.problem.detail}`,
    remedy: "remove the file: tokens that were given out then open nothing",
  });
}

function writeTokens(paths: SitePaths, tokens: readonly EnrolmentToken[]): void {
  replaceFileSync(tokensPath(paths), encodeEnrolmentTokens(tokens), { mode: 0o600 });
}

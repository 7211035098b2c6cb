import {
  accepted,
  type Crypto,
  equalBytes,
  type Outcome,
  type Problem,
  refused,
  toHex,
} from "@voltfog/runtime";
import {
  type ChainEvidence,
  decodeChainEvidence,
  verifyChainEvidence,
} from "../chain/chain-evidence.ts";
import { headerHash } from "../chain/header.ts";
import { encodeResult } from "../chain/result.ts";
import { parseGenesis } from "../genesis/genesis.ts";
import {
  type DeviceRecord,
  decodeDeviceRecord,
  encodeEnrolment,
  keyIdOf,
} from "../modules/device-record.ts";
import { deviceName } from "../state/names.ts";
import { decodeBundle } from "./bundle.ts";
import type { Verification } from "./verification.ts";
import type { VerifiedBundle } from "./verified-bundle.ts";
import { deviceClaims } from "./verify-devices.ts";
import { checkpointClaim, resultOf } from "./verify-results.ts";

/**
 * What a verifier knows of the chain beside the genesis file: the hash of a recent block, or evidence
 * (docs/specs/chain.md §8) whose header it has from somebody that it trusts.
 */
export type TrustedBlock = { readonly hash: Uint8Array } | { readonly evidence: Uint8Array };

export interface TrustProblem extends Problem {
  readonly code:
    | "TRUSTED_INVALID"
    | "TRUSTED_OTHER_BLOCK"
    | "TRUSTED_LACKS"
    | "TRUSTED_CONTRADICTS";
  readonly detail: string;
}

/** The block that a proof rests on then, whatever became of the keys of its own epoch. */
export interface RestsOn {
  readonly height: number;
  readonly hash: Uint8Array;
  readonly time_ms: number;
}

/**
 * Whether a block that is trusted says the same as a bundle that verified. The genesis file and retired
 * vote keys could prove another past; a recent block can't be had from them. With a hash, the bundle's
 * own block must be that one. With evidence, its header's results must hold the bundle's checkpoint and
 * its state the enrolment of vehicle and unit. What an event says is bound to the frame, and its own
 * result rests on the bundle's block.
 */
export function verifyTrusted(o: {
  bytes: Uint8Array;
  genesisBytes: Uint8Array;
  /** What verifying the bundle gave. */
  verified: VerifiedBundle;
  trusted: TrustedBlock;
  crypto: Crypto;
}): Outcome<RestsOn, TrustProblem> {
  const { verified, trusted, crypto } = o;
  const genesis = parseGenesis(o.genesisBytes, crypto);
  const bundle = decodeBundle(o.bytes);
  if (!genesis.ok || !bundle.ok) return problem("TRUSTED_INVALID", "the bundle does not verify");
  const { height, hash, time_ms } = verified.block;
  if ("hash" in trusted) {
    if (equalBytes(trusted.hash, hash)) return accepted({ height, hash, time_ms });
    const detail = `the bundle is proven by block ${height} with hash ${toHex(hash)}`;
    return problem("TRUSTED_OTHER_BLOCK", detail);
  }
  const evidence = decodeChainEvidence(trusted.evidence);
  if (!evidence.ok) return problem("TRUSTED_INVALID", evidence.problem.detail);
  const holds = verifyChainEvidence({ evidence: evidence.value, genesis: genesis.value, crypto });
  if (!holds.ok) return problem("TRUSTED_INVALID", holds.problem.detail);
  const verification = { bundle: bundle.value, genesis: genesis.value, crypto };
  const vehicleId = verified.vehicle.id;
  const differs = difference({ ...verification, evidence: evidence.value, vehicleId });
  if (differs !== undefined) return refused(differs);
  const { header } = evidence.value;
  return accepted({
    height: header.height,
    hash: headerHash(header, crypto),
    time_ms: header.time_ms,
  });
}

/** The results and names that evidence must hold for {@link verifyTrusted}. */
export function trustedQuery(o: { verified: VerifiedBundle; crypto: Crypto }): {
  readonly results: readonly number[];
  readonly names: readonly string[];
} {
  const { checkpoint, vehicle, unit } = o.verified;
  const names = [vehicle, unit].map(({ key }) => deviceName(keyIdOf(key, o.crypto)));
  return { results: [checkpoint.resultIndex], names };
}

function difference(
  o: Verification & { evidence: ChainEvidence; vehicleId: string },
): TrustProblem | undefined {
  const { evidence, bundle, crypto } = o;
  const block = `block ${evidence.header.height}`;
  const { resultIndex } = bundle.checkpoint;
  const result = evidence.results.find(({ index }) => index === resultIndex)?.result;
  if (result === undefined) {
    return { code: "TRUSTED_LACKS", detail: `the evidence does not hold result ${resultIndex}` };
  }
  const claimed = resultOf({ ...checkpointClaim(o), bundle });
  if (!equalBytes(encodeResult(result), encodeResult(claimed))) {
    const detail = `result ${resultIndex} of ${block} is not this bundle's checkpoint`;
    return { code: "TRUSTED_CONTRADICTS", detail };
  }
  for (const { name, value } of deviceClaims({ bundle, vehicleId: o.vehicleId, crypto })) {
    const held = evidence.names.find((claim) => claim.name === name);
    if (held === undefined) return { code: "TRUSTED_LACKS", detail: `the evidence lacks ${name}` };
    if (held.value === undefined || value === undefined || !isSameDevice(held.value, value)) {
      return { code: "TRUSTED_CONTRADICTS", detail: `${name} is not enrolled so in ${block}` };
    }
  }
  return undefined;
}

/** The same enrolment in the same block; that the key was revoked or replaced later changes nothing. */
function isSameDevice(a: Uint8Array, b: Uint8Array): boolean {
  const [one, other] = [decodeDeviceRecord(a), decodeDeviceRecord(b)];
  if (!one.ok || !other.ok) return false;
  const isSame = equalBytes(encodeEnrolment(one.value), encodeEnrolment(other.value));
  const later = one.value;
  const earlier = other.value;
  return isSame && later.enrolledHeight === earlier.enrolledHeight && isNotUndone(later, earlier);
}

/** A revocation or rotation that the bundle shows stands in the trusted state too. */
function isNotUndone(trusted: DeviceRecord, shown: DeviceRecord): boolean {
  const isRevoked =
    shown.revokedHeight === undefined || trusted.revokedHeight === shown.revokedHeight;
  const isRotated = shown.rotated === undefined || trusted.rotated?.height === shown.rotated.height;
  return isRevoked && isRotated;
}

function problem(code: TrustProblem["code"], detail: string): Outcome<never, TrustProblem> {
  return refused({ code, detail });
}

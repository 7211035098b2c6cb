import {
  accepted,
  fromHex,
  type MalformedProblem,
  type Outcome,
  refused,
  toHex,
} from "@voltfog/runtime";
import type { SigningRequest } from "./anchor-signer.ts";
import { evidenceMax_bytes } from "./final-evidence.ts";

/** Hex of the largest evidence, and room for the rest. */
export const signingRequestMax_bytes: number = 2 * evidenceMax_bytes + 32_768;

const addressPattern = /^0x[0-9a-fA-F]{40}$/;
const validatorsMax = 256;

/** JSON {evmChainId, contract, kind, setVersion, evidence} or {…, kind, version, height, validators}. */
export function encodeSigningRequest(request: SigningRequest): string {
  const place = { evmChainId: `${request.evmChainId}`, contract: request.contract };
  return JSON.stringify(
    request.kind === "anchor"
      ? {
          ...place,
          kind: request.kind,
          setVersion: request.setVersion,
          evidence: toHex(request.evidence),
        }
      : { ...place, kind: request.kind, ...request.content },
  );
}

/** What a stranger asks to have signed, as parsed from JSON. */
export function decodeSigningRequest(value: unknown): Outcome<SigningRequest, MalformedProblem> {
  if (typeof value !== "object" || value === null) return malformed("no object");
  const fields = value as Record<string, unknown>;
  const { evmChainId, contract, kind } = fields;
  if (typeof evmChainId !== "string" || !/^[1-9]\d{0,18}$/.test(evmChainId)) {
    return malformed("evmChainId is no decimal number");
  }
  if (!isAddress(contract)) return malformed("contract is no address");
  const place = { evmChainId: BigInt(evmChainId), contract };
  if (kind === "anchor") return readAnchor(place, fields);
  return kind === "validators" ? readSet(place, fields) : malformed("of an unknown kind");
}

interface Place {
  readonly evmChainId: bigint;
  readonly contract: string;
}

function readAnchor(
  place: Place,
  { setVersion, evidence }: Record<string, unknown>,
): Outcome<SigningRequest, MalformedProblem> {
  if (!isCount(setVersion)) return malformed("setVersion is no whole number");
  if (typeof evidence !== "string" || evidence.length > 2 * evidenceMax_bytes) {
    return malformed("evidence is no text of an allowed length");
  }
  const bytes = fromHex(evidence);
  if (bytes === undefined) return malformed("evidence is no hex");
  return accepted({ ...place, kind: "anchor", setVersion, evidence: bytes });
}

function readSet(
  place: Place,
  { version, height, validators }: Record<string, unknown>,
): Outcome<SigningRequest, MalformedProblem> {
  if (!isCount(version) || !isCount(height)) return malformed("no version and height");
  if (!Array.isArray(validators) || validators.length > validatorsMax) {
    return malformed("no list of validators");
  }
  if (!validators.every(isAddress)) return malformed("a validator is no address");
  return accepted({ ...place, kind: "validators", content: { version, height, validators } });
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isAddress(value: unknown): value is string {
  return typeof value === "string" && addressPattern.test(value);
}

function malformed(detail: string): Outcome<never, MalformedProblem> {
  return refused({ code: "MALFORMED", detail });
}

import { p256 } from "@noble/curves/nist.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { equalBytes, toHex, utf8 } from "@voltfog/runtime";
import type { OcmfText } from "./ocmf.ts";

/** Those that can be checked here; the format names others. */
export type OcmfAlgorithm = "ECDSA-secp256r1-SHA256" | "ECDSA-secp256k1-SHA256";

/** A curve, and what stands before an uncompressed point of it in a SubjectPublicKeyInfo (RFC 5480). */
const curves: Readonly<Record<string, { curve: typeof p256; spkiHead: readonly number[] }>> = {
  "ECDSA-secp256r1-SHA256": {
    curve: p256,
    spkiHead: [
      0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08,
      0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
    ],
  },
  "ECDSA-secp256k1-SHA256": {
    curve: secp256k1,
    spkiHead: [
      0x30, 0x56, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05,
      0x2b, 0x81, 0x04, 0x00, 0x0a, 0x03, 0x42, 0x00,
    ],
  },
};

const point_bytes = 65;

export type OcmfSignatureCode =
  | "OCMF_ALGORITHM_UNKNOWN"
  | "OCMF_KEY_MALFORMED"
  | "OCMF_SIGNATURE_INVALID";

/**
 * undefined where the meter's key signed the payload, else why not. The key is a SubjectPublicKeyInfo in
 * DER with an uncompressed point of the curve that the text's algorithm names. Costs one ECDSA
 * verification.
 */
export function checkOcmfSignature(text: OcmfText, key: Uint8Array): OcmfSignatureCode | undefined {
  const known = curves[text.algorithm];
  if (known === undefined) return "OCMF_ALGORITHM_UNKNOWN";
  const { curve, spkiHead } = known;
  const head = key.subarray(0, spkiHead.length);
  const point = key.subarray(spkiHead.length);
  if (!equalBytes(head, Uint8Array.from(spkiHead)) || point.length !== point_bytes) {
    return "OCMF_KEY_MALFORMED";
  }
  if (!curve.utils.isValidPublicKey(point, false)) return "OCMF_KEY_MALFORMED";
  try {
    // Meters sign with either half of S; both are one signature of the same payload.
    const options = { format: "der", lowS: false } as const;
    const isValid = curve.verify(text.signature, utf8(text.payload), point, options);
    return isValid ? undefined : "OCMF_SIGNATURE_INVALID";
  } catch {
    return "OCMF_SIGNATURE_INVALID"; // Not DER of two numbers.
  }
}

/** The public key of a meter that a charge point of the simulation has, as a SubjectPublicKeyInfo. */
export function ocmfKeyOf(options: {
  algorithm: OcmfAlgorithm;
  secretKey: Uint8Array;
}): Uint8Array {
  const { curve, spkiHead } = curveOf(options.algorithm);
  return Uint8Array.of(...spkiHead, ...curve.getPublicKey(options.secretKey, false));
}

/** Signs a payload as it stands (deterministic, RFC 6979): the whole OCMF text. */
export function signOcmf(options: {
  payload: string;
  algorithm: OcmfAlgorithm;
  /** 32 bytes. */
  secretKey: Uint8Array;
}): string {
  const { payload, algorithm, secretKey } = options;
  const { curve } = curveOf(algorithm);
  const signature = curve.sign(utf8(payload), secretKey, { format: "der" });
  return `OCMF|${payload}|${JSON.stringify({ SA: algorithm, SD: toHex(signature) })}`;
}

function curveOf(algorithm: OcmfAlgorithm): { curve: typeof p256; spkiHead: readonly number[] } {
  const known = curves[algorithm];
  if (known === undefined) throw new Error(`no curve for ${algorithm}`);
  return known;
}

import { verify, type X509Certificate } from "node:crypto";
import { accepted, type Outcome, refused } from "../../outcome.ts";
import { type DerElement, derElements } from "./der.ts";

/** Certificates that an authority has called back, by its own signature. */
export interface RevocationList {
  readonly pem: string;
  /** Serial numbers as {@link serialOf} writes them. */
  readonly serials: ReadonlySet<string>;
}

type RevocationListProblem = { readonly code: "CRL_INVALID"; readonly detail: string };

/** Some 50 bytes a certificate: more than any site has. */
const pemMax_bytes = 4_194_304;
const tags = { integer: 0x02, bitString: 0x03, sequence: 0x30 };
const times: readonly number[] = [0x17, 0x18];
const form = /^\s*-----BEGIN X509 CRL-----([A-Za-z0-9+/=\s]+)-----END X509 CRL-----\s*$/;

/** A certificate's serial number: upper-case hex without zeros before it. */
export function serialOf(certificate: X509Certificate): string {
  return canonical(certificate.serialNumber);
}

/**
 * An X.509 list of revoked certificates (RFC 5280 §5), PEM, that this authority signed. An entry counts
 * whatever its reason and date. Total: never throws.
 */
export function parseRevocationList(
  pem: string,
  authority: X509Certificate,
): Outcome<RevocationList, RevocationListProblem> {
  if (pem.length > pemMax_bytes) return invalid("it is too long");
  const [, base64 = ""] = form.exec(pem) ?? [];
  const [list, ...more] = derElements(Buffer.from(base64, "base64")) ?? [];
  const [signed, , signature] = partsOf(list) ?? [];
  if (more.length > 0 || signed === undefined || signature?.tag !== tags.bitString) {
    return invalid("it is no X.509 CRL");
  }
  // The first byte of a bit string counts unused bits, of which a signature has none.
  const bits = signature.content.subarray(1);
  if (signature.content[0] !== 0) return invalid("it is no X.509 CRL");
  if (!isSignedBy(authority, signed.whole, bits)) {
    return invalid("the site's authority did not sign it");
  }
  const serials = serialsIn(signed);
  return serials === undefined ? invalid("it is no X.509 CRL") : accepted({ pem, serials });
}

function isSignedBy(authority: X509Certificate, bytes: Buffer, signature: Buffer): boolean {
  try {
    return verify("sha256", bytes, authority.publicKey, signature);
  } catch {
    return false;
  }
}

/** version? · algorithm · issuer · thisUpdate · nextUpdate? · revoked? · extensions? */
function serialsIn(signed: DerElement): ReadonlySet<string> | undefined {
  const parts = partsOf(signed) ?? [];
  const from = parts.findIndex(({ tag }) => times.includes(tag));
  if (from < 0) return undefined;
  const revoked = parts.slice(from).find(({ tag }) => !times.includes(tag));
  if (revoked?.tag !== tags.sequence) return new Set();
  const serials = partsOf(revoked)?.map((entry) => partsOf(entry)?.[0]);
  if (serials?.some((serial) => serial?.tag !== tags.integer) !== false) return undefined;
  return new Set(serials.map((serial) => canonical(serial?.content.toString("hex") ?? "")));
}

function partsOf(element: DerElement | undefined): readonly DerElement[] | undefined {
  return element?.tag === tags.sequence ? derElements(element.content) : undefined;
}

function canonical(hex: string): string {
  return hex.toUpperCase().replace(/^0+/, "");
}

function invalid(detail: string): Outcome<never, RevocationListProblem> {
  return refused({ code: "CRL_INVALID", detail });
}

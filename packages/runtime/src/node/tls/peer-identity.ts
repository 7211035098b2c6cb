import type { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";
import { identifierPattern } from "../../identifiers.ts";

/** What a certificate's holder may be; the authority writes it into the certificate. */
export type PeerRole =
  | "unit"
  | "validator"
  | "controller"
  | "cloud"
  | "edge"
  | "broker"
  | "vehicle"
  | "operator";

const roles: ReadonlySet<string> = new Set<PeerRole>([
  "unit",
  "validator",
  "controller",
  "cloud",
  "edge",
  "broker",
  "vehicle",
  "operator",
]);

/** Who the other end of a mutual TLS connection is, by a certificate that was verified. */
export interface PeerIdentity {
  readonly id: string;
  readonly role: PeerRole;
  /** The 32 bytes of an Ed25519 key; undefined where the certificate holds a key of another kind. */
  readonly ed25519: Uint8Array | undefined;
  /** The organisation's agency that made the certificate; missing where the authority itself did. */
  readonly agency?: PeerAgency;
}

/** An organisation's own authority, whose certificate a consortium's authority has signed. */
export interface PeerAgency {
  readonly organisation: string;
  /** Its certificate, DER. */
  readonly certificate: Uint8Array;
}

/** What an agency's certificate says of its holder (OU) instead of a role. */
export const agencyUnit = "agency";

/**
 * The peer of a connection; undefined when it showed no certificate of the site's authority, or one
 * without exactly one id (CN) and one role (OU).
 */
export function peerOf(socket: TLSSocket): PeerIdentity | undefined {
  // `authorized` is false whenever the chain did not verify, also where the connection was let stand.
  if (!socket.authorized) return undefined;
  const certificate = certificateOf(socket);
  const identity = certificate && identityIn(certificate);
  if (certificate === undefined || identity === undefined) return undefined;
  if (partOf(certificate.issuer, "OU") !== agencyUnit) return identity;
  const agency = agencyOf(certificate);
  return agency && { ...identity, agency };
}

/** Undefined where the agency vouches for another organisation's node. */
function agencyOf(certificate: X509Certificate): PeerAgency | undefined {
  const der = certificate.issuerCertificate?.raw;
  const organisation = partOf(certificate.subject, "O");
  const issuer = partOf(certificate.issuer, "CN");
  if (der === undefined || organisation === undefined || organisation !== issuer) return undefined;
  return { organisation, certificate: new Uint8Array(der) };
}

/** Node gives a server's certificate to its client once, and nothing the next time. */
const certificates = new WeakMap<TLSSocket, X509Certificate>();

/** The certificate that the other end showed, verified or not; undefined before the handshake. */
export function certificateOf(socket: TLSSocket): X509Certificate | undefined {
  const known = certificates.get(socket);
  if (known !== undefined) return known;
  const certificate = socket.getPeerX509Certificate();
  if (certificate !== undefined) certificates.set(socket, certificate);
  return certificate;
}

/** Id and role of a certificate, whoever has signed it. */
export function identityIn(certificate: X509Certificate): PeerIdentity | undefined {
  const id = partOf(certificate.subject, "CN");
  const role = partOf(certificate.subject, "OU");
  if (id === undefined || !identifierPattern.test(id)) return undefined;
  if (role === undefined || !roles.has(role)) return undefined;
  return { id, role: role as PeerRole, ed25519: ed25519In(certificate) };
}

/** The one value of a type in a name; undefined where it has none or several. */
function partOf(name: string, type: string): string | undefined {
  // The text form separates parts by lines; a value cannot hold a line end, OpenSSL escapes it.
  const found = name
    .split("\n")
    .map((line) => line.split("="))
    .filter(([kind]) => kind === type);
  return found.length === 1 && found[0]?.length === 2 ? found[0][1] : undefined;
}

function ed25519In(certificate: X509Certificate): Uint8Array | undefined {
  const { publicKey } = certificate;
  if (publicKey.asymmetricKeyType !== "ed25519") return undefined;
  const spki = publicKey.export({ format: "der", type: "spki" });
  return new Uint8Array(spki.subarray(spki.length - 32));
}

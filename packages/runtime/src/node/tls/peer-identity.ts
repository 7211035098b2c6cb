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
  | "vehicle"
  | "operator";

const roles: ReadonlySet<string> = new Set<PeerRole>([
  "unit",
  "validator",
  "controller",
  "cloud",
  "edge",
  "vehicle",
  "operator",
]);

/** Who the other end of a mutual TLS connection is, by a certificate that was verified. */
export interface PeerIdentity {
  readonly id: string;
  readonly role: PeerRole;
  /** The 32 bytes of an Ed25519 key; undefined where the certificate holds a key of another kind. */
  readonly ed25519: Uint8Array | undefined;
}

/**
 * The peer of a connection; undefined when it showed no certificate of the site's authority, or one
 * without exactly one id (CN) and one role (OU).
 */
export function peerOf(socket: TLSSocket): PeerIdentity | undefined {
  // `authorized` is false whenever the chain did not verify, also where the connection was let stand.
  if (!socket.authorized) return undefined;
  const certificate = certificateOf(socket);
  return certificate === undefined ? undefined : identityIn(certificate);
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
  // The text form separates parts by lines; a value cannot hold a line end, OpenSSL escapes it.
  const parts = certificate.subject.split("\n").map((line) => line.split("="));
  const only = (type: string): string | undefined => {
    const found = parts.filter(([name]) => name === type);
    return found.length === 1 && found[0]?.length === 2 ? found[0][1] : undefined;
  };
  const id = only("CN");
  const role = only("OU");
  if (id === undefined || !identifierPattern.test(id)) return undefined;
  if (role === undefined || !roles.has(role)) return undefined;
  return { id, role: role as PeerRole, ed25519: ed25519In(certificate) };
}

function ed25519In(certificate: X509Certificate): Uint8Array | undefined {
  const { publicKey } = certificate;
  if (publicKey.asymmetricKeyType !== "ed25519") return undefined;
  const spki = publicKey.export({ format: "der", type: "spki" });
  return new Uint8Array(spki.subarray(spki.length - 32));
}

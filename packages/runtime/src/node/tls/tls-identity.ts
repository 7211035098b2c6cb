import { constants, createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { createSecureContext, type SecureContext, type TlsOptions } from "node:tls";
import { CodedError, messageOf } from "../../coded-error.ts";
import { type Logger, silentLogger } from "../../logger.ts";
import { Revocations } from "./revocations.ts";

/** What one process shows at both ends of its mutual TLS links: all PEM. */
export interface TlsIdentity {
  /** The site's certificate authority, the only one that is trusted. */
  readonly authority: string;
  /** Its own, and after it that of the agency which made it, where one did. */
  readonly certificate: string;
  readonly key: string;
  /** Certificates of the authority that count no more; undefined where no list is followed. */
  readonly revocations?: Revocations;
}

/** Where they lie, under the names that every process's settings give them. */
export interface TlsFiles {
  readonly tlsAuthority: string;
  readonly tlsCertificate: string;
  /** Certificate of the agency that made it; empty or missing where the authority itself did. */
  readonly tlsAgency?: string;
  readonly tlsKey: string;
  /** The authority's list of revoked certificates; empty or missing where none is followed. */
  readonly tlsRevocations?: string;
}

/** A handshake that takes longer is given up; nobody holds a connection open by saying nothing. */
const handshakeTimeout_ms = 10_000;

/**
 * Reads the files, and follows the list of revoked certificates while links stand. CRL_INVALID for one
 * that is not the authority's; CERTIFICATE_UNREADABLE when one cannot be read, when the key is not the
 * certificate's, or when another authority has signed it: better at the start than at every handshake.
 */
export function loadTlsIdentity(files: TlsFiles, logger: Logger = silentLogger): TlsIdentity {
  const { tlsAuthority, tlsCertificate, tlsKey, tlsRevocations: path = "" } = files;
  const { tlsAgency = "" } = files;
  const own = read(tlsCertificate);
  const between = tlsAgency === "" ? "" : read(tlsAgency);
  const identity = {
    authority: read(tlsAuthority),
    certificate: between === "" ? own : `${own.trimEnd()}\n${between}`,
    key: read(tlsKey),
  };
  const authority = parsed(tlsAuthority, () => new X509Certificate(identity.authority));
  const certificate = parsed(tlsCertificate, () => new X509Certificate(own));
  const key = parsed(tlsKey, () => createPrivateKey(identity.key));
  if (!certificate.checkPrivateKey(key)) {
    throw unreadable(tlsKey, `is not the key of ${tlsCertificate}`);
  }
  const chain = [{ path: tlsCertificate, certificate }];
  if (between !== "") {
    const agency = parsed(tlsAgency, () => new X509Certificate(between));
    chain.push({ path: tlsAgency, certificate: agency });
  }
  chain.push({ path: tlsAuthority, certificate: authority });
  requireChain(chain);
  if (path === "") return identity;
  const revocations = new Revocations({ path, authority: identity.authority, logger });
  return { ...identity, revocations };
}

/**
 * For a server that takes holders of this authority's certificates only. TLS 1.3 alone: no older version
 * is spoken here. Sessions are not resumed, so every connection verifies its certificates anew.
 */
export function serverTls(identity: TlsIdentity): TlsOptions {
  return {
    ca: identity.authority,
    cert: identity.certificate,
    key: identity.key,
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: "TLSv1.3",
    secureOptions: constants.SSL_OP_NO_TICKET,
    handshakeTimeout: handshakeTimeout_ms,
  };
}

/** What a client of a mutual TLS link passes to the socket that it opens. */
export interface ClientTls {
  readonly ca: string;
  readonly crl?: string;
  readonly cert: string;
  readonly key: string;
  readonly servername: string;
  readonly minVersion: "TLSv1.3";
  readonly rejectUnauthorized: true;
  /** All of the above that is not the peer's name, read once: that costs more than the rest of a connection. */
  readonly secureContext: SecureContext;
}

interface ReadContext {
  readonly crl: string | undefined;
  readonly secureContext: SecureContext;
}

/** The newest of each identity. */
const contexts = new WeakMap<TlsIdentity, ReadContext>();

/** For a client that accepts only the named peer, wherever it listens, and only while it is not revoked. */
export function clientTls(identity: TlsIdentity, peerId: string): ClientTls {
  const crl = identity.revocations?.pem;
  const read = {
    ca: identity.authority,
    ...(crl === undefined ? {} : { crl }),
    cert: identity.certificate,
    key: identity.key,
    minVersion: "TLSv1.3",
  } as const;
  let kept = contexts.get(identity);
  if (kept === undefined || kept.crl !== crl) {
    kept = { crl, secureContext: createSecureContext(read) };
    contexts.set(identity, kept);
  }
  const { secureContext } = kept;
  return { ...read, servername: peerId, rejectUnauthorized: true, secureContext };
}

/** Each signed by the next. */
function requireChain(chain: readonly { path: string; certificate: X509Certificate }[]): void {
  for (const [at, { path, certificate }] of chain.entries()) {
    const next = chain[at + 1];
    if (next === undefined) return;
    const issuer = next.certificate;
    if (certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)) continue;
    throw unreadable(path, `was not signed by ${next.path}`);
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (thrown) {
    throw unreadable(path, messageOf(thrown));
  }
}

function parsed<T>(path: string, parse: () => T): T {
  try {
    return parse();
  } catch (thrown) {
    throw unreadable(path, messageOf(thrown));
  }
}

function unreadable(path: string, reason: string): CodedError {
  return new CodedError({
    code: "CERTIFICATE_UNREADABLE",
    message: `${path}: ${reason}`,
    remedy: "make the site's certificates with voltfog site init, or name the right files",
  });
}

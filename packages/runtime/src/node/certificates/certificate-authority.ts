import "reflect-metadata";

import {
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  X509Certificate as NodeCertificate,
  webcrypto,
} from "node:crypto";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  type JsonGeneralNames,
  KeyUsageFlags,
  KeyUsagesExtension,
  PublicKey,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
  X509CrlGenerator,
  X509CrlReason,
} from "@peculiar/x509";
import { assert, CodedError, messageOf } from "../../coded-error.ts";
import { identifierPattern } from "../../identifiers.ts";
import { agencyUnit, identityIn, type PeerRole } from "../tls/peer-identity.ts";
import type { TlsIdentity } from "../tls/tls-identity.ts";

cryptoProvider.set(webcrypto);

/** Who a certificate is for. The authority vouches for the id, the role and the key together. */
export interface CertificateSubject {
  readonly id: string;
  readonly role: PeerRole;
  readonly publicKey: KeyObject;
  /** The organisation that the holder belongs to (O); an agency certifies its own alone. */
  readonly organisation?: string;
  /** Further DNS names and IP addresses under which the holder serves; its id is always one. */
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const day_ms = 86_400_000;
/** Clocks of devices may be behind; a certificate that was good yesterday harms nobody. */
const backdated_ms: number = day_ms;
const authorityLife_ms: number = 20 * 365 * day_ms;
const certificateLife_ms: number = 825 * day_ms;

/**
 * An ECDSA P-256 certificate authority: the one root of a site or a consortium, or an agency that such a
 * root has certified. A root for a consortium may certify agencies, which certify nodes; nothing else that
 * either signs can sign in its turn. Source: RFC 5280.
 */
export class CertificateAuthority {
  /** The root certificate, PEM. */
  readonly certificate: string;
  /** The private key, PKCS #8 PEM. */
  readonly key: string;
  readonly #root: X509Certificate;
  readonly #signingKey: webcrypto.CryptoKey;

  private constructor(options: { root: X509Certificate; key: string; signingKey: unknown }) {
    this.#root = options.root;
    this.certificate = `${options.root.toString("pem")}\n`;
    this.key = options.key;
    this.#signingKey = options.signingKey as webcrypto.CryptoKey;
  }

  /** A new authority with a key of its own; `agencies` where it may certify those. */
  static async create(options: {
    name: string;
    now_ms: number;
    agencies?: boolean;
  }): Promise<CertificateAuthority> {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const key = privateKey.export({ format: "pem", type: "pkcs8" }).toString();
    const signingKey = await importKey(key);
    const root = await X509CertificateGenerator.create({
      serialNumber: newSerial(),
      subject: nameOf({ CN: options.name, O: "Voltfog site" }),
      issuer: nameOf({ CN: options.name, O: "Voltfog site" }),
      notBefore: new Date(options.now_ms - backdated_ms),
      notAfter: new Date(options.now_ms + authorityLife_ms),
      publicKey: spkiOf(publicKey),
      signingKey,
      signingAlgorithm: algorithm,
      extensions: [
        new BasicConstraintsExtension(true, options.agencies === true ? 1 : 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
        await SubjectKeyIdentifierExtension.create(new PublicKey(spkiOf(publicKey))),
      ],
    });
    return new CertificateAuthority({ root, key, signingKey });
  }

  /** From the PEM of both files. AUTHORITY_INVALID when they cannot be read or do not fit each other. */
  static async open(stored: { certificate: string; key: string }): Promise<CertificateAuthority> {
    try {
      const root = new X509Certificate(stored.certificate);
      const signingKey = await importKey(stored.key);
      const own = spkiOf(createPublicKey(stored.key));
      if (!own.equals(Buffer.from(root.publicKey.rawData))) {
        throw new Error("the key is not the certificate's");
      }
      return new CertificateAuthority({ root, key: stored.key, signingKey });
    } catch (thrown) {
      throw new CodedError({
        code: "AUTHORITY_INVALID",
        message: `the site's certificate authority cannot be used: ${messageOf(thrown)}`,
        remedy: "restore its certificate and its key",
      });
    }
  }

  /** Its own name: an agency's is that of its organisation. */
  get holder(): string {
    return this.#root.subjectName.getField("CN")[0] ?? "";
  }

  /** A certificate for the subject's key, PEM. Vehicles and operators can only be clients with theirs. */
  async issue(subject: CertificateSubject, options: { now_ms: number }): Promise<string> {
    assert(identifierPattern.test(subject.id), "certificates are for ids");
    const certificate = await X509CertificateGenerator.create({
      serialNumber: newSerial(),
      subject: nameOf({
        CN: subject.id,
        OU: subject.role,
        ...(subject.organisation === undefined ? {} : { O: subject.organisation }),
      }),
      issuer: this.#root.subject,
      notBefore: new Date(options.now_ms - backdated_ms),
      notAfter: new Date(options.now_ms + certificateLife_ms),
      publicKey: spkiOf(subject.publicKey),
      signingKey: this.#signingKey,
      signingAlgorithm: algorithm,
      extensions: [
        ...extensionsOf(subject),
        await AuthorityKeyIdentifierExtension.create(this.#root.publicKey),
        await SubjectKeyIdentifierExtension.create(new PublicKey(spkiOf(subject.publicKey))),
      ],
    });
    return `${certificate.toString("pem")}\n`;
  }

  /** A certificate for an organisation's agency, PEM; the agency's key stays with its organisation. */
  async issueAgency(
    agency: { organisation: string; publicKey: KeyObject },
    options: { now_ms: number },
  ): Promise<string> {
    assert(identifierPattern.test(agency.organisation), "agencies are of organisations with ids");
    const certificate = await X509CertificateGenerator.create({
      serialNumber: newSerial(),
      subject: nameOf({ CN: agency.organisation, OU: agencyUnit }),
      issuer: this.#root.subject,
      notBefore: new Date(options.now_ms - backdated_ms),
      notAfter: new Date(options.now_ms + authorityLife_ms / 2),
      publicKey: spkiOf(agency.publicKey),
      signingKey: this.#signingKey,
      signingAlgorithm: algorithm,
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
        await AuthorityKeyIdentifierExtension.create(this.#root.publicKey),
        await SubjectKeyIdentifierExtension.create(new PublicKey(spkiOf(agency.publicKey))),
      ],
    });
    return `${certificate.toString("pem")}\n`;
  }

  /**
   * The list of certificates that count no more, PEM (RFC 5280 §5). It holds until the next one, however
   * long that takes: a list that runs out would end every link of the site.
   */
  async revocationList(options: {
    /** Serial numbers in hex, with the time of each one's revocation. */
    revoked: readonly { readonly serial: string; readonly at_ms: number }[];
    now_ms: number;
  }): Promise<string> {
    const list = await X509CrlGenerator.create({
      issuer: this.#root.subject,
      thisUpdate: new Date(options.now_ms - backdated_ms),
      nextUpdate: this.#root.notAfter,
      entries: options.revoked.map(({ serial, at_ms }) => ({
        serialNumber: serial,
        revocationDate: new Date(at_ms),
        reason: X509CrlReason.privilegeWithdrawn,
      })),
      signingKey: this.#signingKey,
      signingAlgorithm: algorithm,
      extensions: [await AuthorityKeyIdentifierExtension.create(this.#root.publicKey)],
    });
    // The library writes another label than OpenSSL reads (RFC 7468 §9).
    return list.toString("pem").replaceAll("CRL-----", "X509 CRL-----").concat("\n");
  }

  /** Whether a certificate is this authority's, says just this of its holder, and holds until then. */
  vouches(
    certificate: string,
    subject: CertificateSubject,
    options: { until_ms: number },
  ): boolean {
    try {
      const given = new NodeCertificate(certificate);
      const held = identityIn(given);
      return (
        given.verify(createPublicKey(this.key)) &&
        held?.id === subject.id &&
        held.role === subject.role &&
        given.publicKey.equals(subject.publicKey) &&
        Date.parse(given.validTo) >= options.until_ms
      );
    } catch {
      return false; // No certificate at all.
    }
  }

  /** A new P-256 key with its certificate: all that a process needs for its links. */
  async newIdentity(
    subject: Omit<CertificateSubject, "publicKey">,
    options: { now_ms: number },
  ): Promise<TlsIdentity> {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const certificate = await this.issue({ ...subject, publicKey }, options);
    const key = privateKey.export({ format: "pem", type: "pkcs8" }).toString();
    return { authority: this.certificate, certificate, key };
  }
}

function extensionsOf(subject: CertificateSubject): Extension[] {
  const base = [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
  ];
  if (subject.role === "vehicle" || subject.role === "operator") {
    return [...base, new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth], false)];
  }
  const both = [ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth];
  const names: JsonGeneralNames = [
    ...[subject.id, ...(subject.dnsNames ?? [])].map((value) => ({ type: "dns", value }) as const),
    ...(subject.ipAddresses ?? []).map((value) => ({ type: "ip", value }) as const),
  ];
  return [
    ...base,
    new ExtendedKeyUsageExtension(both, false),
    new SubjectAlternativeNameExtension(names, false),
  ];
}

/** A name as a list of single-valued parts, so that no text in it is read as syntax. */
function nameOf(parts: Readonly<Record<string, string>>): { [type: string]: string[] }[] {
  return Object.entries(parts).map(([type, value]) => ({ [type]: [value] }));
}

function spkiOf(key: KeyObject): Buffer {
  return key.export({ format: "der", type: "spki" });
}

function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ""), "base64");
  return webcrypto.subtle.importKey("pkcs8", der, algorithm, false, ["sign"]);
}

/** 126 bits of chance, positive and of one length (RFC 5280 §4.1.2.2). */
function newSerial(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return Buffer.from(bytes).toString("hex");
}

import { createPublicKey, generateKeyPairSync, type KeyObject, X509Certificate } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "@voltfog/runtime";
import type { CertificateAuthority, CertificateSubject } from "@voltfog/runtime/certificates";
import { type PeerRole, replaceFileSync, serialOf, type TlsFiles } from "@voltfog/runtime/node";
import type { SiteMarker, SitePaths } from "./site-folder.ts";
import { unitIds, validatorIds, vehicleIds } from "./site-names.ts";

/** A certificate with less time left is made anew. */
const renewBefore_ms = 30 * 86_400_000;
const ownNames = { dnsNames: ["localhost"], ipAddresses: ["127.0.0.1", "::1"] };

/** Whoever has a certificate on a site beside the vehicles. */
function processesOf(site: SiteMarker): readonly { id: string; role: PeerRole }[] {
  const of = (ids: readonly string[], role: PeerRole): { id: string; role: PeerRole }[] =>
    ids.map((id) => ({ id, role }));
  return [
    ...of(unitIds(site.units), "unit"),
    ...of(validatorIds(site.units), "validator"),
    ...of(["controller"], "controller"),
    ...of(["cloud"], "cloud"),
    ...of(["fleet"], "edge"),
    ...of(["operator"], "operator"),
  ];
}

/** The three files that a process of the site shows itself with. */
export function tlsFilesOf(paths: SitePaths, id: string): TlsFiles {
  return {
    tlsAuthority: join(paths.certificates, "ca.crt"),
    tlsCertificate: join(paths.certificates, `${id}.crt`),
    tlsKey: join(paths.keys, `${id}.tls.key`),
    tlsRevocations: join(paths.certificates, "ca.crl"),
  };
}

/** Everybody on a site who has a certificate, with their files. */
export function siteIdentities(
  paths: SitePaths,
  site: SiteMarker,
): readonly { id: string; files: TlsFiles }[] {
  return [
    ...processesOf(site).map(({ id }) => ({ id, files: tlsFilesOf(paths, id) })),
    ...vehicleIds(site.vehicles).map((id) => ({
      id,
      files: { ...tlsFilesOf(paths, id), tlsKey: join(paths.keys, `${id}.key`) },
    })),
  ];
}

/**
 * Makes the site's authority and every certificate that is missing, no longer fits or ends within 30
 * days; what is good stays. A vehicle's is over its own device key. AUTHORITY_INVALID when the stored
 * authority cannot be used. Gives how many were made.
 */
export async function certifySite(options: {
  paths: SitePaths;
  site: SiteMarker;
  clock: Clock;
}): Promise<{ issued: number; isNewAuthority: boolean }> {
  const { paths, site } = options;
  const now_ms = options.clock.wall_ms();
  const { authority, isNew } = await openAuthority({ paths, site, now_ms });
  let issued = 0;
  const certify = async (subject: CertificateSubject): Promise<void> => {
    const path = join(paths.certificates, `${subject.id}.crt`);
    const until_ms = now_ms + renewBefore_ms;
    const stored = existsSync(path) ? readFileSync(path, "utf8") : "";
    if (authority.vouches(stored, subject, { until_ms })) return;
    keepCertificate(paths, subject.id, stored);
    replaceFileSync(path, await authority.issue(subject, { now_ms }));
    issued++;
  };
  for (const { id, role } of processesOf(site)) {
    const publicKey = tlsKeyOf(tlsFilesOf(paths, id).tlsKey);
    await certify({ id, role, publicKey, ...ownNames });
  }
  for (const id of vehicleIds(site.vehicles)) {
    const publicKey = createPublicKey(readFileSync(join(paths.keys, `${id}.key`)));
    await certify({ id, role: "vehicle", publicKey });
  }
  return { issued, isNewAuthority: isNew };
}

/** A certificate that lies elsewhere, or gives way to another one, is good until it ends: it can be revoked by this. */
export function keepCertificate(paths: SitePaths, id: string, stored: string): void {
  let serial: string;
  try {
    serial = serialOf(new X509Certificate(stored));
  } catch {
    return; // It was none, or missing.
  }
  replaceFileSync(join(paths.certificates, "past", `${id}.${serial}.crt`), stored);
}

async function openAuthority(options: {
  paths: SitePaths;
  site: SiteMarker;
  now_ms: number;
}): Promise<{ authority: CertificateAuthority; isNew: boolean }> {
  // Loaded only here: no process of the site needs what issues certificates.
  const { CertificateAuthority } = await import("@voltfog/runtime/certificates");
  const { paths, site, now_ms } = options;
  const certificatePath = join(paths.certificates, "ca.crt");
  const keyPath = join(paths.keys, "ca.key");
  if (existsSync(certificatePath)) return { ...(await openSiteAuthority(paths)), isNew: false };
  const authority = await CertificateAuthority.create({ name: site.chain, now_ms });
  // The certificate comes last: a key without one is made anew, a certificate without its key is a loss.
  replaceFileSync(keyPath, authority.key, { mode: 0o600 });
  replaceFileSync(certificatePath, authority.certificate);
  return { authority, isNew: true };
}

/** The authority of a site that has one. AUTHORITY_INVALID without its key. */
export async function openSiteAuthority(
  paths: SitePaths,
): Promise<{ authority: CertificateAuthority }> {
  const { CertificateAuthority } = await import("@voltfog/runtime/certificates");
  const certificate = readFileSync(join(paths.certificates, "ca.crt"), "utf8");
  const keyPath = join(paths.keys, "ca.key");
  const key = existsSync(keyPath) ? readFileSync(keyPath, "utf8") : "";
  return { authority: await CertificateAuthority.open({ certificate, key }) };
}

/** The public half of a process's P-256 key, made on first use. */
function tlsKeyOf(path: string): KeyObject {
  if (!existsSync(path)) {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    replaceFileSync(path, privateKey.export({ format: "pem", type: "pkcs8" }), { mode: 0o600 });
  }
  return createPublicKey(readFileSync(path));
}

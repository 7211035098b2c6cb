import { X509Certificate } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "@voltfog/runtime";
import type { CertificateAuthority } from "@voltfog/runtime/certificates";
import { replaceFileSync, serialOf } from "@voltfog/runtime/node";
import { complaint } from "../complaint.ts";
import { openSiteAuthority } from "./site-certificates.ts";
import type { SitePaths } from "./site-folder.ts";
import { inSiteTurn } from "./site-turn.ts";

/** One certificate that counts no more. */
export interface RevokedCertificate {
  readonly id: string;
  /** Upper-case hex. */
  readonly serial: string;
  readonly at_ms: number;
}

/**
 * Revokes every certificate that the site has made for a process or its operator and that may still hold.
 * The list that all processes of the site follow is signed anew; links that stand are cut within a second.
 * CERTIFICATE_UNKNOWN, ALREADY_REVOKED, VEHICLE_CERTIFICATE, AUTHORITY_INVALID, REVOKED_DAMAGED, SITE_BUSY.
 */
export function revokeCertificate(
  paths: SitePaths,
  { id, clock }: { id: string; clock: Clock },
): Promise<readonly RevokedCertificate[]> {
  return inSiteTurn({ paths, clock }, async () => {
    const certificates = processCertificates(paths, id);
    const { authority } = await openSiteAuthority(paths);
    const revoked = await callBack(paths, { id, certificates, authority, clock });
    if (revoked.length === 0) {
      throw complaint({
        code: "ALREADY_REVOKED",
        what: `the certificate of ${id} is revoked already`,
        remedy: "see docs/operations/identity.md for how to give it a new one",
      });
    }
    return revoked;
  });
}

/**
 * Puts certificates on the list and signs it anew; gives those that were not on it. In a turn of the site.
 * REVOKED_DAMAGED.
 */
export async function callBack(
  paths: SitePaths,
  o: {
    id: string;
    certificates: readonly X509Certificate[];
    authority: CertificateAuthority;
    clock: Clock;
  },
): Promise<readonly RevokedCertificate[]> {
  const at_ms = o.clock.wall_ms();
  const before = readRevoked(paths);
  const known = new Set(before.map(({ serial }) => serial));
  const serials = new Set(o.certificates.map(serialOf).filter((serial) => !known.has(serial)));
  const revoked = [...serials].map((serial) => ({ id: o.id, serial, at_ms }));
  if (revoked.length === 0) return [];
  const all = [...before, ...revoked];
  const list = await o.authority.revocationList({ revoked: all, now_ms: at_ms });
  // The book first: what the list says is always in it.
  replaceFileSync(bookPath(paths), `${JSON.stringify(all, null, 2)}\n`);
  replaceFileSync(join(paths.certificates, "ca.crl"), list);
  return revoked;
}

/** What the site has revoked; the authority's list is made of it. REVOKED_DAMAGED. */
export function readRevoked(paths: SitePaths): readonly RevokedCertificate[] {
  const path = bookPath(paths);
  if (!existsSync(path)) {
    if (!existsSync(join(paths.certificates, "ca.crl"))) return [];
    throw damaged(path);
  }
  try {
    const rows: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (Array.isArray(rows) && rows.every(isRow)) return rows;
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown;
  }
  throw damaged(path);
}

const bookPath = (paths: SitePaths): string => join(paths.certificates, "revoked.json");

/** What the site has certified under this name, as far as it is kept: now and before. */
export function certificatesOf(paths: SitePaths, id: string): readonly X509Certificate[] {
  const past = join(paths.certificates, "past");
  const names = existsSync(past) ? readdirSync(past) : [];
  const files = [
    join(paths.certificates, `${id}.crt`),
    ...names.filter((name) => name.startsWith(`${id}.`)).map((name) => join(past, name)),
  ];
  return files
    .filter((file) => existsSync(file))
    .map((file) => new X509Certificate(readFileSync(file)));
}

function processCertificates(paths: SitePaths, id: string): readonly X509Certificate[] {
  const certificates = certificatesOf(paths, id);
  if (certificates.length === 0 || id === "ca") {
    throw complaint({
      code: "CERTIFICATE_UNKNOWN",
      what: `the site has made no certificate for ${id}`,
      remedy: `see the files in ${paths.certificates}`,
    });
  }
  if (certificates.some(({ subject }) => subject.split("\n").includes("OU=vehicle"))) {
    throw complaint({
      code: "VEHICLE_CERTIFICATE",
      what: `${id} is a vehicle, whose key and not its certificate is what units let in`,
      remedy: `voltfog device revoke ${id}`,
    });
  }
  return certificates;
}

function isRow(row: unknown): row is RevokedCertificate {
  const { id, serial, at_ms } = (row ?? {}) as Partial<Record<keyof RevokedCertificate, unknown>>;
  return (
    typeof id === "string" &&
    typeof serial === "string" &&
    /^[0-9A-F]{1,40}$/.test(serial) &&
    Number.isSafeInteger(at_ms)
  );
}

function damaged(path: string): Error {
  return complaint({
    code: "REVOKED_DAMAGED",
    what: `${path} is missing or damaged`,
    remedy: "restore it: a list made without it would let revoked certificates back in",
  });
}

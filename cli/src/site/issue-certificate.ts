import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { isIP } from "node:net";
import { join } from "node:path";
import { type Clock, identifierPattern } from "@voltfog/runtime";
import { replaceFileSync } from "@voltfog/runtime/node";
import { complaint } from "../complaint.ts";
import {
  keepCertificate,
  openSiteAuthority,
  siteIdentities,
  tlsFilesOf,
} from "./site-certificates.ts";
import { readSite, type SitePaths } from "./site-folder.ts";
import { inSiteTurn } from "./site-turn.ts";

const hostPattern = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,62}(\.[a-z0-9-]{1,63})*)?$/;
const hostsMax = 16;

/** Where a server finds what it shows itself with, PEM. */
export interface ServerCertificate {
  readonly certificate: string;
  readonly key: string;
  readonly authority: string;
}

/**
 * Gives a server beside the site's own processes (NATS, InfluxDB) a certificate of the site's authority,
 * for the host names and addresses at which it is found. Its key is made on first use and kept; an earlier
 * certificate stays revocable. ID_INVALID, ID_TAKEN, HOST_INVALID, AUTHORITY_INVALID, SITE_BUSY.
 */
export function issueServerCertificate(
  paths: SitePaths,
  { id, hosts, clock }: { id: string; hosts: readonly string[]; clock: Clock },
): Promise<ServerCertificate> {
  return inSiteTurn({ paths, clock }, async () => {
    requireFree(paths, id);
    for (const host of hosts) requireHost(host);
    if (hosts.length > hostsMax) throw hostInvalid(`${hosts.length} hosts`);
    const { authority } = await openSiteAuthority(paths);
    const files = tlsFilesOf(paths, id);
    if (!existsSync(files.tlsKey)) {
      const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
      const pem = privateKey.export({ format: "pem", type: "pkcs8" });
      replaceFileSync(files.tlsKey, pem, { mode: 0o600 });
    }
    const subject = {
      id,
      role: "broker" as const,
      publicKey: createPublicKey(readFileSync(files.tlsKey)),
      dnsNames: hosts.filter((host) => isIP(host) === 0),
      ipAddresses: hosts.filter((host) => isIP(host) !== 0),
    };
    const certificate = await authority.issue(subject, { now_ms: clock.wall_ms() });
    if (existsSync(files.tlsCertificate)) {
      keepCertificate(paths, id, readFileSync(files.tlsCertificate, "utf8"));
    }
    replaceFileSync(files.tlsCertificate, certificate);
    return {
      certificate: files.tlsCertificate,
      key: files.tlsKey,
      authority: join(paths.certificates, "ca.crt"),
    };
  });
}

function requireFree(paths: SitePaths, id: string): void {
  if (!identifierPattern.test(id)) {
    throw complaint({
      code: "ID_INVALID",
      what: `${JSON.stringify(id)} is no id`,
      remedy: "use small letters, digits and hyphens, such as nats",
    });
  }
  const site = readSite(paths);
  const own = site === undefined ? [] : siteIdentities(paths, site).map((one) => one.id);
  if (!own.includes(id) && id !== "ca") return;
  throw complaint({
    code: "ID_TAKEN",
    what: `${id} is one of the site's own`,
    remedy: "choose another id, such as nats or influxdb",
  });
}

function requireHost(host: string): void {
  if (isIP(host) === 0 && !hostPattern.test(host)) throw hostInvalid(JSON.stringify(host));
}

function hostInvalid(what: string): Error {
  return complaint({
    code: "HOST_INVALID",
    what: `${what} is no host name and no address`,
    remedy: `give names such as nats.example.org or 192.0.2.7, at most ${hostsMax}`,
  });
}

import { X509Certificate } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Clock, messageOf } from "@voltfog/runtime";
import { loadTlsIdentity, serialOf, type TlsFiles } from "@voltfog/runtime/node";
import { readRevoked } from "../site/revoke-certificate.ts";
import { siteIdentities } from "../site/site-certificates.ts";
import type { SiteMarker, SitePaths } from "../site/site-folder.ts";
import type { Findings } from "./verdict.ts";

const day_ms = 86_400_000;
const soon_ms: number = 30 * day_ms;
const renewIt = "run voltfog site init, which renews what runs out and makes what is missing";

const newOne =
  "if it is to come back, stop the site, remove its certificate and its .tls.key, and run voltfog site init";

/** Every certificate is there, fits its key, was signed by the site's authority and holds for a while. */
export function checkCertificates(
  findings: Findings,
  options: { paths: SitePaths; site: SiteMarker; clock: Clock },
): void {
  const { paths, site, clock } = options;
  if (!existsSync(join(paths.certificates, "ca.crt"))) {
    findings.warn(
      "the site has no certificates yet",
      "voltfog up makes them, or voltfog site init",
    );
    return;
  }
  if (!existsSync(join(paths.keys, "ca.key"))) {
    const what = "the authority's key is not here, so nothing can be certified or renewed";
    findings.warn(what, "put keys/ca.key back to do so");
  }
  const identities = siteIdentities(paths, site);
  const revoked = new Set(readRevoked(paths).map(({ serial }) => serial));
  const sound = identities.filter((identity) => {
    return isSound(findings, { ...identity, revoked, now_ms: clock.wall_ms() });
  }).length;
  const { validTo } = new X509Certificate(readFileSync(join(paths.certificates, "ca.crt")));
  findings.ok(
    `${sound} of ${identities.length} certificates are sound; the authority holds until ${validTo}`,
  );
}

/** Says what is wrong with one certificate, or gives true. */
function isSound(
  findings: Findings,
  identity: { id: string; files: TlsFiles; revoked: ReadonlySet<string>; now_ms: number },
): boolean {
  const { id, files, revoked, now_ms } = identity;
  if (!existsSync(files.tlsCertificate)) {
    findings.fail(`the certificate of ${id} is missing: ${files.tlsCertificate}`, renewIt);
    return false;
  }
  let parsed: X509Certificate;
  try {
    parsed = new X509Certificate(loadTlsIdentity(files).certificate);
  } catch (thrown) {
    findings.fail(messageOf(thrown), renewIt);
    return false;
  }
  const left_ms = Date.parse(parsed.validTo) - now_ms;
  const days = Math.floor(left_ms / day_ms);
  // A revoked vehicle is as it should be; a process without links is not.
  const isVehicle = parsed.subject.split("\n").includes("OU=vehicle");
  if (!isVehicle && revoked.has(serialOf(parsed))) {
    findings.fail(`the certificate of ${id} is revoked`, newOne);
  } else if (left_ms <= 0) {
    findings.fail(`the certificate of ${id} ended ${-days} days ago`, renewIt);
  } else if (left_ms < soon_ms) {
    findings.warn(`the certificate of ${id} ends in ${days} days`, renewIt);
  } else return true;
  return false;
}

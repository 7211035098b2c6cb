import { createPublicKey } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { CertificateAuthority } from "@voltfog/runtime/certificates";
import { type PeerRole, systemClock, type TlsFiles, type TlsIdentity } from "@voltfog/runtime/node";
import type { TestVehicle } from "./test-vehicle.ts";

const now_ms: number = systemClock.wall_ms();
const newAuthority = (): Promise<CertificateAuthority> =>
  CertificateAuthority.create({ name: "test", now_ms });

/** The authority of every site in these tests, and one that nobody trusts. */
export const siteAuthority: CertificateAuthority = await newAuthority();
export const foreignAuthority: CertificateAuthority = await newAuthority();

/** A process of the site. */
export function processIdentity(id: string, role: PeerRole): Promise<TlsIdentity> {
  const names = { dnsNames: ["localhost"], ipAddresses: ["127.0.0.1"] };
  return siteAuthority.newIdentity({ id, role, ...names }, { now_ms });
}

/** A vehicle with a certificate over its own device key, by an authority; the site's is always trusted. */
export async function vehicleIdentity(
  { id, signer: { privateKey } }: TestVehicle,
  authority: CertificateAuthority = siteAuthority,
): Promise<TlsIdentity> {
  const key = privateKey.export({ format: "pem", type: "pkcs8" }).toString();
  // From a private key it takes the public half.
  const publicKey = createPublicKey(key);
  return {
    authority: siteAuthority.certificate,
    certificate: await authority.issue({ id, role: "vehicle", publicKey }, { now_ms }),
    key,
  };
}

/** The three files of a process, as its settings name them. */
export async function writeIdentity(options: {
  folder: string;
  id: string;
  role: PeerRole;
}): Promise<TlsFiles> {
  const { authority, certificate, key } = await processIdentity(options.id, options.role);
  const put = (name: string, text: string): string => {
    const path = join(options.folder, name);
    writeFileSync(path, text);
    return path;
  };
  return {
    tlsAuthority: put("ca.crt", authority),
    tlsCertificate: put(`${options.id}.crt`, certificate),
    tlsKey: put(`${options.id}.tls.key`, key),
  };
}

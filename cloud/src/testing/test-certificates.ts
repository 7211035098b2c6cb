import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { CertificateAuthority } from "@voltfog/runtime/certificates";
import { type PeerRole, systemClock, type TlsFiles, type TlsIdentity } from "@voltfog/runtime/node";

const now_ms: number = systemClock.wall_ms();
const authority: CertificateAuthority = await CertificateAuthority.create({ name: "test", now_ms });

/** A process of the site. */
export function processIdentity(id: string, role: PeerRole): Promise<TlsIdentity> {
  return authority.newIdentity({ id, role }, { now_ms });
}

/** The cloud's own three files, as its settings name them. */
export async function writeCloudIdentity(folder: string): Promise<TlsFiles> {
  const own = await processIdentity("cloud", "cloud");
  const put = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  return {
    tlsAuthority: put("ca.crt", own.authority),
    tlsCertificate: put("cloud.crt", own.certificate),
    tlsKey: put("cloud.tls.key", own.key),
  };
}

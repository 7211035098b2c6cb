import { createPublicKey } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { CertificateAuthority } from "@voltfog/runtime/certificates";
import { type PeerRole, systemClock, type TlsFiles, type TlsIdentity } from "@voltfog/runtime/node";

const now_ms: number = systemClock.wall_ms();

/** The authority of all sites in these tests. */
export const siteAuthority: CertificateAuthority = await CertificateAuthority.create({
  name: "test",
  now_ms,
});

/** A process of the site. */
export function processIdentity(id: string, role: PeerRole): Promise<TlsIdentity> {
  return siteAuthority.newIdentity({ id, role }, { now_ms });
}

/** Certifies the device key in a file, under a vehicle's id. */
export async function certifyVehicle(options: {
  id: string;
  keyFile: string;
}): Promise<TlsIdentity> {
  const key = readFileSync(options.keyFile, "utf8");
  // From a private key it takes the public half.
  const publicKey = createPublicKey(key);
  const subject = { id: options.id, role: "vehicle", publicKey } as const;
  const certificate = await siteAuthority.issue(subject, { now_ms });
  return { authority: siteAuthority.certificate, certificate, key };
}

/** Writes the files of the fleet's process and of one vehicle whose key is there already. */
export async function writeFleetCertificates(options: {
  folder: string;
  vehicleId: string;
}): Promise<TlsFiles & { certificates: string }> {
  const { folder, vehicleId } = options;
  const fleet = await processIdentity("fleet", "edge");
  const keyFile = join(folder, "keys", `${vehicleId}.key`);
  const vehicle = await certifyVehicle({ id: vehicleId, keyFile });
  const put = (path: string, text: string): string => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  };
  const certificates = join(folder, "certificates");
  put(join(certificates, `${vehicleId}.crt`), vehicle.certificate);
  return {
    certificates,
    tlsAuthority: put(join(certificates, "ca.crt"), fleet.authority),
    tlsCertificate: put(join(certificates, "fleet.crt"), fleet.certificate),
    tlsKey: put(join(folder, "keys", "fleet.tls.key"), fleet.key),
  };
}

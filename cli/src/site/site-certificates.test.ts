import { X509Certificate } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock } from "@voltfog/runtime";
import { loadSigningKey, loadTlsIdentity, systemRandom } from "@voltfog/runtime/node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSite } from "./open-site.ts";
import { certifySite, tlsFilesOf } from "./site-certificates.ts";
import { type SiteMarker, type SitePaths, sitePaths } from "./site-folder.ts";

const day_ms = 86_400_000;

describe("certifySite", () => {
  let clock = new ManualClock();
  let paths: SitePaths = sitePaths("");
  let site: SiteMarker;
  beforeEach(() => {
    clock = new ManualClock(Date.UTC(2026, 0, 1));
    paths = sitePaths(mkdtempSync(join(tmpdir(), "site-")));
    const asked = { units: 1, vehicles: 2 };
    site = openSite({ paths, asked, clock, random: systemRandom }).site;
  });
  afterEach(() => rmSync(paths.root, { recursive: true }));

  const certify = (): ReturnType<typeof certifySite> => certifySite({ paths, site, clock });
  const certificateOf = (id: string): X509Certificate =>
    new X509Certificate(readFileSync(join(paths.certificates, `${id}.crt`)));

  it("gives every process a certificate under its id and on loopback", async () => {
    expect(await certify()).toEqual({ issued: 8, isNewAuthority: true });
    for (const id of ["unit-1", "validator-1", "controller", "cloud", "fleet"]) {
      expect(() => loadTlsIdentity(tlsFilesOf(paths, id)), id).not.toThrow();
      const certificate = certificateOf(id);
      expect(certificate.checkHost(id)).toBe(id);
      expect(certificate.checkHost("localhost")).toBe("localhost");
      expect(certificate.checkIP("127.0.0.1")).toBe("127.0.0.1");
    }
    expect(certificateOf("fleet").subject).toBe("CN=fleet\nOU=edge");
    expect(certificateOf("operator").subject).toBe("CN=operator\nOU=operator");
  });

  it("certifies the very key that a vehicle signs its frames with", async () => {
    await certify();
    const keyFile = join(paths.keys, "vehicle-02.key");
    const spki = certificateOf("vehicle-02").publicKey.export({ format: "der", type: "spki" });
    expect(new Uint8Array(spki.subarray(-32))).toEqual(loadSigningKey(keyFile).publicKey);
    expect(certificateOf("vehicle-02").subject).toBe("CN=vehicle-02\nOU=vehicle");
  });

  it("keeps private keys from other users of the machine", async () => {
    await certify();
    const keys = readdirSync(paths.keys);
    expect(keys).toContain("ca.key");
    for (const name of keys) {
      expect(statSync(join(paths.keys, name)).mode & 0o777, name).toBe(0o600);
    }
  });

  it("leaves what is good and renews what soon runs out, under the same authority", async () => {
    await certify();
    const before = certificateOf("cloud").serialNumber;
    expect(await certify()).toEqual({ issued: 0, isNewAuthority: false });
    expect(certificateOf("cloud").serialNumber).toBe(before);
    clock.advance(800 * day_ms);
    expect(await certify()).toEqual({ issued: 8, isNewAuthority: false });
    expect(Date.parse(certificateOf("cloud").validTo)).toBeGreaterThan(
      clock.wall_ms() + 700 * day_ms,
    );
    expect(() => loadTlsIdentity(tlsFilesOf(paths, "cloud"))).not.toThrow();
  });

  it("makes anew what is missing or for another key", async () => {
    await certify();
    rmSync(tlsFilesOf(paths, "cloud").tlsKey);
    rmSync(join(paths.certificates, "vehicle-01.crt"));
    writeFileSync(join(paths.certificates, "unit-1.crt"), "rubbish");
    expect(await certify()).toEqual({ issued: 3, isNewAuthority: false });
  });

  it("does not go on with an authority whose key is lost", async () => {
    await certify();
    rmSync(join(paths.keys, "ca.key"));
    await expect(certify()).rejects.toMatchObject({ code: "AUTHORITY_INVALID" });
  });
});

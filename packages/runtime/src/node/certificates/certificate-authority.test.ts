import { generateKeyPairSync, type KeyObject, X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { identityIn, type PeerRole } from "../tls/peer-identity.ts";
import { CertificateAuthority } from "./certificate-authority.ts";

const now_ms = Date.UTC(2026, 0, 1);
const authority = await CertificateAuthority.create({ name: "test site", now_ms });
const root = new X509Certificate(authority.certificate);
const device = generateKeyPairSync("ed25519").publicKey;

async function issued(
  id: string,
  role: PeerRole,
  publicKey: KeyObject = device,
): Promise<X509Certificate> {
  return new X509Certificate(await authority.issue({ id, role, publicKey }, { now_ms }));
}

test("the authority is its own root and may sign nothing but certificates of peers", () => {
  expect(root.verify(root.publicKey)).toBe(true);
  expect(root.ca).toBe(true);
  expect(root.subject).toBe("CN=test site\nO=Voltfog site");
});

test("a certificate ties id, role and key together under the authority", async () => {
  const certificate = await issued("vehicle-01", "vehicle");
  expect(certificate.verify(root.publicKey)).toBe(true);
  expect(certificate.checkIssued(root)).toBe(true);
  expect(certificate.ca).toBe(false);
  expect(certificate.publicKey.equals(device)).toBe(true);
  const spki = device.export({ format: "der", type: "spki" });
  expect(identityIn(certificate)).toEqual({
    id: "vehicle-01",
    role: "vehicle",
    ed25519: new Uint8Array(spki.subarray(-32)),
  });
});

test("a process serves under its id and its addresses; a vehicle and an operator can only be clients", async () => {
  const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const names = { dnsNames: ["localhost"], ipAddresses: ["127.0.0.1", "::1"] };
  const pem = await authority.issue(
    { id: "unit-1", role: "unit", publicKey, ...names },
    { now_ms },
  );
  const unit = new X509Certificate(pem);
  expect(unit.checkHost("unit-1")).toBe("unit-1");
  expect(unit.checkHost("localhost")).toBe("localhost");
  expect(unit.checkHost("unit-2")).toBeUndefined();
  expect(unit.checkIP("127.0.0.1")).toBe("127.0.0.1");
  expect(unit.checkIP("::1")).toBe("::1");
  expect(unit.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"]);
  expect(identityIn(unit)).toEqual({ id: "unit-1", role: "unit", ed25519: undefined });
  for (const role of ["vehicle", "operator"] as const) {
    const client = await issued("someone", role);
    expect(client.keyUsage).toEqual(["1.3.6.1.5.5.7.3.2"]);
    expect(client.subjectAltName).toBeUndefined();
  }
});

test("it holds from a day before it was issued, for devices whose clock is behind, and ends", async () => {
  const { validFrom, validTo } = await issued("vehicle-01", "vehicle");
  expect(Date.parse(validFrom)).toBe(now_ms - 86_400_000);
  expect(Date.parse(validTo)).toBe(now_ms + 825 * 86_400_000);
});

test("two certificates of one subject have different serial numbers", async () => {
  const [one, two] = [await issued("a", "edge"), await issued("a", "edge")];
  expect(one.serialNumber).not.toBe(two.serialNumber);
});

test("a stored authority goes on; one whose key is another's is refused", async () => {
  const again = await CertificateAuthority.open(authority);
  const certificate = await again.issue({ id: "a", role: "edge", publicKey: device }, { now_ms });
  expect(new X509Certificate(certificate).verify(root.publicKey)).toBe(true);
  const other = await CertificateAuthority.create({ name: "other", now_ms });
  for (const wrong of [
    { certificate: authority.certificate, key: other.key },
    { certificate: "", key: authority.key },
    { certificate: authority.certificate, key: "" },
  ]) {
    await expect(CertificateAuthority.open(wrong)).rejects.toMatchObject({
      code: "AUTHORITY_INVALID",
    });
  }
});

test("what is no id gets no certificate", async () => {
  for (const id of ["", "A", "a b", "a\nOU=validator", "*.example", "a".repeat(33)]) {
    await expect(issued(id, "vehicle")).rejects.toThrow("certificates are for ids");
  }
});

test("it knows its own certificates again, and when one is no longer what is wanted", async () => {
  const subject = { id: "vehicle-01", role: "vehicle", publicKey: device } as const;
  const certificate = await authority.issue(subject, { now_ms });
  const until_ms = now_ms + 800 * 86_400_000;
  expect(authority.vouches(certificate, subject, { until_ms })).toBe(true);
  const other = await CertificateAuthority.create({ name: "test site", now_ms });
  const foreign = await other.issue(subject, { now_ms });
  const publicKey = generateKeyPairSync("ed25519").publicKey;
  expect([
    authority.vouches(certificate, subject, { until_ms: now_ms + 826 * 86_400_000 }),
    authority.vouches(certificate, { ...subject, id: "vehicle-02" }, { until_ms }),
    authority.vouches(certificate, { ...subject, role: "edge" }, { until_ms }),
    authority.vouches(certificate, { ...subject, publicKey }, { until_ms }),
    authority.vouches(foreign, subject, { until_ms }),
    authority.vouches("rubbish", subject, { until_ms }),
  ]).toEqual(Array(6).fill(false));
});

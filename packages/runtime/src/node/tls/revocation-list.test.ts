import { X509Certificate } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { CertificateAuthority } from "../certificates/certificate-authority.ts";
import { parseRevocationList, serialOf } from "./revocation-list.ts";

const now_ms = Date.now();
const [site, foreign] = await Promise.all(
  ["site", "site"].map((name) => CertificateAuthority.create({ name, now_ms })),
);
if (site === undefined || foreign === undefined) throw new Error("no authorities");
const authority = new X509Certificate(site.certificate);
const certificates = await Promise.all(
  ["unit-1", "unit-2", "cloud"].map(async (id) => {
    const { certificate } = await site.newIdentity({ id, role: "unit" }, { now_ms });
    return new X509Certificate(certificate);
  }),
);
const revoked = certificates.slice(0, 2).map((one) => ({ serial: serialOf(one), at_ms: now_ms }));
const pem = await site.revocationList({ revoked, now_ms });
const read = (text: string): ReturnType<typeof parseRevocationList> =>
  parseRevocationList(text, authority);

test("a list names the serial numbers that its authority called back", async () => {
  const parsed = read(pem);
  if (!parsed.ok) throw new Error(parsed.problem.detail);
  expect([...parsed.value.serials]).toEqual(revoked.map(({ serial }) => serial));
  const none = read(await site.revocationList({ revoked: [], now_ms }));
  expect(none.ok && none.value.serials.size).toBe(0);
  const many = Array.from({ length: 500 }, (_, i) => ({
    serial: `4${`${i}`.padStart(31, "0")}`,
    at_ms: 0,
  }));
  const long = read(await site.revocationList({ revoked: many, now_ms }));
  expect(long.ok && long.value.serials.size).toBe(500);
});

test("another authority's list is refused, and so is one with any byte changed", async () => {
  expect(read(await foreign.revocationList({ revoked, now_ms })).ok).toBe(false);
  const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ""), "base64");
  const changed = (place: number, bit: number): string => {
    const bytes = Buffer.from(der);
    bytes[place] = (bytes[place] ?? 0) ^ bit;
    return armoured(bytes);
  };
  expect(read(armoured(der)).ok).toBe(true);
  // Between what is signed and the signature stands the algorithm's name once more, unsigned and unread.
  const name = der.lastIndexOf(Buffer.from("300a06082a8648ce3d040302", "hex"));
  const isName = (place: number): boolean => place >= name && place < name + 12;
  for (let place = 0; place < der.length; place++) {
    if (isName(place)) continue;
    expect(read(changed(place, 1)).ok, `byte ${place}`).toBe(false);
  }
});

test("nothing makes it throw", () => {
  const bytes = fc.uint8Array({ maxLength: 300 }).map((raw) => armoured(Buffer.from(raw)));
  fc.assert(
    fc.property(fc.oneof(fc.string(), bytes), (text) => {
      expect(read(text)).toMatchObject({ ok: false, problem: { code: "CRL_INVALID" } });
    }),
  );
});

function armoured(der: Buffer): string {
  return `-----BEGIN X509 CRL-----\n${der.toString("base64")}\n-----END X509 CRL-----\n`;
}

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { CertificateAuthority } from "../certificates/certificate-authority.ts";
import { loadTlsIdentity, type TlsFiles } from "./tls-identity.ts";

const now_ms = Date.now();
const folder = mkdtempSync(join(tmpdir(), "voltfog-tls-"));
afterAll(() => rmSync(folder, { recursive: true }));

const [site, foreign] = await Promise.all(
  ["site", "foreign"].map((name) => CertificateAuthority.create({ name, now_ms })),
);
if (site === undefined || foreign === undefined) throw new Error("no authorities");
const own = await site.newIdentity({ id: "unit-1", role: "unit" }, { now_ms });
const other = await site.newIdentity({ id: "unit-2", role: "unit" }, { now_ms });

function paths(content: { authority?: string; certificate?: string; key?: string }): TlsFiles {
  const put = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const { authority, certificate, key } = { ...own, ...content };
  return {
    tlsAuthority: put("ca.crt", authority),
    tlsCertificate: put("own.crt", certificate),
    tlsKey: put("own.key", key),
  };
}

test("three files that fit each other are an identity", () => {
  expect(loadTlsIdentity(paths({}))).toEqual(own);
});

test.each([
  ["no certificate", { certificate: "" }, /own\.crt/],
  ["another's key", { key: other.key }, /own\.key: is not the key of/],
  ["no key", { key: "rubbish" }, /own\.key/],
  ["another authority", { authority: foreign.certificate }, /was not signed by/],
  ["no authority", { authority: "rubbish" }, /ca\.crt/],
])("%s is refused at the start, with the file's name", (_name, content, message) => {
  const load = (): unknown => loadTlsIdentity(paths(content));
  expect(load).toThrowError(expect.objectContaining({ code: "CERTIFICATE_UNREADABLE" }));
  expect(load).toThrowError(message);
});

test("a file that is not there is named", () => {
  const missing = { ...paths({}), tlsCertificate: join(folder, "nowhere.crt") };
  expect(() => loadTlsIdentity(missing)).toThrowError(/nowhere\.crt/);
});

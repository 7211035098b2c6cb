import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock } from "@voltfog/runtime";
import { systemRandom } from "@voltfog/runtime/node";
import { afterEach, beforeEach, expect, it } from "vitest";
import { issueServerCertificate } from "./issue-certificate.ts";
import { openSite } from "./open-site.ts";
import { revokeCertificate } from "./revoke-certificate.ts";
import { certifySite } from "./site-certificates.ts";
import { type SitePaths, sitePaths } from "./site-folder.ts";

let clock: ManualClock;
let paths: SitePaths;

beforeEach(async () => {
  clock = new ManualClock(Date.UTC(2026, 0, 1));
  paths = sitePaths(mkdtempSync(join(tmpdir(), "issue-")));
  const asked = { units: 1, vehicles: 1 };
  const { site } = openSite({ paths, asked, clock, random: systemRandom });
  await certifySite({ paths, site, clock });
});
afterEach(() => rmSync(paths.root, { recursive: true }));

const issue = (
  id: string,
  ...hosts: readonly string[]
): ReturnType<typeof issueServerCertificate> => issueServerCertificate(paths, { id, hosts, clock });

it("gives a server a certificate that the site's processes know it by, for all its names", async () => {
  const files = await issue("nats", "nats.example.org", "192.0.2.7");
  const certificate = new X509Certificate(readFileSync(files.certificate));
  expect(certificate.verify(new X509Certificate(readFileSync(files.authority)).publicKey)).toBe(
    true,
  );
  expect(certificate.subject.split("\n").sort()).toEqual(["CN=nats", "OU=broker"]);
  expect(certificate.checkHost("nats.example.org")).toBe("nats.example.org");
  expect(certificate.checkIP("192.0.2.7")).toBe("192.0.2.7");
  expect(readFileSync(files.key, "utf8")).toContain("PRIVATE KEY");
});

it("keeps the key, and what an earlier certificate said can be revoked with the new one", async () => {
  const first = await issue("nats", "127.0.0.1");
  const key = readFileSync(first.key, "utf8");
  clock.advance(86_400_000);
  const second = await issue("nats", "192.0.2.7");
  expect(readFileSync(second.key, "utf8")).toBe(key);
  expect(await revokeCertificate(paths, { id: "nats", clock })).toHaveLength(2);
});

it.each([
  ["unit-1", "127.0.0.1", "ID_TAKEN"],
  ["vehicle-01", "127.0.0.1", "ID_TAKEN"],
  ["ca", "127.0.0.1", "ID_TAKEN"],
  ["../ca", "127.0.0.1", "ID_INVALID"],
  ["NATS", "127.0.0.1", "ID_INVALID"],
  ["nats", "a b", "HOST_INVALID"],
  ["nats", "nats\n.example", "HOST_INVALID"],
  ["nats", "x".repeat(300), "HOST_INVALID"],
])("refuses %j at %j with %s", async (id, host, code) => {
  await expect(issue(id, host)).rejects.toMatchObject({ code });
});

import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock } from "@voltfog/runtime";
import { loadTlsIdentity, serialOf, systemRandom } from "@voltfog/runtime/node";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openSite } from "./open-site.ts";
import { readRevoked, revokeCertificate } from "./revoke-certificate.ts";
import { certifySite, tlsFilesOf } from "./site-certificates.ts";
import { type SiteMarker, type SitePaths, sitePaths } from "./site-folder.ts";

const day_ms = 86_400_000;
let clock: ManualClock;
let paths: SitePaths;
let site: SiteMarker;

beforeEach(async () => {
  clock = new ManualClock(Date.UTC(2026, 0, 1));
  paths = sitePaths(mkdtempSync(join(tmpdir(), "revoke-")));
  const asked = { units: 2, vehicles: 1 };
  site = openSite({ paths, asked, clock, random: systemRandom }).site;
  await certifySite({ paths, site, clock });
});
afterEach(() => rmSync(paths.root, { recursive: true }));

const serial = (id: string): string =>
  serialOf(new X509Certificate(readFileSync(join(paths.certificates, `${id}.crt`))));
const revoke = (id: string): ReturnType<typeof revokeCertificate> =>
  revokeCertificate(paths, { id, clock });

it("revokes the present certificate of a name and those that it took the place of", async () => {
  const first = serial("unit-1");
  clock.advance(800 * day_ms);
  await certifySite({ paths, site, clock });
  const second = serial("unit-1");
  expect(second).not.toBe(first);
  const revoked = await revoke("unit-1");
  expect(new Set(revoked.map((one) => one.serial))).toEqual(new Set([first, second]));
  // Whoever has the site's files follows the list.
  expect(loadTlsIdentity(tlsFilesOf(paths, "unit-2")).revocations?.pem).toContain("X509 CRL");
});

it("keeps what was revoked before, and its time", async () => {
  const [one] = await revoke("unit-1");
  clock.advance(day_ms);
  const [two] = await revoke("cloud");
  expect(readRevoked(paths)).toEqual([one, two]);
  expect((two?.at_ms ?? 0) - (one?.at_ms ?? 0)).toBe(day_ms);
  await expect(revoke("cloud")).rejects.toMatchObject({ code: "ALREADY_REVOKED" });
});

it("makes no list without the book of what is revoked, which would let everybody back in", async () => {
  await revoke("unit-1");
  for (const content of [undefined, "[", "{}", '[{"id":"unit-1"}]']) {
    const book = join(paths.certificates, "revoked.json");
    if (content === undefined) rmSync(book);
    else writeFileSync(book, content);
    await expect(revoke("cloud")).rejects.toMatchObject({ code: "REVOKED_DAMAGED" });
  }
});

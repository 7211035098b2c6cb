import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock } from "@voltfog/runtime";
import { systemRandom } from "@voltfog/runtime/node";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openSite } from "../site/open-site.ts";
import { certifySite } from "../site/site-certificates.ts";
import { type SiteMarker, sitePaths } from "../site/site-folder.ts";
import { checkCertificates } from "./check-certificates.ts";
import { type Verdict, verdictsOf } from "./verdict.ts";

const paths = sitePaths(mkdtempSync(join(tmpdir(), "doctor-certificates-")));
const made_ms = Date.UTC(2026, 0, 1);
const day_ms = 86_400_000;
let site: SiteMarker;

beforeAll(() => {
  const asked = { units: 1, vehicles: 1 };
  const clock = new ManualClock(made_ms);
  ({ site } = openSite({ paths, asked, clock, random: systemRandom }));
});
afterAll(() => rmSync(paths.root, { recursive: true }));

function verdicts(days = 0): Promise<readonly Verdict[]> {
  const clock = new ManualClock(made_ms + days * day_ms);
  return verdictsOf("certificates", (findings) =>
    checkCertificates(findings, { paths, site, clock }),
  );
}

it("says that there are none yet, and that they are sound once they are made", async () => {
  expect((await verdicts()).map(({ result }) => result)).toEqual(["warn"]);
  await certifySite({ paths, site, clock: new ManualClock(made_ms) });
  const [found, ...others] = await verdicts();
  expect(others).toEqual([]);
  expect(found).toMatchObject({ result: "ok" });
  expect(found?.what).toMatch(/^7 of 7 certificates are sound/);
});

it("warns before they end and fails when they have", async () => {
  const soon = await verdicts(800);
  expect(soon.filter(({ result }) => result === "warn")).toHaveLength(7);
  expect(soon[0]?.what).toMatch(/ends in 25 days/);
  const late = await verdicts(830);
  expect(late.filter(({ result }) => result === "fail")).toHaveLength(7);
});

it("fails for one that does not fit its key or is missing, with the file's name", async () => {
  const [own, other] = ["cloud", "controller"].map((id) => join(paths.certificates, `${id}.crt`));
  if (own === undefined || other === undefined) throw new Error("two certificates");
  const before = readFileSync(own);
  writeFileSync(own, readFileSync(other));
  expect((await verdicts()).filter(({ result }) => result === "fail")).toMatchObject([
    { what: expect.stringContaining("cloud.tls.key") },
  ]);
  rmSync(own);
  expect((await verdicts()).filter(({ result }) => result === "fail")).toMatchObject([
    { what: expect.stringContaining("cloud.crt") },
  ]);
  writeFileSync(own, before);
});

it("warns where the authority's key was taken away", async () => {
  rmSync(join(paths.keys, "ca.key"));
  expect((await verdicts()).map(({ result }) => result)).toEqual(["warn", "ok"]);
});

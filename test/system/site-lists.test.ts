import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { voltfog } from "./running-site.ts";

const folder = mkdtempSync(join(tmpdir(), "voltfog-lists-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const read = <T>(name: string): T => JSON.parse(readFileSync(join(folder, name), "utf8")) as T;

test("commands that change a site's lists at the same time lose nothing of each other", async () => {
  const made = ["--vehicles", "4", "--units", "1"];
  expect(await voltfog("site", "init", "--data", folder, ...made)).toMatchObject({ code: 0 });
  const vehicles = ["vehicle-01", "vehicle-02", "vehicle-03", "vehicle-04"];
  const newcomers = ["vehicle-11", "vehicle-12", "vehicle-13"];
  const done = await Promise.all([
    ...vehicles.map((id) => voltfog("device", "revoke", id, "--data", folder)),
    ...newcomers.map((id) => voltfog("enrol", "token", "--vehicle", id, "--data", folder)),
    ...["cloud", "unit-1"].map((id) => voltfog("certificate", "revoke", id, "--data", folder)),
  ]);
  // 1 of a revocation: nobody runs a chain here that could be told.
  expect(done.map(({ code }) => code)).toEqual([1, 1, 1, 1, 0, 0, 0, 0, 0]);
  const enrolled = read<{ id: string; revoked?: boolean }[]>("enrolled.json");
  expect(enrolled.map(({ id, revoked }) => [id, revoked])).toEqual(
    vehicles.map((id) => [id, true]),
  );
  const { tokens } = read<{ tokens: { vehicle: string }[] }>("enrolment-tokens.json");
  expect(tokens.map(({ vehicle }) => vehicle).sort()).toEqual(newcomers);
  const revoked = read<{ id: string }[]>(join("certificates", "revoked.json"));
  expect(revoked.map(({ id }) => id).sort()).toEqual(["cloud", "unit-1", ...vehicles]);
});

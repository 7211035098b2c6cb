import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { faultSeed } from "../faults/fault-seed.ts";
import { voltfog } from "./running-site.ts";

interface Report {
  readonly name: string;
  readonly rows: readonly { metric: string; value: number; met: boolean | null }[];
  readonly items: readonly Readonly<Record<string, unknown>>[];
}

const folder = mkdtempSync(join(tmpdir(), "voltfog-soak-"));
let report: Report;

beforeAll(async () => {
  const run = await voltfog(
    ...["soak", "--for", "40s", "--json", "--keep", folder, "--seed", `${faultSeed}`],
  );
  if (run.stdout === "") throw new Error(run.stderr);
  report = JSON.parse(run.stdout) as Report;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test(`a short soak loses, doubles and forgets nothing, and every goal is met (seed ${faultSeed})`, () => {
  expect(report.name).toBe("soak");
  expect(report.rows.filter(({ met }) => met === false)).toEqual([]);
  expect(figure("soak.samples_sent")).toBeGreaterThan(12 * 10 * 20);
  expect(figure("soak.samples_durable") + figure("soak.samples_declared")).toBe(
    figure("soak.samples_sent"),
  );
  expect(figure("soak.proofs_verified")).toBeGreaterThan(100);
});

test(`the short soak says which faults hit what, and what each process took (seed ${faultSeed})`, () => {
  const items = (of: string): typeof report.items =>
    report.items.filter((item) => item["of"] === of);
  expect(items("process")).toHaveLength(11);
  expect(items("link")).toHaveLength(16);
  expect(items("faults")).toHaveLength(1);
  expect(items("unplanned death")).toEqual([]);
});

function figure(metric: string): number {
  const row = report.rows.find((one) => one.metric === metric);
  if (row === undefined) throw new Error(`the report has no ${metric}`);
  return row.value;
}

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock } from "@voltfog/runtime";
import { expect, test } from "vitest";
import { fullDatasets } from "../../testing/full-datasets.ts";
import { tablesEvaluation } from "./tables-evaluation.ts";

test("the published tables are made again on one page, beside an honest one", async () => {
  const folder = mkdtempSync(join(tmpdir(), "voltfog-tables-"));
  const page = join(folder, "deep", "tables.html");
  const { findings } = await tablesEvaluation.run({
    flags: { datasets: fullDatasets, page, seed: "1" },
    clock: new ManualClock(),
    progress: () => {},
    isQuick: true,
  });
  const html = readFileSync(page, "utf8");
  rmSync(folder, { recursive: true });
  const value = (metric: string): number =>
    findings.rows.find((row) => row.metric === metric)?.value ?? Number.NaN;
  // A random split of dense data gives the answer away, and persistence nearly has it already.
  expect(value("tables.esb.p.rf.weighted_f1")).toBeGreaterThan(0.94);
  expect(value("tables.esb.h.baseline.persistence.weighted_f1")).toBeGreaterThan(0.93);
  expect(value("tables.belib.h.ann.accuracy")).toBeGreaterThan(
    value("tables.belib.h.baseline.persistence.accuracy"),
  );
  expect(findings.items.filter(({ track }) => track === "ablation")).toHaveLength(16);
  for (const said of ["95.41", "Track H", "absent", "Support vector machine", "unknown"]) {
    expect(html).toContain(said);
  }
  expect(html).not.toMatch(/<script|src=|NaN|undefined/);
  expect(html.match(/<svg/g)).toHaveLength(2 + 10);
});

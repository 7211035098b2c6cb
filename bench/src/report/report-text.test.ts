import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Goal, type Report, reportRow } from "@voltfog/runtime";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { reportText } from "./report-text.ts";
import { resultsPage, saveResult } from "./results-page.ts";

const goals: Record<string, Goal> = {
  "a.rate": { sense: "at-least", goal: 150_000 },
  "a.wait_ms": { sense: "at-most", goal: 100 },
};

function report(name: string): Report {
  return {
    name,
    commit: "c0ffee",
    machine: { cpu: "A CPU", cores: 2, memory_MB: 24_106, os: "An OS", node: "v20.0.0" },
    method: "As it was done.",
    inputs: { goals },
    rows: [
      reportRow({ metric: "a.rate", unit: "1/s", values: [148_231.5], goal: goals["a.rate"] }),
      reportRow({ metric: "a.wait_ms", unit: "ms", values: [3, 4, 5], goal: goals["a.wait_ms"] }),
      reportRow({ metric: "a.bare", unit: "bytes", values: [1] }),
    ],
    items: [],
  };
}

describe("a report on a terminal", () => {
  it("lines up its columns and says what was missed", () => {
    expect(reportText(report("a")).split("\n")).toEqual([
      "metric      median      min      max  n  unit   goal",
      "a.rate     148,200  148,200  148,200  1  1/s    ≥ 150,000  MISSED",
      "a.wait_ms        4        3        5  3  ms     ≤ 100      met",
      "a.bare           1        1        1  1  bytes",
      "",
      "As it was done.",
      "2 × A CPU, An OS, Node v20.0.0; commit c0ffee",
    ]);
  });
});

describe("the page of results", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "results-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("shows goals with their side, and the command that makes a table again", () => {
    const page = resultsPage([report("a")]);
    expect(page).toContain("voltfog bench a --out bench/results");
    expect(page).toContain(
      "| a.rate | 148,200 | 148,200 – 148,200 | 1 | 1/s | ≥ 150,000 | **no** |",
    );
    expect(page).toContain("| a.wait_ms | 4 | 3 – 5 | 3 | ms | ≤ 100 | yes |");
  });

  it("is made of all reports in the folder and of nothing else there", () => {
    writeFileSync(join(folder, "other.json"), '{"no": "report"}');
    saveResult(folder, report("b"));
    saveResult(folder, report("a"));
    const page = readFileSync(join(folder, "README.md"), "utf8");
    expect(page.match(/^## .*$/gm)).toEqual(["## a", "## b"]);
    expect(JSON.parse(readFileSync(join(folder, "b.json"), "utf8"))).toEqual(report("b"));
  });
});

import { type Report, reportRow } from "@voltfog/runtime";
import { describe, expect, it } from "vitest";
import { reportJobs } from "./report-jobs.ts";
import { reportPage } from "./report-page.ts";

const goals = { "m.<b>": { sense: "at-most", goal: 2 } } as const;
const report: Report = {
  name: "m",
  commit: "abc",
  machine: { cpu: "c", cores: 1, memory_MB: 1, os: "o", node: "v20" },
  method: 'by hand & "eye"',
  inputs: { goals },
  rows: [
    reportRow({ metric: "m.<b>", unit: "s", values: [3], goal: goals["m.<b>"] }),
    reportRow({ metric: "free", unit: "s", values: [1] }),
  ],
  items: [],
};

describe("the report page", () => {
  it("shows every figure beside its goal, says what is missed, and lets no text be markup", () => {
    const page = reportPage([{ name: "m", title: "A <title>", command: "voltfog x", report }]);
    expect(page).toContain("0 of 1 goals met");
    expect(page).toContain("m.&lt;b&gt;");
    expect(page).toContain("≤ 2");
    expect(page).toContain(">missed<");
    expect(page).toContain("A &lt;title&gt;");
    expect(page).not.toMatch(/<b>|<title>A|https?:/);
  });

  it("runs evaluations that exist, each with every flag that it needs, under a name of its own", () => {
    const jobs = reportJobs("/data");
    expect(jobs.length).toBeGreaterThan(25);
    expect(new Set(jobs.map(({ name }) => name)).size).toBe(jobs.length);
    for (const { evaluation, flags, command } of jobs) {
      const known = evaluation.flags.map(({ name }) => name);
      expect(Object.keys(flags).filter((name) => !known.includes(name))).toEqual([]);
      const needed = evaluation.flags.filter(({ isRequired }) => isRequired === true);
      expect(needed.filter(({ name }) => flags[name] === undefined)).toEqual([]);
      expect(command).toMatch(/^voltfog (evaluate|simulate) [a-z-]+ /);
    }
  });
});

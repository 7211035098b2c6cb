import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { AnvilNode } from "./testing/anvil-node.ts";
import { gasReport, gasReportFile } from "./testing/gas-report.ts";

test("the published gas figures are those of the committed contracts", async () => {
  const node = await AnvilNode.start({ blockTime_s: 0 });
  try {
    expect(await gasReport(node)).toBe(readFileSync(gasReportFile, "utf8"));
  } finally {
    await node.kill();
  }
});

import { writeFileSync } from "node:fs";
import { AnvilNode } from "./anvil-node.ts";
import { gasReport, gasReportFile } from "./gas-report.ts";

// `npm run gas`: deploys and calls everything on a node of its own and replaces contracts/gas.md.
const node = await AnvilNode.start({ blockTime_s: 0 });
try {
  writeFileSync(gasReportFile, await gasReport(node));
} finally {
  await node.kill();
}

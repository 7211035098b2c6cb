import { engineNames } from "@voltfog/ledger";
import type { Facts } from "@voltfog/runtime";
import type { EnginesPart } from "../engines-part.ts";
import { allSizes, flowCases, runChainInterval, runFlow, runInterval } from "./virtual-cases.ts";
import { virtualFindings } from "./virtual-findings.ts";

const links = [
  { mean_ms: 5, jitter_ms: 2 },
  { mean_ms: 25, jitter_ms: 10 },
] as const;
const intervals_ms = [250, 500, 1000, 2500];
const nodes = 20;

/** 4 to 64 validators in one process on virtual time: messages, bytes and phases. */
export const virtualPart: EnginesPart = {
  name: "virtual",
  summary: "4 to 64 validators on virtual time: messages, bytes and phases (no processor time)",
  run({ isQuick, progress }) {
    const flowList = flowCases(isQuick ? allSizes.filter((n) => n <= 20) : allSizes);
    const decisions = isQuick ? 4 : 8;
    const intervalList = links.flatMap((link) =>
      engineNames.flatMap((engine) =>
        intervals_ms.map((blockInterval_ms) => ({ engine, link, blockInterval_ms })),
      ),
    );
    const chainList = links.flatMap((link) =>
      (["pow", "poa-published"] as const).flatMap((engine) =>
        intervals_ms.map((blockInterval_ms) => ({ engine, link, blockInterval_ms })),
      ),
    );
    const total = flowList.length + intervalList.length + chainList.length;
    const flows = flowList.map((one, done): Facts => {
      progress({ done, total, doing: `${one.engine}, ${one.n} validators` });
      return runFlow(one, decisions);
    });
    const intervals = intervalList.map((one, i): Facts => {
      const doing = `${one.engine}, a block each ${one.blockInterval_ms} ms`;
      progress({ done: flowList.length + i, total, doing });
      return runInterval({ ...one, n: nodes, decisions: isQuick ? 10 : 40 });
    });
    const chains = chainList.map((one, i): Facts => {
      const doing = `${one.engine}, a block each ${one.blockInterval_ms} ms`;
      progress({ done: flowList.length + intervalList.length + i, total, doing });
      return runChainInterval({ ...one, n: nodes, blocks: isQuick ? 60 : 300 });
    });
    const all = [...intervals, ...chains];
    return Promise.resolve(virtualFindings({ flows, intervals: all, decisions }));
  },
};

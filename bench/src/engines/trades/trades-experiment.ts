import { loadavg } from "node:os";
import type { EngineChoice } from "@voltfog/ledger";
import type { Findings } from "@voltfog/runtime";
import { verifyRate } from "../../consensus/verify-rate.ts";
import { fileSystemOf } from "../../measure/work-folder.ts";
import type { ExperimentContext } from "../../report/experiment.ts";
import type { EnginesPart } from "../engines-part.ts";
import { type EngineRun, runEngine, runText } from "./engine-run.ts";
import { tradesFindings } from "./trades-findings.ts";
import { parseTrades, usualSize } from "./trades-settings.ts";

const repeats = { full: 5, quick: 1 } as const;
/** No repeat begins that would likely end later; what is left out shows in the number of values. */
const budget_ms = { full: 715_000, quick: 165_000 } as const;

/** Orders of vehicles that sell each other energy, against validators in processes of their own. */
export const tradesPart: EnginesPart = {
  name: "trades",
  summary:
    "vehicle-to-vehicle trades, closed and open loop, and what dead and mute validators cost",
  resultName: (flags) => (Number(flags["n"]) === usualSize ? "trades" : `trades-n${flags["n"]}`),
  async run(context): Promise<Findings> {
    const { engines, n } = parseTrades(context.flags);
    const load = loadavg()[0] ?? 0;
    const verify_Hz = [verifyRate(context.clock)];
    const runs = await interleaved({ engines, n, context });
    verify_Hz.push(verifyRate(context.clock));
    const fileSystem = fileSystemOf(context.folder);
    return tradesFindings({ runs, engines, n, load, verify_Hz, fileSystem });
  },
};

/**
 * Every engine once per repeat, in turn, the order reversed in every second one, so that whatever else the
 * machine does falls on all alike.
 */
async function interleaved(o: {
  engines: readonly EngineChoice[];
  n: number;
  context: ExperimentContext;
}): Promise<readonly EngineRun[]> {
  const { engines, n, context } = o;
  const { clock, isQuick } = context;
  const size = isQuick ? "quick" : "full";
  const start_ms = clock.monotonic_ms();
  const runs: EngineRun[] = [];
  const total = engines.length * repeats[size];
  for (let repeat = 0; repeat < repeats[size]; repeat++) {
    const spent_ms = clock.monotonic_ms() - start_ms;
    if (repeat > 0 && spent_ms * (1 + 1 / repeat) > budget_ms[size]) break;
    for (const engine of repeat % 2 === 0 ? engines : engines.toReversed()) {
      context.progress({ done: runs.length, total, doing: runText({ engine, repeat }) });
      runs.push(await runEngine({ engine, n, repeat, context }));
    }
  }
  return runs;
}

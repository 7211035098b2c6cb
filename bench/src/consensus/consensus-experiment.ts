import { loadavg } from "node:os";
import { join } from "node:path";
import { interleave } from "../measure/interleave.ts";
import { fileSystemOf } from "../measure/work-folder.ts";
import type { Experiment, ExperimentContext } from "../report/experiment.ts";
import { consensusFindings } from "./consensus-findings.ts";
import { type ConsensusCase, runCase } from "./consensus-run.ts";
import { type ConsensusSettings, consensusFlags, parseSettings } from "./consensus-settings.ts";
import { type JoinTime, measureJoin } from "./join-time.ts";
import { simulatorFigures } from "./simulator-figures.ts";

/** Interval at which finality is held against the least that any engine of three phases can do. */
export const idealInterval_ms = 1000;

/** How soon and how many transactions become final among validators, and what a dead leader costs. */
export const consensusExperiment: Experiment = {
  name: "consensus",
  summary: "Finality, throughput and the gap of a dead leader among validators over TLS",
  flags: consensusFlags,
  async run(context) {
    const settings = parseSettings(context.flags);
    const load = loadavg()[0] ?? 0;
    const cases = casesOf(settings, context);
    const repeats = context.isQuick ? 1 : 3;
    const total = cases.length * repeats;
    const firstRates = new Map<string, number>();
    let done = 0;
    const runs = await interleave({
      cases,
      repeats,
      run: async ({ case: one, repeat }) => {
        context.progress({ done: done++, total, doing: `${one.name}, repeat ${repeat + 1}` });
        const first_Hz = firstRates.get(one.name) ?? Math.round(1600 / one.n);
        const run = await runCase({ case: one, repeat, context, first_Hz });
        // The next repeat begins just below what this one reached.
        const reached_Hz = run.full?.offered_Hz;
        if (reached_Hz !== undefined) firstRates.set(one.name, Math.round(0.8 * reached_Hz));
        return run;
      },
    });
    context.progress({ done: total, total, doing: "simulating" });
    const simulator = simulatorFigures(context);
    context.progress({ done: total, total, doing: "a validator joins" });
    const joined = await joinTime(context);
    const fileSystem = fileSystemOf(context.folder);
    return consensusFindings({ runs, settings, simulator, joined, repeats, load, fileSystem });
  },
};

/** With the history that joining is asked for; a short one where the run is quick. */
function joinTime({ self, folder, isQuick, clock }: ExperimentContext): Promise<JoinTime> {
  const blocks = isQuick ? 500 : 10_000;
  return measureJoin({ voltfog: self, folder: join(folder, "join"), blocks, validators: 4, clock });
}

function casesOf(settings: ConsensusSettings, context: ExperimentContext): ConsensusCase[] {
  const { sizes, link, blockInterval_ms } = settings;
  const headline = sizes.at(-1) ?? 4;
  const common = { link, blockInterval_ms, isDurable: true, hasRate: true, hasCrash: true };
  const each = sizes.map((n) => ({ ...common, n, name: `n${n}` }));
  const ideal = {
    ...common,
    ...{ n: headline, name: `n${headline}-ideal`, blockInterval_ms: idealInterval_ms },
    ...{ hasRate: false, hasCrash: false },
  };
  const unsynced = {
    ...common,
    ...{ n: headline, name: `n${headline}-unsynced`, isDurable: false, hasCrash: false },
  };
  return context.isQuick && headline > 10 ? [...each.slice(-1), ideal] : [...each, ideal, unsynced];
}

import { join } from "node:path";
import { chargerReplay, datasetRoot } from "@voltfog/datasets";
import { ChargerForecast, type ReplayFile, replayedSnapshot } from "@voltfog/forecasting";
import { type Facts, type Findings, type Goal, quantile, reportRow } from "@voltfog/runtime";
import type { Experiment, ExperimentContext } from "../report/experiment.ts";
import { type LoadResult, requestLoad } from "./request-load.ts";
import { startSite } from "./site-under-test.ts";

const goals: Readonly<Record<string, Goal>> = {
  "chargers.recommendation_p99_ms": { sense: "at-most", goal: 50 },
  "predict_ms.city": { sense: "at-most", goal: 50 },
  "chargers.failed": { sense: "at-most", goal: 0 },
};
const rate_Hz = 200;

interface Run {
  readonly asked: LoadResult;
  readonly limit: LoadResult;
}

/** How fast drivers are answered, and how fast a city's chargers are forecast. */
export const chargersExperiment: Experiment = {
  name: "chargers",
  summary: "Recommendations over HTTP at 200 requests a second, and the forecast of a whole city",
  run: async (context) => {
    const root = datasetRoot({ environment: process.env });
    const file = await chargerReplay({ root });
    const city_ms = forecastTimes(file, context);
    const site = await startSite({
      self: context.self,
      folder: join(context.folder, "site"),
      clock: context.clock,
    });
    const runs: Run[] = [];
    try {
      const repeats = context.isQuick ? 3 : 7;
      const count = rate_Hz * (context.isQuick ? 5 : 20);
      for (let repeat = 0; repeat < repeats; repeat++) {
        context.progress({ done: repeat, total: repeats, doing: "drivers ask" });
        const load = { web: site.web, rate_Hz, count, seed: 1 + repeat, clock: context.clock };
        runs.push({
          asked: await requestLoad({ ...load, path: "/v1/recommendations", isAsking: true }),
          limit: await requestLoad({ ...load, path: "/health", isAsking: false }),
        });
      }
    } finally {
      await site.stop();
    }
    return findingsOf(runs, { file, city_ms });
  },
};

/** Milliseconds of each snapshot of the recording: taken in, and every point forecast. */
function forecastTimes(file: ReplayFile, { clock, isQuick }: ExperimentContext): readonly number[] {
  const took_ms: number[] = [];
  for (let repeat = 0; repeat < (isQuick ? 2 : 7); repeat++) {
    const forecast = new ChargerForecast(file);
    for (let i = 0; i < file.snapshots.length; i++) {
      const snapshot = replayedSnapshot(file, i);
      const start_ms = clock.monotonic_ms();
      forecast.observe(snapshot);
      forecast.sites();
      // The first time around the code is still being compiled.
      if (repeat > 0) took_ms.push(clock.monotonic_ms() - start_ms);
    }
  }
  return took_ms;
}

function findingsOf(
  runs: readonly Run[],
  { file, city_ms }: { file: ReplayFile; city_ms: readonly number[] },
): Findings {
  const row = (metric: string, unit: string, values: readonly number[]) =>
    reportRow({ metric, unit, values, goal: goals[metric] });
  const of = (share: number, pick: (run: Run) => LoadResult): readonly number[] =>
    runs.map((run) => quantile(Float64Array.from(pick(run).took_ms), share));
  const points = file.points.length;
  return {
    method: `A whole site of voltfog up with one unit and one vehicle runs on this machine beside the client. ${rate_Hz} requests a second come at a steady rate, whether earlier ones are answered or not; a request's time runs from when it was due. Drivers ask from places drawn over Paris for up to 10 of the ${new Set(file.points.map(({ siteId }) => siteId)).size} sites of Belib'. The limit is GET /health of the same process at the same rate, between the runs. predict_ms.city is one snapshot of ${points} charge points taken in and all of them forecast (blend of persistence and habit), one thread; a single point is a ${points}th of it.`,
    inputs: { rate_Hz, requests: runs[0]?.asked.took_ms.length ?? 0, points, goals },
    rows: [
      row(
        "chargers.recommendation_p99_ms",
        "ms",
        of(0.99, ({ asked }) => asked),
      ),
      row(
        "chargers.recommendation_p50_ms",
        "ms",
        of(0.5, ({ asked }) => asked),
      ),
      row(
        "chargers.limit.health_p99_ms",
        "ms",
        of(0.99, ({ limit }) => limit),
      ),
      row("chargers.failed", "requests", runs.map(({ asked, limit }) => asked.failed + limit.failed)), // biome-ignore format: one row each
      row("predict_ms.city", "ms", city_ms),
    ],
    items: runs.map(
      ({ asked, limit }, i): Facts => ({
        repeat: i,
        answered: asked.took_ms.length,
        recommendationMax_ms: Math.max(...asked.took_ms),
        healthMax_ms: Math.max(...limit.took_ms),
      }),
    ),
  };
}

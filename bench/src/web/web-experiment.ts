import { loadavg } from "node:os";
import { join } from "node:path";
import {
  type Facts,
  type Findings,
  type Goal,
  quantile,
  reportRow,
  rounded,
} from "@voltfog/runtime";
import { startSite } from "../chargers/site-under-test.ts";
import type { Experiment, ExperimentContext } from "../report/experiment.ts";
import { openBrowser, type PageVisit, visit } from "./page-probe.ts";
import { probedPages } from "./probed-pages.ts";

const goals: Readonly<Record<string, Goal>> = {
  "web.first_paint_ms": { sense: "at-most", goal: 1500 },
  "web.interaction_ms": { sense: "at-most", goal: 100 },
  "web.bundle_gzip_kb": { sense: "at-most", goal: 150 },
};
const slower = 4;

/** A round of visits, by page. */
type Round = ReadonlyMap<string, PageVisit>;

/** How soon pages show something, how soon they answer the hand, and what they fetch. */
export const webExperiment: Experiment = {
  name: "web",
  summary: "First paint, interaction and size of every page, with the processor four times slower",
  run: async (context) => {
    const { isQuick } = context;
    const fleet = isQuick ? "history:20x731" : "history:60x731";
    const load = loadavg()[0] ?? 0;
    context.progress({ done: 0, total: 1, doing: `a site with ${fleet} starts` });
    const site = await startSite({
      ...{ self: context.self, clock: context.clock, limit_ms: 300_000 },
      folder: join(context.folder, "site"),
      flags: ["--units", "2", "--vehicles", "3", "--fleet", fleet],
    });
    try {
      const rounds = await visitAll(site.web, context);
      return findingsOf(rounds, { fleet, load });
    } finally {
      await site.stop();
    }
  },
};

async function visitAll(web: string, context: ExperimentContext): Promise<readonly Round[]> {
  const repeats = context.isQuick ? 2 : 7;
  const browser = await openBrowser();
  const rounds: Round[] = [];
  try {
    // The first round warms the site, not the browser: every visit has an empty cache.
    for (let repeat = -1; repeat < repeats; repeat++) {
      const visits = new Map<string, PageVisit>();
      for (const page of probedPages) {
        context.progress({ done: repeat + 1, total: repeats + 1, doing: `page ${page.name}` });
        visits.set(page.name, await visit(browser, { web, page, slower }));
      }
      if (repeat >= 0) rounds.push(visits);
    }
  } finally {
    await browser.close();
  }
  return rounds;
}

function findingsOf(rounds: readonly Round[], o: { fleet: string; load: number }): Findings {
  const worst = (pick: (visit: PageVisit) => number): readonly number[] =>
    rounds.map((round) => Math.max(...[...round.values()].map(pick)));
  const row = (metric: string, unit: string, values: readonly number[]) =>
    reportRow({ metric, unit, values, goal: goals[metric] });
  return {
    method: `A whole site of voltfog up with three vehicles and ${o.fleet} runs on this machine beside Debian's Chromium, whose processor is ${slower} times slower (DevTools' throttling). Every page is visited in a profile of its own with an empty cache, then used. A round's figure is that of its worst page. First paint is the browser's first contentful paint; loaded is when nothing is shown as loading any more; an interaction's time is the browser's Event Timing, from the key or the press to the frame after it, in steps of 8 ms. Fetched are document, scripts, styles, pictures and fonts of a page as they came, compressed; answers of the API are not in it.`,
    inputs: { slower, pages: probedPages.length, fleet: o.fleet, loadAverageBefore: rounded(o.load), goals }, // biome-ignore format: one line
    rows: [
      row(
        "web.first_paint_ms",
        "ms",
        worst((one) => one.firstPaint_ms),
      ),
      row(
        "web.loaded_ms",
        "ms",
        worst((one) => one.loaded_ms),
      ),
      row(
        "web.interaction_ms",
        "ms",
        worst((one) => one.interaction_ms),
      ),
      row(
        "web.bundle_gzip_kb",
        "kB",
        worst((one) => one.fetched_bytes / 1000),
      ),
    ],
    items: probedPages.map(({ name, path }): Facts => {
      const visits = rounds.flatMap((round) => round.get(name) ?? []);
      const median = (pick: (visit: PageVisit) => number): number =>
        rounded(quantile(Float64Array.from(visits, pick), 0.5));
      return {
        page: name,
        path,
        firstPaint_ms: median((one) => one.firstPaint_ms),
        loaded_ms: median((one) => one.loaded_ms),
        interaction_ms: median((one) => one.interaction_ms),
        fetched_kB: median((one) => one.fetched_bytes / 1000),
      };
    }),
  };
}

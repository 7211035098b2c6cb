import { spawn } from "node:child_process";
import { engineOf, engineText } from "@voltfog/ledger";
import { systemClock } from "@voltfog/runtime/node";
import type { CommandContext } from "../command-context.ts";
import { SiteMarket } from "../market/site-market.ts";
import { writeReport } from "../report/write-report.ts";
import { readGenesis } from "../site/site-record.ts";
import { announcement } from "./announcement.ts";
import { interruption } from "./interruption.ts";
import { launcherGone } from "./launcher-watch.ts";
import { loadFleet } from "./load-fleet.ts";
import { settle } from "./settle.ts";
import { SiteRun } from "./site-run.ts";
import { untilReady } from "./until-ready.ts";
import type { UpOptions } from "./up-options.ts";
import { planUp, type UpPlan } from "./up-plan.ts";

/** From the end of sampling until everything is durable, stored and final. */
const drainLimit_ms = 30_000;

/** Runs a site until it is interrupted or its time is over. 0 after an orderly end, 1 when it could not run. */
export async function runUp(options: UpOptions, context: CommandContext): Promise<number> {
  const plan = await planUp(options, context.environment);
  const run = new SiteRun({ context, paths: plan.paths, processes: plan.processes });
  const interrupted = Promise.race([
    launcherGone(context.environment),
    interruption(() => {
      run.supervisor.killAll();
      process.exit(130);
    }),
  ]);
  try {
    return await live({ options, context, plan, run, interrupted });
  } finally {
    await run.stop();
    plan.release();
  }
}

interface Life {
  readonly options: UpOptions;
  readonly context: CommandContext;
  readonly plan: UpPlan;
  readonly run: SiteRun;
  readonly interrupted: Promise<string>;
}

async function live(life: Life): Promise<number> {
  const { options, context, plan, run, interrupted } = life;
  const { fleet, seed } = options;
  if (fleet !== undefined) {
    await loadFleet({ fleet, seed, paths: plan.paths, context, interrupted });
  }
  const start = await untilReady(life);
  if (start.outcome === "interrupted") return stopAll(life);
  if (start.outcome === "refused" || start.outcome === "late") {
    context.terminal.note(`voltfog: ${start.reason}; logs are in ${plan.paths.logs}`);
    return start.outcome === "refused" ? 2 : 1;
  }
  const { site, isNew } = plan;
  const { root, for_ms, market: mode, signIn } = options;
  const engine = engineText(engineOf(readGenesis(plan.paths.genesis)));
  const facts = { web: run.web, root, ...site, isNew, for_ms, market: mode, engine, signIn };
  context.terminal.print(announcement(facts));
  if (options.open) openBrowser(run.web);
  const market = marketOf(life);
  market.start();
  const isOver = await over(life);
  await market.stop();
  if (options.report === undefined) return stopAll(life);
  const notes = await drain(life, isOver);
  await stopAll(life);
  context.terminal.progress("counting from the disk");
  const lines = await writeReport({
    paths: plan.paths,
    file: options.report,
    facts: { seed: options.seed, duration_ms: options.for_ms ?? 0, notes },
  });
  for (const line of lines) context.terminal.print(line);
  return 0;
}

/** The site's own market; what it cannot do is a remark. */
function marketOf({ options, context, plan, run }: Life): SiteMarket {
  const { paths, processes } = plan;
  const { seed, signIn } = options;
  const site = { paths, processes, web: run.web, seed, signIn, clock: systemClock };
  const note = (text: string): void => context.terminal.note(`market: ${text}`);
  return new SiteMarket({ site, mode: options.market, note });
}

/** Resolves with true when the time is over, false when it was cut short. */
async function over({ options, interrupted }: Life): Promise<boolean> {
  let cancel = (): void => {};
  const timed = new Promise<boolean>((resolve) => {
    if (options.for_ms === undefined) return;
    cancel = systemClock.after(options.for_ms, () => resolve(true));
  });
  const isOver = await Promise.race([timed, interrupted.then(() => false)]);
  // What is left of an hour would keep the command from ending.
  cancel();
  return isOver;
}

/** Stops the fleet, which delivers what it holds, and waits for the rest to arrive. */
async function drain({ run, context }: Life, isOver: boolean): Promise<readonly string[]> {
  const end_ms = systemClock.monotonic_ms() + drainLimit_ms;
  context.terminal.progress("sampling has ended; waiting until everything is durable and final");
  await run.supervisor.stopTogether(run.idsOf(["edge"]));
  const limit_ms = Math.max(0, end_ms - systemClock.monotonic_ms());
  const waits = await settle({ processes: run.processes, limit_ms });
  const cut = isOver ? [] : ["the run was cut short by a signal"];
  return [...cut, ...waits.map((wait) => `not settled in time: ${wait}`)];
}

async function stopAll({ run, context }: Life): Promise<number> {
  context.terminal.progress("stopping");
  await run.stop();
  context.terminal.progressDone();
  context.terminal.note("stopped; nothing is left running");
  return 0;
}

/** A page that does not open costs nothing: its address is printed. */
function openBrowser(url: string): void {
  const program = process.platform === "darwin" ? "open" : "xdg-open";
  const browser = spawn(program, [url], { detached: true, stdio: "ignore" });
  browser.once("error", () => {});
  browser.unref();
}

import { join } from "node:path";
import { SeededRandom } from "@voltfog/runtime";
import { systemClock } from "@voltfog/runtime/node";
import type { CommandContext } from "../command-context.ts";
import { complaint } from "../complaint.ts";
import { repeatedInLog, repeatedInStore } from "../report/repeated-frames.ts";
import { countSite, type RunReport } from "../report/write-report.ts";
import { freeBasePort } from "../site/free-base-port.ts";
import type { SiteProcess } from "../site/site-processes.ts";
import { openSiteRecord } from "../site/site-record.ts";
import { getJson } from "../up/http-json.ts";
import { interruption } from "../up/interruption.ts";
import { pause } from "../up/pause.ts";
import { readinessOf } from "../up/readiness.ts";
import { settle } from "../up/settle.ts";
import { SiteRun } from "../up/site-run.ts";
import { untilReady } from "../up/until-ready.ts";
import { planUp, type UpPlan } from "../up/up-plan.ts";
import { type Fault, type FaultTargets, planFaults } from "./fault-plan.ts";
import { FaultPlayer, type UnplannedDeath } from "./fault-player.ts";
import type { MemoryLook } from "./memory-trend.ts";
import { MemoryWatch } from "./memory-watch.ts";
import { SiteLinks } from "./site-links.ts";
import type { SoakOptions } from "./soak-options.ts";

/** From the last fault until everything is ready, sent, durable, stored and final. */
const settleLimit_ms = 180_000;
const looks = 360;
const progressStep_ms = 1000;
const recoverStep_ms = 500;

/** What a soak left to be told. */
export interface SoakRecord {
  readonly report: RunReport;
  readonly repeated: readonly string[];
  readonly framesLooked: number;
  readonly faults: readonly Fault[];
  readonly missed: readonly Fault[];
  readonly unplannedDeaths: readonly UnplannedDeath[];
  readonly memory: readonly MemoryLook[];
  readonly settled_ms: number;
  readonly processes: readonly SiteProcess[];
  readonly links: readonly string[];
}

/** Runs a whole site under faults, lets it settle, and counts what is on its disk. */
export async function runSoak(options: SoakOptions, context: CommandContext): Promise<SoakRecord> {
  const { folder, seed, rate_Hz, frameAge_ms } = options;
  const plan = await planUp(
    {
      root: join(folder, "site"),
      basePort: await freeBasePort(),
      asked: { units: options.units, vehicles: options.vehicles },
      fleet: undefined,
      datasets: options.datasets,
      outboxMax: undefined,
      natsUrl: undefined,
      influxUrl: undefined,
      market: "none",
      signIn: false,
      logLevel: "info",
      for_ms: undefined,
      report: undefined,
      open: false,
      ...{ rate_Hz, frameAge_ms, seed },
    },
    context.environment,
  );
  const links = await SiteLinks.open(plan.processes);
  const quiet = { ...context, terminal: { ...context.terminal, note: () => {} } };
  const run: SiteRun = new SiteRun({
    context: quiet,
    paths: plan.paths,
    processes: plan.processes,
    observe: (event) => player.observe(event),
  });
  const player = new FaultPlayer({ supervisor: () => run.supervisor, links });
  const interrupted = interruption(() => {
    run.supervisor.killAll();
    process.exit(130);
  });
  try {
    return await live({ options, context, plan, run, links, player, interrupted });
  } finally {
    player.heal();
    await run.stop();
    await links.close();
    plan.release();
  }
}

interface Life {
  readonly options: SoakOptions;
  readonly context: CommandContext;
  readonly plan: UpPlan;
  readonly run: SiteRun;
  readonly links: SiteLinks;
  readonly player: FaultPlayer;
  readonly interrupted: Promise<string>;
}

async function live(life: Life): Promise<SoakRecord> {
  const { options, context, run, links, player } = life;
  const start = await untilReady(life);
  if (start.outcome !== "ready") throw notRun("reason" in start ? start.reason : start.outcome);
  const step_ms = Math.max(200, options.for_ms / looks);
  const memory = new MemoryWatch({ pids: () => run.supervisor.pids(), step_ms });
  const faults = planFaults({
    random: new SeededRandom(options.seed),
    for_ms: options.for_ms,
    targets: targetsIn(run.processes, links.names),
  });
  player.play(faults);
  const wasCut = await untilOver(life, faults.length);
  memory.stop();
  player.heal();
  if (wasCut) throw notRun("interrupted");
  context.terminal.progress("no more faults; waiting until everything is durable and final");
  const from_ms = systemClock.monotonic_ms();
  const notes = await settled(run);
  const settled_ms = systemClock.monotonic_ms() - from_ms;
  await run.stop();
  context.terminal.progress("counting from the disk");
  return {
    ...(await count(life, notes)),
    faults: player.done,
    missed: player.missed,
    unplannedDeaths: player.unplannedDeaths,
    memory: memory.looks,
    settled_ms,
    processes: run.processes,
    links: links.names,
  };
}

/** Units and validators but the first of each share their job; the first ones are spared. */
function targetsIn(processes: readonly SiteProcess[], links: readonly string[]): FaultTargets {
  const many = processes.filter(({ role }) => role === "rsu" || role === "validator");
  const single = processes.filter((process) => !many.includes(process)).map(({ id }) => id);
  const ids = many.map(({ id }) => id);
  const spared = ids.filter((id) => id.endsWith("-1"));
  return { shared: ids.filter((id) => !spared.includes(id)), single, spared, links };
}

/** True when it was interrupted. */
async function untilOver(life: Life, planned: number): Promise<boolean> {
  const { for_ms, seed } = life.options;
  const start_ms = systemClock.monotonic_ms();
  let isCut = false;
  void life.interrupted.then(() => {
    isCut = true;
  });
  for (;;) {
    const left_ms = for_ms - (systemClock.monotonic_ms() - start_ms);
    if (isCut || left_ms <= 0) return isCut;
    const minute = Math.floor((for_ms - left_ms) / 60_000) + 1;
    const hits = `${life.player.done.length} of ${planned} faults`;
    life.context.terminal.progress(
      `minute ${minute} of ${Math.ceil(for_ms / 60_000)}, ${hits} (seed ${seed})`,
    );
    await pause(Math.min(progressStep_ms, left_ms));
  }
}

/** Waits for each stage of the way of a sample to be through; gives what was not in time. */
async function settled(run: SiteRun): Promise<readonly string[]> {
  const end_ms = systemClock.monotonic_ms() + settleLimit_ms;
  const waiting = await recovered(run, end_ms);
  await run.supervisor.stopTogether(run.idsOf(["edge"]));
  const limit_ms = Math.max(0, end_ms - systemClock.monotonic_ms());
  const waits = await settle({ processes: run.processes, limit_ms });
  return [...waiting, ...waits].map((wait) => `not settled in time: ${wait}`);
}

interface FleetStatus {
  readonly vehicles: readonly { readonly outbox: { readonly frames: number } }[];
}

/** Every process ready, and nothing of what the faults held back still with the vehicles. */
async function recovered(run: SiteRun, end_ms: number): Promise<readonly string[]> {
  const fleet = run.processes.find(({ role }) => role === "edge");
  for (;;) {
    const { waiting } = await readinessOf(run.processes);
    const status = getJson(
      `http://127.0.0.1:${fleet?.ports.http}/v1/status`,
    ) as Promise<FleetStatus>;
    const held = await status.then(heldBack, (thrown) => [String(thrown)]);
    const all = [...waiting, ...held];
    if (all.length === 0 || systemClock.monotonic_ms() > end_ms) return all;
    await pause(recoverStep_ms);
  }
}

/** Two frames of a vehicle may be on their way at any moment. */
function heldBack({ vehicles }: FleetStatus): readonly string[] {
  const frames = vehicles.reduce((sum, { outbox }) => sum + outbox.frames, 0);
  return frames > 2 * vehicles.length ? [`fleet: ${frames} frames not sent`] : [];
}

async function count(
  { options, plan }: Life,
  notes: readonly string[],
): Promise<Pick<SoakRecord, "report" | "repeated" | "framesLooked">> {
  const { seed, for_ms: duration_ms } = options;
  const report = await countSite({ paths: plan.paths, facts: { seed, duration_ms, notes } });
  const { units } = await openSiteRecord(plan.paths);
  const looks = [
    await repeatedInStore(join(plan.paths.root, "cloud")),
    ...(await Promise.all(units.map(({ log }) => repeatedInLog(log)))),
  ];
  return {
    report,
    repeated: looks.flatMap(({ repeated }) => repeated),
    framesLooked: looks.reduce((sum, { looked }) => sum + looked, 0),
  };
}

function notRun(why: string): Error {
  return complaint({
    code: "SOAK_NOT_RUN",
    what: `the soak did not run to its end: ${why}`,
    remedy: "see the logs of the site; --keep leaves them",
  });
}

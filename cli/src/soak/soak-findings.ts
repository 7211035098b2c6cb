import type { Facts, Findings, Goal, ReportRow } from "@voltfog/runtime";
import { reportRow } from "@voltfog/runtime";
import type { SiteProcess } from "../site/site-processes.ts";
import type { Fault } from "./fault-plan.ts";
import { type MemoryLook, type MemoryTrend, memoryTrends } from "./memory-trend.ts";
import type { SoakRecord } from "./run-soak.ts";
import type { SoakOptions } from "./soak-options.ts";

const none: Goal = { sense: "at-most", goal: 0 };
/** Memory that grows by more than this from the middle third to the last is not flat. */
const growthMax_pct = 10;

/** The rows by which a soak is judged. */
const goals: Readonly<Record<string, Goal>> = {
  "soak.unexplained_loss": none,
  "soak.duplicates": none,
  "soak.not_stored": none,
  "soak.in_outboxes": none,
  "soak.proofs_failed": none,
  "soak.unplanned_deaths": none,
  "soak.not_settled": none,
};
const growthGoal: Goal = { sense: "at-most", goal: growthMax_pct };
/** A shorter run is all warm-up: its growth is told and not judged. */
const judgedFrom_ms = 600_000;
const roles = ["edge", "rsu", "validator", "controller", "cloud"] as const;

/** A soak in the form of every bench. */
export function soakFindings(record: SoakRecord, options: SoakOptions): Findings {
  const { for_ms } = options;
  const trends = memoryTrends({ looks: record.memory, for_ms });
  const { folder: _, for_ms: __, datasets: ___, ...asked } = options;
  const growth = for_ms < judgedFrom_ms ? undefined : growthGoal;
  const growthGoals = growth && roles.map((role) => [growthMetric(role), growth]);
  return {
    method: methodText(record, options),
    inputs: {
      command: `voltfog soak --for ${Math.round(for_ms / 60_000)}m --out bench/results`,
      for_s: for_ms / 1000,
      ...asked,
      goals: { ...goals, ...Object.fromEntries(growthGoals ?? []) },
    },
    rows: [...countRows(record), ...memoryRows({ trends, processes: record.processes, growth })],
    items: [
      {
        of: "faults",
        ...tally(record.faults.map(({ kind }) => kind)),
        missed: record.missed.length,
      },
      { of: "refusals", ...record.report.framesRefused },
      { of: "chain", ...chainFacts(record) },
      { of: "latencies_ms", ...record.report.latencies_ms },
      ...(record.report.notes.length > 0 ? [{ of: "notes", notes: record.report.notes }] : []),
      ...record.unplannedDeaths.map((death) => ({ of: "unplanned death", ...death })),
      ...record.processes.map((process) => processFacts({ process, record, trends })),
      ...record.links.map((name) => ({ of: "link", name, ...hits(record.faults, name) })),
    ],
  };
}

/** True when every row that has a goal meets it. */
export function isSound(findings: Pick<Findings, "rows">): boolean {
  return findings.rows.every(({ met }) => met !== false);
}

function methodText({ processes, faults }: SoakRecord, o: SoakOptions): string {
  return [
    `The whole system as voltfog up runs it, ${processes.length} processes on this machine: ${o.vehicles} vehicles sampling ${o.rate_Hz} times a second, frames of at most ${o.frameAge_ms / 1000} s, ${o.units} units, each with a validator, controller and cloud.`,
    `For ${o.for_ms / 60_000} min ${faults.length} faults hit processes and links at times and places drawn from seed ${o.seed}: kill -9 with supervised restart, SIGSTOP for 0.5 to 8 s, a unit or validator killed and kept away for 10 to 40 s, links cut for 1 to 15 s, links that carry one way only for 1 to 6 s, links slowed to 32 kB/s.`,
    "Then the faults end, everything settles and stops, and all is counted from the disk: vehicles' journals against units' logs against the cloud's store.",
    "Durable here means that it survives kill -9; a kill shows no missing fdatasync, which other tests look for.",
    `Resident memory is looked at in even steps; growth is the median of the last third over that of the middle third, the first third counts as warm-up; goal at most ${growthMax_pct} % in a run of ten minutes or more. It is told of processes that lived through both thirds: the first unit and validator are never killed, edge, controller and cloud in the first third only.`,
  ].join(" ");
}

function countRows({ report, ...record }: SoakRecord): readonly ReportRow[] {
  const row = (metric: string, unit: string, value: number): ReportRow =>
    reportRow({ metric, unit, values: [value], goal: goals[metric] });
  const samples = (name: string, value: number): ReportRow => row(`soak.${name}`, "samples", value);
  return [
    row("soak.faults", "faults", record.faults.length),
    samples("samples_sent", report.samplesSent),
    samples("samples_durable", report.samplesDurable),
    samples("samples_declared", report.samplesInGaps),
    samples("samples_refused", report.samplesRefused),
    samples("in_outboxes", report.samplesInOutboxes),
    samples("unexplained_loss", report.unexplainedLoss),
    samples("not_stored", Math.abs(report.samplesDurable - report.samplesStored)),
    row("soak.duplicates", "frames", record.repeated.length),
    row("soak.proofs_verified", "proofs", report.verified.checked - report.verified.failed),
    row("soak.proofs_failed", "proofs", report.verified.failed),
    row("soak.unplanned_deaths", "processes", record.unplannedDeaths.length),
    row("soak.settled_s", "s", record.settled_ms / 1000),
    row("soak.not_settled", "stages", report.notes.length),
  ];
}

function memoryRows(o: {
  trends: readonly MemoryTrend[];
  processes: readonly SiteProcess[];
  growth: Goal | undefined;
}): readonly ReportRow[] {
  const { trends, processes } = o;
  return roles.flatMap((role) => {
    const ids = processes.filter((process) => process.role === role).map(({ id }) => id);
    const own = trends.filter(({ id }) => ids.includes(id));
    if (own.length === 0) return [];
    const growths = own.map(({ growth }) => 100 * growth);
    const slopes = own.map(({ slopePerHour_MB }) => slopePerHour_MB);
    const sizes = own.map(({ last_MB }) => last_MB);
    return [
      reportRow({ metric: growthMetric(role), unit: "%", values: growths, goal: o.growth }),
      reportRow({ metric: `soak.rss_slope.${role}`, unit: "MB/h", values: slopes }),
      reportRow({ metric: `soak.rss.${role}`, unit: "MB", values: sizes }),
    ];
  });
}

function growthMetric(role: string): string {
  return `soak.rss_growth_pct.${role}`;
}

function chainFacts({ report }: SoakRecord): Facts {
  const { blocksFinal, checkpointsFinal, eventsFinal } = report;
  return { blocksFinal, checkpointsFinal, eventsFinal };
}

function processFacts(o: {
  process: SiteProcess;
  record: SoakRecord;
  trends: readonly MemoryTrend[];
}): Facts {
  const { id } = o.process;
  const looks = o.record.memory.filter((look) => look.id === id);
  const trend = o.trends.find((one) => one.id === id);
  return {
    of: "process",
    id,
    lives: new Set(looks.map(({ pid }) => pid)).size,
    ...hits(o.record.faults, id),
    ...(trend === undefined ? {} : { slopePerHour_MB: rounded(trend.slopePerHour_MB) }),
    residentThroughTime_MB: timeline(looks),
  };
}

/** Thirty-one looks in even steps, the first and the last included. */
function timeline(looks: readonly MemoryLook[]): string {
  const steps = 30;
  const picked = Array.from({ length: steps + 1 }, (_, i) =>
    looks.at(Math.round((i * (looks.length - 1)) / steps)),
  );
  return picked.map((look) => Math.round(look?.resident_MB ?? 0)).join(" ");
}

function hits(faults: readonly Fault[], target: string): Readonly<Record<string, number>> {
  return tally(faults.filter((fault) => fault.target === target).map(({ kind }) => kind));
}

function tally(names: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

function rounded(value: number): number {
  return Math.round(10 * value) / 10;
}

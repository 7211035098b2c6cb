import type { GateRun, SimulationRun } from "@voltfog/consensus/simulation";
import { type EngineChoice, engineNames } from "@voltfog/ledger";
import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { complaint } from "../complaint.ts";
import { parseWhole } from "../flag-values.ts";
import { progressText } from "../progress-text.ts";
import { engineFlagText, parseEngine } from "../site/engine-flag.ts";

interface ChainFlags {
  readonly engine: string;
  readonly seeds: string;
  readonly n?: string;
  readonly mutation?: string;
  readonly gate?: boolean;
  readonly json?: boolean;
}

/** So that four sizes with a liar among them fit below 31 voters. */
const redundantMax = 12;
const seedMax = 2 ** 31 - 1;
const scenariosMax = 1_000_000;

/** `voltfog simulate chain`: the real consensus engine in virtual time, among faults and liars. */
export async function simulateChainCommand(context: CommandContext): Promise<Command> {
  const { mutationsOf } = await import("@voltfog/consensus/simulation");
  const names = engineNames.flatMap((name) => Object.keys(mutationsOf({ name, redundant: 0 })));
  return new Command("chain")
    .summary("Run the consensus engine through seeded faults, and check what must hold")
    .description(
      "Runs the real engine on virtual time: crashes that lose unsynced writes, partitions, losses, delays, repeated and reordered messages, clocks that are off, replayed transactions, and up to f liars. Checkers watch agreement, validity, certificates, votes, memory and liveness. Exit code 1 where one objects; with --mutation, where none that should does.",
    )
    .option("--engine <name>", engineFlagText, "poa")
    .option(
      "--seeds <A..B>",
      "whole numbers, both ends included; one seed is one scenario",
      "0..99",
    )
    .option(
      "--n <voters>",
      "4 + 2c to 31; by the seed one of the first four of these where not given",
    )
    .option(
      "--mutation <name>",
      `a known mistake in every voter: ${[...new Set(names)].join(", ")}`,
    )
    .option(
      "--gate",
      "every known mistake of the engine in turn, each in the seeds 0..9999 until it is caught",
    )
    .option("--json", "print the run as JSON, one row for each scenario")
    .addHelpText(
      "after",
      "\nExamples:\n  voltfog simulate chain --seeds 0..999\n  voltfog simulate chain --engine poa --seeds 0..9999 --mutation quorum-one-short --json\n  voltfog simulate chain --engine sbft:1 --seeds 0..999\n  voltfog simulate chain --engine linear --gate",
    )
    .action((flags: ChainFlags) =>
      flags.gate === true ? passGate(flags, context) : simulateChain(flags, context),
    );
}

const gateScenarios = 10_000;

async function passGate(flags: ChainFlags, { terminal }: CommandContext): Promise<void> {
  const { mutationsOf, runGate } = await import("@voltfog/consensus/simulation");
  const engine = engineOf(flags);
  const names = Object.keys(mutationsOf(engine));
  const run = runGate({
    engine,
    scenariosMax: gateScenarios,
    progress: (mutation, done) => {
      if (done % 20 !== 0) return;
      const doing = `${mutation}, scenario ${done}`;
      terminal.progress(
        progressText({ done: names.indexOf(mutation), total: names.length, doing }),
      );
    },
  });
  terminal.progressDone();
  if (flags.json === true) terminal.print(JSON.stringify(run));
  else for (const line of gateText(run)) terminal.print(line);
  if (run.caught < run.total) process.exitCode = 1;
}

function gateText({ rows, caught, total }: GateRun): string[] {
  const width = Math.max(...rows.map(({ mutation }) => mutation.length));
  const lines = rows.map(({ mutation, caught: catching, scenarios, replay }) => {
    const name = mutation.padEnd(width);
    if (catching === null) return `${name}  not caught in ${scenarios} scenarios`;
    return `${name}  ${catching.checker}, scenario ${scenarios}  ${replay}`;
  });
  return [...lines, `${caught} of ${total} caught`];
}

async function simulateChain(flags: ChainFlags, { terminal }: CommandContext): Promise<void> {
  const { mutationsOf, runSeeds } = await import("@voltfog/consensus/simulation");
  const engine = engineOf(flags);
  const { mutation } = flags;
  if (mutation !== undefined) {
    oneOf({ flag: "--mutation", value: mutation, known: Object.keys(mutationsOf(engine)) });
  }
  const seeds = seedsOf(flags.seeds);
  const total = seeds.to - seeds.from + 1;
  const step = Math.ceil(total / 50);
  const start = process.cpuUsage();
  const run = runSeeds({
    engine,
    seeds,
    mutation,
    voters:
      flags.n === undefined
        ? undefined
        : parseWhole({ flag: "--n", text: flags.n, min: 4 + 2 * engine.redundant, max: 31 }),
    progress: (done) => {
      if (done % step === 0) {
        terminal.progress(progressText({ done, total, doing: "simulating" }));
      }
    },
  });
  terminal.progressDone();
  const { user, system } = process.cpuUsage(start);
  const cpu_s = Math.max(1e-3, (user + system) / 1e6);
  const perCpuHour = Math.round((3600 * run.scenarios.length) / cpu_s);
  const figures = { ...run, cpu_s, scenariosPerCpuHour: perCpuHour };
  if (flags.json === true) terminal.print(JSON.stringify(figures));
  else for (const line of textOf(run, perCpuHour)) terminal.print(line);
  const isWell = mutation === undefined ? run.violations === 0 : run.caught !== null;
  if (!isWell) process.exitCode = 1;
}

function engineOf({ engine }: ChainFlags): EngineChoice {
  const choice = parseEngine(engine);
  if (choice.redundant <= redundantMax) return choice;
  throw complaint({
    code: "VALUE_INVALID",
    what: `--engine ${engine} has more redundant voters than a simulation`,
    remedy: `give at most ${redundantMax}`,
  });
}

function textOf(run: SimulationRun, perCpuHour: number): string[] {
  const { scenarios, faults, caught, mutation } = run;
  const lines = [
    `${scenarios.length} scenarios of engine ${run.engine}, n ${range(scenarios.map(({ n }) => n))}, ${range(scenarios.map(({ heights }) => heights))} blocks, trace ${run.traceHash}; ${perCpuHour} scenarios in an hour of one core`,
    `faults: ${Object.entries(faults)
      .map(([kind, count]) => `${count} ${kind}`)
      .join(", ")}`,
  ];
  for (const { seed, violated, problem, replay } of scenarios) {
    if (violated === null) continue;
    lines.push(`seed ${seed}: ${violated}: ${problem}`, `  again: ${replay}`);
  }
  if (mutation === null) lines.push(`${run.violations} violations`);
  else if (caught === null) lines.push(`${mutation}: not caught`);
  else lines.push(`${mutation}: caught at seed ${caught.seed} by the checker of ${caught.checker}`);
  return lines;
}

function range(values: readonly number[]): string {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return least === most ? `${least}` : `${least} to ${most}`;
}

function oneOf(options: { flag: string; value: string; known: readonly string[] }): void {
  if (options.known.includes(options.value)) return;
  throw complaint({
    code: "VALUE_INVALID",
    what: `${options.flag} ${options.value} is not known`,
    remedy: `choose from ${options.known.join(", ")}`,
  });
}

function seedsOf(text: string): { from: number; to: number } {
  const match = /^(\d{1,10})(?:\.\.(\d{1,10}))?$/.exec(text);
  const from = Number(match?.[1] ?? Number.NaN);
  const to = Number(match?.[2] ?? from);
  if (from <= to && to <= seedMax && to - from < scenariosMax) return { from, to };
  throw complaint({
    code: "VALUE_INVALID",
    what: `--seeds ${text} is no range of seeds`,
    remedy: `write A..B with 0 <= A <= B <= ${seedMax}, at most ${scenariosMax} of them`,
  });
}

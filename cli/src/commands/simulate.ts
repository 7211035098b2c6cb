import { readFileSync } from "node:fs";
import {
  decodeFaultFile,
  type PackPresetId,
  packPresets,
  type VehicleFault,
} from "@voltfog/battery";
import { messageOf } from "@voltfog/runtime";
import { systemClock } from "@voltfog/runtime/node";
import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { complaint } from "../complaint.ts";
import { parseWhole } from "../flag-values.ts";
import { progressText } from "../progress-text.ts";
import { evaluationCommand } from "./evaluate.ts";
import { simulateChainCommand } from "./simulate-chain.ts";
import { fleetHistoryCommand } from "./simulate-fleet-history.ts";

interface FleetFlags {
  readonly vehicles: string;
  readonly days: string;
  readonly seed: string;
  readonly preset: string;
  readonly step: string;
  readonly faults?: string;
  readonly out: string;
  readonly json?: boolean;
}

/** `voltfog simulate`: packs and drivers that exist only as equations. */
export async function simulateCommand(context: CommandContext): Promise<Command> {
  const { driversEvaluation } = await import("@voltfog/datasets");
  return new Command("simulate")
    .description(
      "Simulates battery packs, drivers who look for a charger, or validators among faults; everything it writes is labelled simulated.",
    )
    .addCommand(fleetCommand(context))
    .addCommand(await simulateChainCommand(context))
    .addCommand(fleetHistoryCommand(context))
    .addCommand(evaluationCommand(driversEvaluation, context));
}

function fleetCommand(context: CommandContext): Command {
  return new Command("fleet")
    .summary("Write the readings of a fleet over days, with faults whose truth is known")
    .description(
      "Simulates vehicles that drive synthetic routes, charge and park, and writes vehicle-<n>.pack for each and truth.json. The same seed gives the same bytes; a fault changes nothing before its onset. Formats and limits: docs/specs/pack-simulator.md.",
    )
    .requiredOption("--out <dir>", "an empty or new folder for the files")
    .option("--vehicles <n>", "how many, 1 to 10000", "10")
    .option("--days <d>", "simulated days, 1 to 3650", "7")
    .option("--seed <s>", "a whole number; another gives other packs, drivers and weather", "1")
    .option("--faults <file>", "JSON with faults and their onsets")
    .option("--preset <name>", `${Object.keys(packPresets).join(", ")}`, "nmc96")
    .option(
      "--step <seconds>",
      "between samples while driving, 1 to 60; charging ten times, parked sixty times that, at most 600",
      "1",
    )
    .option("--json", "print {samples, bytes, simulated_s, wall_s, factor} as JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  voltfog simulate fleet --vehicles 20 --days 30 --seed 7 --out fleet\n  voltfog simulate fleet --vehicles 3 --days 5 --faults faults.json --preset lfp100 --out fleet",
    )
    .action((flags: FleetFlags) => simulate(flags, context));
}

async function simulate(flags: FleetFlags, { terminal }: CommandContext): Promise<void> {
  const vehicles = parseWhole({ flag: "--vehicles", text: flags.vehicles, min: 1, max: 10_000 });
  const days = parseWhole({ flag: "--days", text: flags.days, min: 1, max: 3650 });
  const seed = parseWhole({ flag: "--seed", text: flags.seed, min: 0, max: 2 ** 32 - 1 });
  const step_s = parseWhole({ flag: "--step", text: flags.step, min: 1, max: 60 });
  const preset = presetOf(flags.preset);
  const faults = faultsOf(flags.faults, { preset, vehicles, days });
  const { simulateFleet } = await import("@voltfog/datasets");
  const start_ms = systemClock.monotonic_ms();
  const run = simulateFleet({
    out: flags.out,
    seed,
    vehicles,
    days,
    preset,
    faults,
    steps: {
      driving_s: step_s,
      charging_s: Math.min(600, 10 * step_s),
      parked_s: Math.min(600, 60 * step_s),
    },
    onVehicle: (done) =>
      terminal.progress(progressText({ done, total: vehicles, doing: "simulating" })),
  });
  terminal.progressDone();
  const wall_s = Math.max(0.001, (systemClock.monotonic_ms() - start_ms) / 1000);
  const factor = Math.round(run.simulated_s / wall_s);
  if (flags.json === true) {
    terminal.print(JSON.stringify({ ...run, wall_s, factor }, null, 2));
    return;
  }
  terminal.print(
    `simulated: ${vehicles} vehicles x ${days} days, ${faults.length} faults, ${run.samples} samples, ` +
      `${(run.bytes / 1e6).toFixed(1)} MB in ${flags.out}; ${wall_s.toFixed(1)} s, ${factor} times faster than real time`,
  );
}

function presetOf(name: string): PackPresetId {
  if (Object.hasOwn(packPresets, name)) return name as PackPresetId;
  throw complaint({
    code: "PRESET_UNKNOWN",
    what: `there is no preset ${JSON.stringify(name)}`,
    remedy: `choose from ${Object.keys(packPresets).join(", ")}`,
  });
}

function faultsOf(
  file: string | undefined,
  fleet: { preset: PackPresetId; vehicles: number; days: number },
): readonly VehicleFault[] {
  if (file === undefined) return [];
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (thrown) {
    throw complaint({
      code: "FILE_UNREADABLE",
      what: `${file}: ${messageOf(thrown)}`,
      remedy: "name a file that you can read",
    });
  }
  const { cells, sensors } = packPresets[fleet.preset];
  const decoded = decodeFaultFile(text, { ...fleet, cells, sensors });
  if (decoded.ok) return decoded.value;
  throw complaint({
    code: decoded.problem.code,
    what: `${file}: ${decoded.problem.detail}`,
    remedy: "correct it as docs/specs/pack-simulator.md says",
  });
}

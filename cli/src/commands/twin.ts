import {
  type ChargePattern,
  type ChargePlan,
  chargeStart,
  controlSuggestions,
  forecastCharge,
  twinStatus,
} from "@voltfog/battery";
import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { complaint } from "../complaint.ts";
import { parseNumber, parsePower_kW } from "../flag-values.ts";
import { followedTwin, type NamedTwin, savedTwins } from "../twin/open-twins.ts";
import { forecastText, statusText } from "../twin/twin-text.ts";

interface SourceFlags {
  readonly dataDir: string;
  readonly vehicle?: string;
  readonly data?: string;
  readonly json?: boolean;
}

interface WhatIfFlags extends SourceFlags {
  readonly charger: string;
  readonly to: string;
  readonly ambient: string;
  readonly from?: string;
  readonly pack?: string;
  readonly currentMax?: string;
  readonly pattern: string;
  readonly precondition?: boolean;
}

/** `voltfog twin`: what the digital twin of a pack says, from the agent's folder or a file, offline. */
export function twinCommand(context: CommandContext): Command {
  return new Command("twin")
    .description(
      "Asks the digital twin of a pack. It reads what the agent saved, at most a minute old, so no process and no network are needed. Equations, limits and errors: docs/specs/twin.md.",
    )
    .addCommand(statusCommand(context))
    .addCommand(whatIfCommand(context));
}

function withSource(command: Command): Command {
  return command
    .option(
      "--data-dir <dir>",
      "data folder of the agent, of one vehicle, or of a site",
      ".voltfog",
    )
    .option("--vehicle <id>", "one of the vehicles there")
    .option("--data <file>", "a pack file of voltfog simulate fleet in place of an agent's folder");
}

function statusCommand({ terminal }: CommandContext): Command {
  return withSource(new Command("status"))
    .summary("Charge, energy, power, wear, residuals and hints of a pack, each with its interval")
    .description(
      "Prints what each saved twin says: estimates with their 95 % intervals, residuals, anomaly score and maintenance hints.",
    )
    .option("--json", "print a list of {vehicle, source, status}")
    .addHelpText(
      "after",
      "\nExamples:\n  voltfog twin status\n  voltfog twin status --data-dir .voltfog/fleet --vehicle vehicle-01 --json\n  voltfog twin status --data fleet/vehicle-0001.pack",
    )
    .action(async (flags: SourceFlags) => {
      const told = (await twinsOf(flags)).map((named) => ({ ...named, status: statusOf(named) }));
      const list = told.map(({ vehicle, source, status }) => ({ vehicle, source, status }));
      if (flags.json === true) terminal.print(JSON.stringify(list, null, 2));
      else {
        const texts = told.map(({ vehicle, status, at_ms }) => statusText(vehicle, status, at_ms));
        terminal.print(texts.join("\n\n"));
      }
    });
}

function whatIfCommand({ terminal }: CommandContext): Command {
  return withSource(new Command("what-if"))
    .summary("How long a charge would take, how warm the pack would get, and what it would wear")
    .description(
      "Forecasts a charge from the pack's state: time, temperature, energy and wear with intervals, and what would be better. Nothing is sent anywhere and nothing is switched.",
    )
    .requiredOption("--charger <power>", "what the charger gives, such as 11kW or 50kW")
    .option("--to <soc>", "state of charge to reach, 0 to 1", "0.8")
    .option("--ambient <degC>", "temperature outside, −40 to 55", "20")
    .option("--from <soc>", "start from this charge, 0 to 1, in place of the pack's")
    .option("--pack <degC>", "start from this pack temperature, −40 to 70, in place of the pack's")
    .option("--current-max <A>", "the pack's own bound; 1 C unless given")
    .option("--pattern <name>", "guarded (as charging-control does) or plain", "guarded")
    .option("--precondition", "with the coolant heated while the pack is cold")
    .option("--json", "print {vehicle, source, start, plan, forecast, suggestions}")
    .addHelpText(
      "after",
      "\nExamples:\n  voltfog twin what-if --vehicle vehicle-01 --charger 50kW --to 0.8 --ambient 5\n  voltfog twin what-if --data fleet/vehicle-0001.pack --charger 150kW --ambient -10 --pack -5 --precondition --json",
    )
    .action(async (flags: WhatIfFlags) => {
      const named = one(await twinsOf(flags));
      const result = whatIf(named, flags);
      const { vehicle, source } = named;
      if (flags.json === true) {
        const { cell, ...start } = result.start;
        const told = { vehicle, source, start: { cell: cell.name, ...start } };
        const { plan, forecast, suggestions } = result;
        terminal.print(JSON.stringify({ ...told, plan, forecast, suggestions }, null, 2));
      } else terminal.print(forecastText({ vehicle, fromSoc: result.start.soc, ...result }));
    });
}

type WhatIf = Omit<Parameters<typeof forecastText>[0], "vehicle" | "fromSoc"> & {
  readonly start: Parameters<typeof forecastCharge>[0]["start"];
};

function whatIf(named: NamedTwin, flags: WhatIfFlags): WhatIf {
  const begun = chargeStart(named.twin) ?? silent(named);
  const { capacity_Ah } = named.twin.options;
  const number = (flag: string, text: string, min: number, max: number): number =>
    parseNumber({ flag, text, min, max });
  const soc = flags.from === undefined ? begun.start.soc : number("--from", flags.from, 0, 1);
  const behind = begun.start.fullestSoc - begun.start.soc;
  const start = {
    ...begun.start,
    soc,
    fullestSoc: Math.min(1, soc + behind),
    cell_degC:
      flags.pack === undefined ? begun.start.cell_degC : number("--pack", flags.pack, -40, 70),
  };
  const plan: ChargePlan = {
    pattern: patternOf(flags.pattern),
    charger_kW: parsePower_kW({ flag: "--charger", text: flags.charger }),
    currentMax_A:
      flags.currentMax === undefined
        ? capacity_Ah
        : number("--current-max", flags.currentMax, 0.1, 10_000),
    targetSoc: number("--to", flags.to, 0, 1),
    ambient_degC: number("--ambient", flags.ambient, -40, 55),
    isPreconditioned: flags.precondition === true,
  };
  // A charge that the user names is taken as it is said.
  const doubt = flags.from === undefined ? begun.doubt : { ...begun.doubt, soc: 0 };
  const made = forecastCharge({ start, plan, doubt });
  if (made.ok) {
    const suggestions = controlSuggestions({ start, plan, doubt });
    return { start, plan, forecast: made.value, suggestions };
  }
  const { name, value, min, max } = made.problem;
  throw complaint({
    code: made.problem.code,
    what: `${name} is ${value}, a forecast is made for ${min} to ${max}`,
    remedy: "ask for a charge within that",
  });
}

async function twinsOf(flags: SourceFlags): Promise<readonly NamedTwin[]> {
  if (flags.data !== undefined) return [await followedTwin(flags.data)];
  return savedTwins(flags.dataDir, flags.vehicle);
}

function one(twins: readonly NamedTwin[]): NamedTwin {
  const [first] = twins;
  if (first !== undefined && twins.length === 1) return first;
  throw complaint({
    code: "VEHICLE_AMBIGUOUS",
    what: `there are twins of ${twins.map(({ vehicle }) => vehicle).join(", ")}`,
    remedy: "choose one with --vehicle",
  });
}

function statusOf(named: NamedTwin): NonNullable<ReturnType<typeof twinStatus>> {
  return twinStatus(named.twin) ?? silent(named);
}

function silent({ source }: NamedTwin): never {
  throw complaint({
    code: "TWIN_SILENT",
    what: `${source} holds no sound reading`,
    remedy: "wait for one, or name another vehicle",
  });
}

function patternOf(text: string): ChargePattern {
  if (text === "guarded" || text === "plain") return text;
  throw complaint({
    code: "PATTERN_UNKNOWN",
    what: `--pattern is ${JSON.stringify(text)}`,
    remedy: "give guarded or plain",
  });
}

import { existsSync } from "node:fs";
import { join } from "node:path";
import { library, type NetworkFunction } from "@voltfog/fog-rsu";
import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { complaint } from "../complaint.ts";
import { type FunctionReplay, type RecordedFinding, replayUnit } from "../functions/replay-unit.ts";
import { progressText } from "../progress-text.ts";
import {
  deployCommand,
  deployedLines,
  measureCommand,
  rollbackCommand,
} from "./functions-deploy.ts";
import { table } from "./functions-table.ts";

interface ReplayFlags {
  readonly function?: string;
  readonly vehicle?: string;
  readonly json?: boolean;
}

const shownMax = 40;

/** `voltfog functions`: what a unit can run, and what a function says to a log when it is run again. */
export function functionsCommand(context: CommandContext): Command {
  return new Command("functions")
    .description(
      "List the functions of a roadside unit, put another version in service, or run them again over a unit's log.",
    )
    .addCommand(listCommand(context))
    .addCommand(deployCommand(context))
    .addCommand(rollbackCommand(context))
    .addCommand(measureCommand(context))
    .addCommand(replayCommand(context));
}

function listCommand({ terminal }: CommandContext): Command {
  return new Command("list")
    .summary("Show each function with its version, rate and what it asks of a unit")
    .description(
      "Lists the functions that come with a unit, alerts first, and those that are deployed on a site.",
    )
    .option("--json", "print the manifests of what comes with a unit as JSON")
    .option("--data <dir>", "folder of the site", ".voltfog")
    .addHelpText("after", "\nExamples:\n  voltfog functions list\n  voltfog functions list --json")
    .action(async (flags: { json?: boolean; data: string }) => {
      const manifests = library.map(({ manifest }) => manifest);
      if (flags.json) return terminal.print(JSON.stringify(manifests, null, 2));
      const rows = manifests.map(({ id, version, latencyClass, rate_Hz, cpu, memory_MB }) => [
        id,
        version,
        latencyClass,
        latencyClass === "alert" ? "every sample" : `${rate_Hz} Hz`,
        String(cpu),
        `${memory_MB} MB`,
      ]);
      terminal.print(table([["function", "version", "class", "sees", "cores", "memory"], ...rows]));
      for (const line of await deployedLines(flags.data)) terminal.print(line);
    });
}

function replayCommand(context: CommandContext): Command {
  return new Command("replay")
    .summary("Run functions again over a unit's log and compare with what it recorded")
    .description(
      "Reads every frame of a unit's log in order, runs the functions over it from the start, prints what they find, and compares it with the events in the unit's journal. What a function finds follows from the frames alone; an event that is not found again was found by a function that had not seen the whole log, because it was restarted, shed samples or served the vehicle for a part of the time. Exit code 1 when an event was not found again. Works beside a running unit.",
    )
    .argument("<folder>", "a unit's data folder, such as .voltfog/unit-1")
    .option("--function <id>", "only this function, from voltfog functions list")
    .option("--vehicle <id>", "only this vehicle")
    .option("--json", "print events, commands, estimates and the comparison as JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  voltfog functions replay .voltfog/unit-1\n  voltfog functions replay .voltfog/unit-1 --function thermal-alert --vehicle vehicle-01 --json",
    )
    .action(async (folder: string, flags: ReplayFlags) => {
      if (!existsSync(join(folder, "log"))) {
        throw complaint({
          code: "FOLDER_UNREADABLE",
          what: `${folder} holds no unit's log`,
          remedy: "name a unit's data folder, such as .voltfog/unit-1",
        });
      }
      const { terminal } = context;
      const replay = await replayUnit({
        folder,
        functions: chosen(flags.function),
        vehicleId: flags.vehicle,
        progress: (step) => terminal.progress(progressText(step)),
      });
      terminal.progressDone();
      if (flags.vehicle !== undefined && replay.frames === 0) {
        throw complaint({
          code: "VEHICLE_UNKNOWN",
          what: `${folder} holds no frame of ${flags.vehicle}`,
          remedy: "see voltfog status for vehicles and the units that serve them",
        });
      }
      terminal.print(flags.json ? JSON.stringify(replay, null, 2) : textOf(replay));
      context.exitCode = replay.notReproduced.length === 0 ? 0 : 1;
    });
}

function chosen(id: string | undefined): readonly NetworkFunction[] {
  const functions = library.filter(({ manifest }) => id === undefined || manifest.id === id);
  if (functions.length > 0) return functions;
  throw complaint({
    code: "FUNCTION_UNKNOWN",
    what: `there is no function ${id}`,
    remedy: `name one of ${library.map(({ manifest }) => manifest.id).join(", ")}`,
  });
}

function textOf(replay: FunctionReplay): string {
  const { frames, samples, events, commands, recorded, notReproduced, added } = replay;
  const lines = [
    `${frames} frames, ${samples} samples: ${events.length} events, ${commands.length} commands`,
    ...listed("events", events),
    recorded === 0 && events.length === 0
      ? "The unit recorded no event of these functions, and none is found."
      : `${recorded - notReproduced.length} of ${recorded} recorded events found again, ${added.length} more found.`,
    ...listed("recorded, not found again", notReproduced),
  ];
  return lines.join("\n");
}

function listed(title: string, events: readonly RecordedFinding[]): readonly string[] {
  if (events.length === 0) return [];
  const shown = events.slice(0, shownMax).map(({ functionId, at_ms, state, sentence }) => {
    return `  ${new Date(at_ms).toISOString()} ${functionId} ${state}: ${sentence}`;
  });
  const left = events.length - shown.length;
  return [`${title}:`, ...shown, ...(left > 0 ? [`  and ${left} more; --json prints all`] : [])];
}

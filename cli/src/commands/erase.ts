import { existsSync } from "node:fs";
import { systemClock } from "@voltfog/runtime/node";
import { Command, Option } from "commander";
import type { CommandContext } from "../command-context.ts";
import { complaint } from "../complaint.ts";
import {
  type ErasureOutcome,
  type ErasureRequest,
  orderErasure,
} from "../erasure/order-erasure.ts";
import { parseWhole } from "../flag-values.ts";
import { sitePaths } from "../site/site-folder.ts";
import { showTaskProgress } from "../task-flags.ts";

interface EraseFlags {
  readonly vehicle: string;
  readonly stream?: "telemetry" | "urgent";
  readonly sequence?: string;
  readonly from?: string;
  readonly to?: string;
  readonly all?: boolean;
  readonly by: string;
  readonly reason: string;
  readonly data: string;
  readonly json?: boolean;
}

const beyondReach =
  "Not reached: backups, exports, bundles that were handed out, samples in an InfluxDB, messages in a NATS broker.";

/** `voltfog erase`: frames and their salts out of every folder of a site. */
export function eraseCommand(context: CommandContext): Command {
  return new Command("erase")
    .description(
      "Overwrites frames of a vehicle, with their salts, wherever a process of the site keeps them, and removes the samples and events that came of them. Log entries, checkpoints, blocks and all other proofs stay. The processes that hold frames start anew one after the other. Exit code 1 where one of them has yet to erase, which it does before it opens anything.",
    )
    .requiredOption("--vehicle <id>", "the vehicle, such as vehicle-01")
    .addOption(
      new Option("--stream <stream>", "of this stream only").choices(["telemetry", "urgent"]),
    )
    .option("--sequence <n>", "this frame")
    .option("--from <n>", "the frames from this one on")
    .option("--to <n>", "the frames up to this one")
    .option("--all", "everything of the vehicle")
    .requiredOption("--by <who>", "who orders it; kept beside the log")
    .requiredOption("--reason <text>", "why; kept beside the log, so name no person")
    .option("--data <dir>", "folder of the site", ".voltfog")
    .option("--json", "print {vehicle, processes, notReached} as JSON")
    .addHelpText(
      "after",
      `\n${beyondReach}\n\nExamples:\n  voltfog erase --vehicle vehicle-03 --sequence 17 --by privacy-desk --reason "request 12"\n  voltfog erase --vehicle vehicle-03 --all --by privacy-desk --reason "sold, request 13"`,
    )
    .action(async (flags: EraseFlags) => {
      context.exitCode = await erase(flags, context);
    });
}

async function erase(flags: EraseFlags, { terminal }: CommandContext): Promise<number> {
  if (!existsSync(sitePaths(flags.data).genesis)) {
    throw complaint({
      code: "SITE_MISSING",
      what: `${flags.data} holds no Voltfog site`,
      remedy: "name its folder with --data",
    });
  }
  const { vehicle, stream = null, by, reason } = flags;
  const request: ErasureRequest = { vehicle, stream, range: rangeOf(flags), by, reason };
  const processes = await orderErasure(flags.data, request, {
    clock: systemClock,
    progress: showTaskProgress(terminal),
  });
  terminal.progressDone();
  const isDone = processes.every(({ state }) => state === "erased");
  if (flags.json) {
    terminal.print(JSON.stringify({ vehicle, processes, notReached: beyondReach }, null, 2));
  } else {
    terminal.print([...processes.map(lineOf), beyondReach].join("\n"));
  }
  return isDone ? 0 : 1;
}

/** Undefined for everything; RANGE_INVALID where the flags name nothing, or two things. */
function rangeOf(flags: EraseFlags): ErasureRequest["range"] {
  const { sequence, from, to, all, stream } = flags;
  const invalid = (what: string): Error =>
    complaint({
      code: "RANGE_INVALID",
      what,
      remedy: "name --sequence, --from and --to, or --all",
    });
  const named = [sequence !== undefined, from !== undefined || to !== undefined, all === true];
  if (named.filter(Boolean).length !== 1) throw invalid("exactly one range of frames is needed");
  if (all === true && stream !== undefined) throw invalid("--all means both streams");
  if (all === true) return undefined;
  const max = Number.MAX_SAFE_INTEGER;
  const number = (flag: string, text: string): number => parseWhole({ flag, text, min: 1, max });
  if (sequence !== undefined) {
    const only = number("--sequence", sequence);
    return { from: only, to: only };
  }
  const range = {
    from: from === undefined ? 1 : number("--from", from),
    to: to === undefined ? max : number("--to", to),
  };
  if (range.from > range.to) throw invalid("--from is behind --to");
  return range;
}

function lineOf({ id, role, state }: ErasureOutcome): string {
  return state === "erased"
    ? `${id} (${role}): erased`
    : `${id} (${role}): the order waits; it erases before it opens anything`;
}

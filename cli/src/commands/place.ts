import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { complaint } from "../complaint.ts";
import { parseDuration_ms } from "../flag-values.ts";

interface PlaceFlags {
  readonly problem: string;
  readonly solver: string;
  readonly whatIf: readonly string[];
  readonly timeLimit: string;
  readonly json?: boolean;
  readonly explain?: boolean;
}

/** `voltfog place`: solves a placement problem from a file, offline. */
export function placeCommand(context: CommandContext): Command {
  return new Command("place")
    .description(
      "Places functions on units at the lowest sum of weighted latency and migration cost, within cpu, memory, latency limits, zones and anti-affinity. The format, the answer and every refusal: docs/specs/placement-problem.md. Exits 1 when there is no placement, and says which constraint is in the way and by how much.",
    )
    .requiredOption("--problem <file>", "the problem, as JSON")
    .option(
      "--solver <name>",
      "exact (proven optimum) or heuristic (fast, with a bound)",
      "heuristic",
    )
    .option(
      "--what-if <change>",
      "solve as if down:UNIT had failed; may be repeated",
      (text: string, before: readonly string[]) => [...before, text],
      [] as readonly string[],
    )
    .option(
      "--time-limit <duration>",
      "the exact solver stops here with its best and its bound",
      "30s",
    )
    .option("--explain", "for every function: units evaluated, filtered and scored")
    .option("--json", "print {assignment, cost, bound, time_ms, …}")
    .addHelpText(
      "after",
      "\nExamples:\n  voltfog place --problem docs/specs/examples/placement-problem.json\n  voltfog place --problem fleet.json --solver exact --what-if down:unit-b --json",
    )
    .action(async (flags: PlaceFlags) => {
      const { runPlace } = await import("../placement/run-place.ts");
      await runPlace({
        file: flags.problem,
        solver: solverOf(flags.solver),
        down: new Set(flags.whatIf.map(unitDown)),
        timeLimit_s: parseDuration_ms({ flag: "--time-limit", text: flags.timeLimit }) / 1000,
        isJson: flags.json === true,
        isExplained: flags.explain === true,
        context,
      });
    });
}

function solverOf(text: string): "exact" | "heuristic" {
  if (text === "exact" || text === "heuristic") return text;
  throw complaint({
    code: "SOLVER_UNKNOWN",
    what: `--solver is ${JSON.stringify(text)}`,
    remedy: "give exact or heuristic",
  });
}

function unitDown(text: string): string {
  if (text.startsWith("down:") && text.length > 5) return text.slice(5);
  throw complaint({
    code: "WHAT_IF_INVALID",
    what: `--what-if is ${JSON.stringify(text)}`,
    remedy: "give down:UNIT with a unit of the problem",
  });
}

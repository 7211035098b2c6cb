import { type CodedError, messageOf } from "@voltfog/runtime";
import { systemClock } from "@voltfog/runtime/node";
import {
  decodeProblem,
  explainPlacement,
  type PlacementProblem,
  type Solved,
  solvePlacement,
} from "@voltfog/sdn-controller";
import type { CommandContext } from "../command-context.ts";
import { complaint } from "../complaint.ts";
import { readInputFile } from "../input-file.ts";
import { explanationText, type ForcedMove, placementText } from "./placement-text.ts";

interface PlaceRun {
  readonly file: string;
  readonly solver: "exact" | "heuristic";
  readonly down: ReadonlySet<string>;
  readonly timeLimit_s: number;
  readonly isJson: boolean;
  readonly isExplained: boolean;
  readonly context: CommandContext;
}

/** Decodes, solves and prints. Exit code 1 where there is no placement; a malformed problem is a complaint. */
export async function runPlace(run: PlaceRun): Promise<void> {
  const problem = readProblem(run);
  const { terminal } = run.context;
  const { solver, down, timeLimit_s } = run;
  const outcome = await solvePlacement({ problem, solver, down, timeLimit_s, clock: systemClock });
  if (!outcome.ok) {
    run.context.exitCode = 1;
    terminal.note(`voltfog: ${outcome.problem.detail} (${outcome.problem.code})`);
    if (run.isJson) terminal.print(JSON.stringify({ impossible: outcome.problem }, null, 2));
    return;
  }
  const solved = outcome.value;
  const explanations = run.isExplained ? explainPlacement({ problem, down, solved }) : undefined;
  const before = down.size === 0 ? undefined : await standing(run, problem);
  const moves = before === undefined ? [] : movesOf(problem, before.unitOf, solved.unitOf);
  if (run.isJson) {
    const whatIf =
      down.size === 0
        ? {}
        : { whatIf: { down: [...down], costBefore: before?.cost ?? null, moves } };
    const told = explanations === undefined ? {} : { explanations };
    terminal.print(
      JSON.stringify({ ...answerOf(problem, solved, solver), ...whatIf, ...told }, null, 2),
    );
    return;
  }
  terminal.print(placementText({ problem, solved, moves, costBefore: before?.cost }));
  for (const one of explanations ?? []) terminal.print(explanationText(one));
}

function readProblem({ file, down, context }: PlaceRun): PlacementProblem {
  const decoded = decodeProblem(parsed(file));
  if (!decoded.ok) throw malformed(file, decoded.problem);
  const { problem, ignored } = decoded.value;
  if (ignored.length > 0) {
    context.terminal.note(
      `voltfog: without effect, as the format has no such field: ${ignored.join(", ")}`,
    );
  }
  const known = new Set(problem.units.map(({ id }) => id));
  for (const id of down) {
    if (!known.has(id)) {
      throw complaint({
        code: "UNIT_UNKNOWN",
        what: `--what-if names the unit ${JSON.stringify(id)}, which the problem does not have`,
        remedy: "name one of its units",
      });
    }
  }
  return problem;
}

function parsed(file: string): unknown {
  const bytes = readInputFile(file);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (thrown) {
    throw malformed(file, { code: "JSON_INVALID", detail: messageOf(thrown) });
  }
}

function malformed(file: string, problem: { code: string; detail: string }): CodedError {
  const { code, detail } = problem;
  const remedy = "see docs/specs/placement-problem.md";
  return complaint({ code, what: `${file}: ${detail}`, remedy });
}

function answerOf(
  problem: PlacementProblem,
  { unitOf, cost, bound, isOptimal, time_ms }: Solved,
  solver: string,
): object {
  const assignment = Object.fromEntries(
    problem.functions.map(({ id }, i) => [id, problem.units[unitOf[i] ?? -1]?.id ?? null]),
  );
  return { assignment, cost, bound, time_ms, solver, optimal: isOptimal };
}

/** The plan before the failure: the current one where the problem names it whole, otherwise the solver's. */
async function standing(
  run: PlaceRun,
  problem: PlacementProblem,
): Promise<{ unitOf: Int32Array; cost: number } | undefined> {
  const { solver, timeLimit_s } = run;
  if (!problem.current.includes(-1)) {
    const cost = problem.functions.reduce((sum, { weight }, i) => {
      const at = i * problem.units.length + (problem.current[i] ?? 0);
      return sum + weight * (problem.latency_ms[at] ?? 0);
    }, 0);
    return { unitOf: problem.current, cost };
  }
  const down = new Set<string>();
  const outcome = await solvePlacement({ problem, solver, down, timeLimit_s, clock: systemClock });
  return outcome.ok ? outcome.value : undefined;
}

function movesOf(
  problem: PlacementProblem,
  before: Int32Array,
  after: Int32Array,
): readonly ForcedMove[] {
  return problem.functions.flatMap(({ id }, i) => {
    const from = problem.units[before[i] ?? -1]?.id ?? "";
    const to = problem.units[after[i] ?? -1]?.id ?? "";
    return from === to ? [] : [{ functionId: id, from, to }];
  });
}

import type { Explanation, PlacementProblem, Solved } from "@voltfog/sdn-controller";

const rowsMax = 200;

/** A function that the failure moves. */
export interface ForcedMove {
  readonly functionId: string;
  readonly from: string;
  readonly to: string;
}

/** A plan for the eye: a row for each function, then what it costs and what is proven. */
export function placementText(options: {
  problem: PlacementProblem;
  solved: Solved;
  moves: readonly ForcedMove[];
  costBefore: number | undefined;
}): string {
  const { problem, solved, moves, costBefore } = options;
  const { instance, unitOf, cost, bound, isOptimal, time_ms } = solved;
  const rows = problem.functions.slice(0, rowsMax).map(({ id }, i) => {
    const at = i * instance.units + (unitOf[i] ?? 0);
    const latency = `${(problem.latency_ms[at] ?? 0).toFixed(1)} ms`;
    const price = (instance.cost[at] ?? 0).toFixed(2);
    return [id, problem.units[unitOf[i] ?? 0]?.id ?? "", latency, price];
  });
  const table = columns([["function", "unit", "latency", "cost"], ...rows]);
  const more = problem.functions.length - rows.length;
  const gap = cost > 0 ? (100 * (cost - bound)) / cost : 0;
  const proof = isOptimal
    ? "proven lowest"
    : `no placement costs less than ${bound.toFixed(2)}, ${gap.toFixed(2)} % below`;
  return [
    table,
    ...(more > 0 ? [`and ${more} more; --json prints all`] : []),
    "",
    `cost ${cost.toFixed(2)}, ${proof}; ${time_ms.toFixed(0)} ms`,
    ...(costBefore === undefined
      ? []
      : [`before ${costBefore.toFixed(2)}; ${moves.length} functions move`]),
    ...moves
      .slice(0, rowsMax)
      .map(({ functionId, from, to }) => `  ${functionId}: ${from} → ${to}`),
  ].join("\n");
}

/** One function's explanation in the manner of Nomad: evaluated, filtered, scored. */
export function explanationText(one: Explanation): string {
  const filtered = Object.entries(one.filtered).map(([rule, count]) => `${rule} ${count}`);
  const out = filtered.length === 0 ? "none" : filtered.join(", ");
  const scores = one.scores.map(({ unitId, latency_ms, score, verdict }) => [
    `  ${unitId}`,
    `${latency_ms.toFixed(1)} ms`,
    score.toFixed(2),
    verdict,
  ]);
  return `\n${one.functionId} → ${one.unitId}: ${one.because}\n  ${one.evaluated} evaluated, filtered: ${out}\n${columns(scores)}`;
}

function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, place) =>
    Math.max(...rows.map((row) => row[place]?.length ?? 0)),
  );
  return rows
    .map((row) =>
      row
        .map((text, place) => text.padEnd(widths[place] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

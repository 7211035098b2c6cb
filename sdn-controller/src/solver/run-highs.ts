import type { Highs } from "highs";
import { roundingRatio } from "./instance.ts";
import type { LinearModel } from "./linear-model.ts";

/** What HiGHS found. `values` is undefined where it holds no point. */
export interface HighsResult {
  readonly status: "optimal" | "infeasible" | "limit";
  readonly values: Float64Array | undefined;
  /** No point costs less, as far as it was proven. */
  readonly bound: number;
}

let loaded: Promise<Highs> | undefined;

/** Solves a model to a gap of zero, or until the time is over. One core; the code is loaded on first use, from the package. */
export async function runHighs(options: {
  model: LinearModel;
  timeLimit_s: number;
  /** A feasible point to start from. */
  start: Float64Array | undefined;
}): Promise<HighsResult> {
  loaded ??= import("highs").then(({ default: load }) => load());
  const highs = await loaded;
  const { modelStatus } = highs.constants;
  const { pairFunction, pairUnit, ...data } = options.model;
  const model = highs.createModel(data);
  try {
    const { options: settings } = model;
    settings.set("output_flag", false);
    settings.set("mip_rel_gap", 0);
    settings.set("mip_abs_gap", 0);
    // A unit may not be overfull by more than rounding; the default allows a millionth.
    settings.set("mip_feasibility_tolerance", roundingRatio);
    settings.set("primal_feasibility_tolerance", roundingRatio);
    settings.set("time_limit", options.timeLimit_s);
    settings.set("random_seed", 1);
    if (options.start !== undefined) model.setSolution({ colValue: options.start });
    model.run();
    const status = model.getModelStatus();
    if (status === modelStatus.infeasible || status === modelStatus.unboundedOrInfeasible) {
      return { status: "infeasible", values: undefined, bound: Number.POSITIVE_INFINITY };
    }
    const isOptimal = status === modelStatus.optimal || status === modelStatus.empty;
    const hasPoint = isOptimal || model.info.get("primal_solution_status") === 2;
    return {
      status: isOptimal ? "optimal" : "limit",
      values: hasPoint ? model.getSolution().colValue : undefined,
      bound: Number(model.info.get("mip_dual_bound")),
    };
  } finally {
    model.dispose();
  }
}

import { type EngineChoice, engineNamed, engineNames } from "@voltfog/ledger";
import { CodedError } from "@voltfog/runtime";
import type { ExperimentFlag } from "../report/experiment.ts";

export const engineFlag: ExperimentFlag = {
  name: "engine",
  value: "list",
  description: `of ${engineNames.join(", ")}; behind sbft, a colon and its redundant voters`,
  fallback: engineNames.join(","),
};

/** Such as poa,sbft:1. FLAG_INVALID where one is not known. */
export function parseEngines(text: string): readonly EngineChoice[] {
  return text.split(",").map((one) => {
    const engine = engineNamed(one);
    if (engine !== undefined) return engine;
    throw new CodedError({
      code: "FLAG_INVALID",
      message: `--engine: there is no ${one}`,
      remedy: `--engine is a list of ${engineNames.join(", ")}, or sbft:1 for one redundant voter`,
    });
  });
}

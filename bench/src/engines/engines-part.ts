import type { Findings } from "@voltfog/runtime";
import type { ExperimentContext } from "../report/experiment.ts";

/** One experiment of `voltfog bench engines`; its figures have a result file of their own. */
export interface EnginesPart {
  /** As behind `--experiment`. */
  readonly name: string;
  readonly summary: string;
  /** Of its result file, behind "engines-", where flags choose between several; its name where absent. */
  resultName?(flags: Readonly<Record<string, string>>): string;
  run(context: ExperimentContext): Promise<Findings>;
}

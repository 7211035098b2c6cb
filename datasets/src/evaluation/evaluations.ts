import { availabilityEvaluation } from "../availability/evaluate-availability.ts";
import { tablesEvaluation } from "../availability/tables/tables-evaluation.ts";
import { evaluateCapacity } from "../capacity/evaluate-capacity.ts";
import { evaluateLife } from "../life/evaluate-life.ts";
import { evaluateMaintenance } from "../maintenance/evaluate-maintenance.ts";
import { evaluateSecondLife } from "../second-life/evaluate-second-life.ts";
import { evaluateLeftOut } from "../soc/evaluate-left-out.ts";
import { evaluateSoc } from "../soc/evaluate-soc.ts";
import { evaluateSoh } from "../soh/evaluate-soh.ts";
import { evaluateThermal } from "../thermal/evaluate-thermal.ts";
import { balancingEvaluation } from "./balancing-evaluation.ts";
import { chargingEvaluation } from "./charging-evaluation.ts";
import type { Evaluation } from "./evaluation.ts";
import { faultsEvaluation } from "./faults-evaluation.ts";

/** Every `voltfog evaluate` command, in the order of the help. */
export const evaluations: readonly Evaluation[] = [
  evaluateSoc,
  evaluateLeftOut,
  evaluateCapacity,
  evaluateSoh,
  balancingEvaluation,
  chargingEvaluation,
  faultsEvaluation,
  evaluateMaintenance,
  evaluateLife,
  evaluateSecondLife,
  evaluateThermal,
  availabilityEvaluation,
  tablesEvaluation,
];

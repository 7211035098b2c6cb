import { availabilityTrainer } from "../availability/train-availability.ts";
import { trainLife } from "../life/train-life.ts";
import { trainMaintenance } from "../maintenance/train-maintenance.ts";
import { trainSecondLife } from "../second-life/train-second-life.ts";
import { trainSoc } from "../soc/train-soc.ts";
import { trainSoh } from "../soh/train-soh.ts";
import { trainThermal } from "../thermal/train-thermal.ts";
import type { Trainer } from "./evaluation.ts";

/** Every `voltfog train` command, in the order of the help. */
export const trainers: readonly Trainer[] = [
  trainSoc,
  trainSoh,
  trainLife,
  trainSecondLife,
  trainThermal,
  availabilityTrainer,
  trainMaintenance,
];

export { mutationsOf } from "./mutations.ts";
export { type GateRun, runGate } from "./run-gate.ts";
export { runSeeds, type SimulationRun } from "./run-seeds.ts";
export type { TimedLink } from "./timed-links.ts";
export {
  type TimedRun,
  type TimedRunOptions,
  type TimedTransaction,
  timedRun,
  type VoteKind,
} from "./timed-run.ts";

import type { Outcome } from "@voltfog/runtime";
import type { FunctionRun, SavedVehicle } from "./function-run.ts";
import type { FunctionDuty, TaskAnswer, WorkerTask } from "./worker-messages.ts";

/** Does what a worker is asked with its function, in the order of the calls. */
export function taskPerformer(
  run: FunctionRun,
  start: FunctionDuty,
): (task: WorkerTask) => Partial<TaskAnswer> {
  let serves = servedBy(start);
  return (task) => {
    switch (task.kind) {
      case "batch":
        return { findings: run.findingsOf(task.batch, serves) };
      case "serve":
        serves = servedBy(task.duty);
        run.configure(task.duty.settings);
        return {};
      case "save":
        return saved(run, task.vehicles);
      case "adopt": {
        const refusals: Record<string, string> = {};
        for (const state of task.states) {
          const adopted = run.adopt(state);
          if (!adopted.ok) refusals[state.vehicleId] = reasonOf(adopted);
        }
        return { refusals };
      }
    }
  };
}

function saved(run: FunctionRun, vehicles: readonly string[]): Partial<TaskAnswer> {
  const states: SavedVehicle[] = [];
  const refusals: Record<string, string> = {};
  for (const vehicleId of vehicles) {
    const one = run.save(vehicleId);
    if (one.ok) states.push(one.value);
    else refusals[vehicleId] = reasonOf(one);
  }
  return { saved: states, refusals };
}

function reasonOf({ problem }: Extract<Outcome<unknown>, { ok: false }>): string {
  return problem.detail ?? problem.code;
}

function servedBy({ vehicles }: FunctionDuty): (vehicleId: string) => boolean {
  if (vehicles === null) return () => true;
  const set = new Set(vehicles);
  return (vehicleId) => set.has(vehicleId);
}

import { constants, setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import { FunctionRun } from "./function-run.ts";
import type { NetworkFunction } from "./network-function.ts";
import type { FromWorker, ToWorker, WorkerStart } from "./worker-messages.ts";

// Entry point of the thread of one function. Nothing is caught here on purpose: a throw ends the
// thread, and the host on the other side says so and starts a new one.
const start = workerData as WorkerStart;
const { networkFunction } = (await import(start.module)) as { networkFunction: NetworkFunction };
const run = new FunctionRun(networkFunction, { open: start.open });
// Taking frames in goes before looking at them. On Linux this is of the calling thread alone.
if (process.platform === "linux") setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
let served = servedBy(start.vehicles);
let usage = performance.eventLoopUtilization();

parentPort?.on("message", (message: ToWorker) => {
  if (message.kind === "assign") {
    served = servedBy(message.vehicles);
    return;
  }
  const findings = run.findingsOf(message.batch, served);
  const now = performance.eventLoopUtilization();
  const busy = performance.eventLoopUtilization(now, usage).utilization;
  usage = now;
  say({ kind: "answer", number: message.number, findings, busy });
});
say({ kind: "ready" });

function say(message: FromWorker): void {
  parentPort?.postMessage(message);
}

function servedBy(vehicles: readonly string[] | null): (vehicleId: string) => boolean {
  if (vehicles === null) return () => true;
  const set = new Set(vehicles);
  return (vehicleId) => set.has(vehicleId);
}

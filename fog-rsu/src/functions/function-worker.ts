import { constants, setPriority } from "node:os";
import { getHeapStatistics } from "node:v8";
import { parentPort, workerData } from "node:worker_threads";
import { FunctionRun } from "./function-run.ts";
import type { NetworkFunction } from "./network-function.ts";
import { taskPerformer } from "./task-performer.ts";
import type { FromWorker, ToWorker, WorkerStart } from "./worker-messages.ts";

// Entry point of the thread of one function. Nothing is caught here on purpose: a throw ends the
// thread, and the host on the other side says so and starts a new one.
const start = workerData as WorkerStart;
const { networkFunction } = (await import(start.module)) as { networkFunction: NetworkFunction };
const { manifest } = start;
const held: NetworkFunction = { manifest, start: (options) => networkFunction.start(options) };
const perform = taskPerformer(new FunctionRun(held, start), start);
// Taking frames in goes before looking at them. On Linux this is of the calling thread alone.
if (process.platform === "linux") setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
let usage = performance.eventLoopUtilization();

parentPort?.on("message", (message: ToWorker) => {
  const done = perform(message);
  const now = performance.eventLoopUtilization();
  const busy = performance.eventLoopUtilization(now, usage).utilization;
  usage = now;
  const buffers_bytes = getHeapStatistics().external_memory;
  say({ kind: "answer", number: message.number, findings: [], ...done, busy, buffers_bytes });
});
say({ kind: "ready" });

function say(message: FromWorker): void {
  parentPort?.postMessage(message);
}

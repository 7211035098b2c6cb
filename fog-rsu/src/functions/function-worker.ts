import { constants, setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import type { Finding, Findings, FrameReference, NetworkFunction } from "./network-function.ts";
import { forEachSample, type SampleBatch } from "./sample-batch.ts";
import type { FromWorker, ToWorker, WorkerStart } from "./worker-messages.ts";

// Entry point of the thread of one function. Nothing is caught here on purpose: a throw ends the
// thread, and the host on the other side says so and starts a new one.
const start = workerData as WorkerStart;
const { networkFunction } = (await import(start.module)) as { networkFunction: NetworkFunction };
const running = networkFunction.start({ open: start.open });
// Taking frames in goes before looking at them. On Linux this is of the calling thread alone.
if (process.platform === "linux") setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
let served = servedBy(start.vehicles);
let usage = performance.eventLoopUtilization();

parentPort?.on("message", (message: ToWorker) => {
  if (message.kind === "assign") {
    served = servedBy(message.vehicles);
    return;
  }
  const findings = findingsOf(message.batch);
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

function findingsOf(batch: SampleBatch): readonly Finding[] {
  const found: Finding[] = [];
  // Of a batch's estimates only the newest of each vehicle is worth sending.
  const estimates = new Map<string, Finding>();
  let vehicleId = "";
  let at_ms = 0;
  let frame: FrameReference | undefined;
  const findings: Findings = {
    condition: (condition) => {
      if (frame !== undefined)
        found.push({ kind: "condition", vehicleId, frame, at_ms, condition });
    },
    command: (request) => {
      if (frame !== undefined) found.push({ kind: "command", vehicleId, frame, at_ms, request });
    },
    estimate: (estimate) => {
      if (frame === undefined) return;
      const key = `${vehicleId} ${estimate.name}`;
      estimates.set(key, { kind: "estimate", vehicleId, frame, at_ms, estimate });
    },
  };
  forEachSample(batch, {
    serves: served,
    visit: (sample, reference) => {
      ({ vehicleId } = sample);
      at_ms = sample.wall_ms;
      frame = reference;
      running.onSample(sample, findings);
    },
  });
  return [...found, ...estimates.values()];
}

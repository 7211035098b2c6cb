import type {
  Finding,
  Findings,
  FrameReference,
  NetworkFunction,
  OpenCondition,
  RunningFunction,
} from "./network-function.ts";
import { RateGate } from "./rate-gate.ts";
import { forEachSample, type SampleBatch } from "./sample-batch.ts";

/**
 * A function at work on batches of samples. What it finds depends on the samples, their order and the
 * conditions that were open at its start, on nothing else: the same run over the same log finds the same.
 */
export class FunctionRun {
  readonly #running: RunningFunction;
  readonly #gate: RateGate;

  constructor(networkFunction: NetworkFunction, options: { open: readonly OpenCondition[] }) {
    this.#running = networkFunction.start(options);
    this.#gate = new RateGate(networkFunction.manifest);
  }

  /** What the batch shows of the vehicles that are served, in order; estimates come last. */
  findingsOf(batch: SampleBatch, serves: (vehicleId: string) => boolean): readonly Finding[] {
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
      serves,
      passes: (sample) => this.#gate.passes(sample),
      visit: (sample, reference) => {
        ({ vehicleId } = sample);
        at_ms = sample.wall_ms;
        frame = reference;
        this.#running.onSample(sample, findings);
      },
    });
    return [...found, ...estimates.values()];
  }
}

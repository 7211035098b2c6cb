import type { Finding, OpenCondition } from "./network-function.ts";
import type { SampleBatch } from "./sample-batch.ts";

/** What the worker is started with. */
export interface WorkerStart {
  /** URL of the module that exports `networkFunction`. */
  readonly module: string;
  readonly open: readonly OpenCondition[];
  /** Vehicles that the function serves; null serves all. */
  readonly vehicles: readonly string[] | null;
}

export type ToWorker =
  | { readonly kind: "assign"; readonly vehicles: readonly string[] | null }
  | { readonly kind: "batch"; readonly number: number; readonly batch: SampleBatch };

export type FromWorker =
  /** The function's module is loaded; batches that were sent before are taken up now. */
  { readonly kind: "ready" } | ({ readonly kind: "answer" } & BatchAnswer);

/** The answer to one batch, sent when all of it was seen. */
export interface BatchAnswer {
  readonly number: number;
  readonly findings: readonly Finding[];
  /** Share of time that the worker was busy since its last answer, 0..1. */
  readonly busy: number;
}

import type { GivenVehicle, SavedVehicle, SettingsByVehicle } from "./function-run.ts";
import type { Finding, FunctionManifest, OpenCondition } from "./network-function.ts";
import type { SampleBatch } from "./sample-batch.ts";

/** Whom a function serves, and how. */
export interface FunctionDuty {
  /** Null serves all. */
  readonly vehicles: readonly string[] | null;
  readonly settings: SettingsByVehicle;
}

/** What the worker is started with. */
export interface WorkerStart extends FunctionDuty {
  /** URL of the module that exports `networkFunction`. */
  readonly module: string;
  /** What the unit holds the function to, whatever the module says of itself. */
  readonly manifest: FunctionManifest;
  readonly open: readonly OpenCondition[];
}

/** What a worker is asked; each is answered, in order. */
export type WorkerTask =
  | { readonly kind: "batch"; readonly batch: SampleBatch }
  | { readonly kind: "serve"; readonly duty: FunctionDuty }
  | { readonly kind: "save"; readonly vehicles: readonly string[] }
  | { readonly kind: "adopt"; readonly states: readonly GivenVehicle[] };

export type ToWorker = WorkerTask & { readonly number: number };

export type FromWorker =
  /** The function's module is loaded; tasks that were sent before are taken up now. */
  { readonly kind: "ready" } | ({ readonly kind: "answer" } & TaskAnswer);

/** The answer to one task, sent when all of it was done. */
export interface TaskAnswer {
  readonly number: number;
  readonly findings: readonly Finding[];
  /** Share of time that the worker was busy since its last answer, 0..1. */
  readonly busy: number;
  /** Memory of the thread outside of its heap. */
  readonly buffers_bytes?: number;
  /** Of "save": what there is of the vehicles asked for. */
  readonly saved?: readonly SavedVehicle[];
  /** Of "save" and "adopt": vehicles that it did not succeed for, and why. */
  readonly refusals?: Readonly<Record<string, string>>;
}

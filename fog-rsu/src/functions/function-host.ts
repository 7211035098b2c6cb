import type { Clock, Logger } from "@voltfog/runtime";
import type { DurableFrame } from "../log/durable-frame.ts";
import type { Finding, FunctionManifest, OpenCondition } from "./network-function.ts";
import { arrivalsOf, packBatch } from "./sample-batch.ts";
import { type FunctionHealth, SupervisedFunction } from "./supervised-function.ts";
import type { ThreadFactory } from "./worker-thread.ts";

export interface HostedFunction {
  readonly manifest: FunctionManifest;
  readonly module: string;
}

export interface FunctionHostOptions {
  readonly functions: readonly HostedFunction[];
  readonly stall_ms: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly startThread: ThreadFactory;
  /** Conditions of one function that are still open, for a thread that starts anew. */
  readonly openConditions: (functionId: string) => readonly OpenCondition[];
  readonly found: (finding: Finding, manifest: FunctionManifest) => void;
}

export interface FunctionStatus {
  readonly id: string;
  readonly version: string;
  /** Null: every vehicle that is attached. */
  readonly vehicles: readonly string[] | null;
  readonly health: FunctionHealth;
}

/** The functions of this unit, each in its own thread; none can stop another or the unit. */
export class FunctionHost {
  readonly #functions: readonly SupervisedFunction[];

  constructor(options: FunctionHostOptions) {
    this.#functions = options.functions.map(
      ({ manifest, module }) =>
        new SupervisedFunction({
          manifest,
          module,
          stall_ms: options.stall_ms,
          clock: options.clock,
          logger: options.logger,
          startThread: options.startThread,
          openConditions: () => options.openConditions(manifest.id),
          found: (findings) => {
            for (const finding of findings) options.found(finding, manifest);
          },
        }),
    );
  }

  start(): void {
    for (const hosted of this.#functions) hosted.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#functions.map((hosted) => hosted.stop()));
  }

  /** Shows the samples to every function. Never waits: a function that is behind sheds. */
  show(frames: readonly DurableFrame[]): void {
    const arrivals = arrivalsOf(frames);
    if (arrivals.length === 0) return;
    const batch = packBatch(arrivals);
    for (const hosted of this.#functions) hosted.offer(batch);
  }

  /** A function that the assignment leaves out serves nobody here. */
  assign(assignment: ReadonlyMap<string, readonly string[]>): void {
    for (const hosted of this.#functions) {
      hosted.assign(assignment.get(hosted.manifest.id) ?? []);
    }
  }

  get status(): readonly FunctionStatus[] {
    return this.#functions.map(({ manifest, vehicles, health }) => {
      return { id: manifest.id, version: manifest.version, vehicles, health };
    });
  }
}

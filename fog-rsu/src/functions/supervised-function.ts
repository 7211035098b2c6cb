import { type Clock, type Logger, messageOf } from "@voltfog/runtime";
import type { Finding, FunctionManifest, OpenCondition } from "./network-function.ts";
import type { SampleBatch } from "./sample-batch.ts";
import type { BatchAnswer } from "./worker-messages.ts";
import type { FunctionThread, ThreadFactory } from "./worker-thread.ts";

/**
 * Samples that wait for one function, about 75 MB in a batch that all functions share; past that the
 * function sheds, and its health says so.
 */
export const backlogSamplesMax = 262_144;
/** Batches that a function has in hand at one time, so that a new thread has little to see again. */
const inHandMax = 4;
/** Loading a function's module may take longer than an answer, above all on a machine that starts. */
const loadingMax_ms = 60_000;
const backoffMin_ms = 250;
const backoffMax_ms = 30_000;

export interface FunctionHealth {
  readonly state: "running" | "restarting" | "stopped";
  readonly restarts: number;
  readonly lastFailure: string | null;
  readonly samplesSeen: number;
  /** Samples that this function never saw because it was behind or failed on them. */
  readonly samplesShed: number;
  /** Samples that wait. */
  readonly backlog: number;
  /** Share of one core in use, 0..1. */
  readonly cpu: number;
}

export interface SupervisedOptions {
  readonly manifest: FunctionManifest;
  readonly module: string;
  readonly stall_ms: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly startThread: ThreadFactory;
  readonly openConditions: () => readonly OpenCondition[];
  readonly found: (findings: readonly Finding[]) => void;
}

interface Waiting {
  readonly number: number;
  readonly batch: SampleBatch;
}

/**
 * Keeps one function running in its own thread. A throw, an exit or `stall_ms` without an answer
 * ends the thread, and the next one starts after a backoff that doubles from 250 ms to 30 s. The batch
 * that broke it is given up. A thread that dies takes its last answers with it, so where several batches
 * were in hand they are seen again one by one, and the one that breaks the thread again is the culprit.
 */
export class SupervisedFunction {
  readonly manifest: FunctionManifest;
  readonly #options: SupervisedOptions;
  #thread: FunctionThread | undefined;
  #vehicles: readonly string[] | null = null;
  #backlog: Waiting[] = [];
  /** Samples in backlog and hand. */
  #waitingSamples = 0;
  #inHand: Waiting[] = [];
  #nextNumber = 1;
  /** Batches up to this number are under suspicion and go to the thread one by one. */
  #suspectUpTo = 0;
  #progress_ms = 0;
  #isReady = false;
  #cancelWatch: () => void = () => {};
  #cancelRestart: () => void = () => {};
  #failuresInRow = 0;
  #restarts = 0;
  #lastFailure: string | null = null;
  #samplesSeen = 0;
  #samplesShed = 0;
  #cpu = 0;
  #stopped = true;

  constructor(options: SupervisedOptions) {
    this.manifest = options.manifest;
    this.#options = options;
  }

  start(): void {
    this.#stopped = false;
    this.#startThread();
    this.#watch();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelWatch();
    this.#cancelRestart();
    const thread = this.#thread;
    this.#thread = undefined;
    await thread?.stop();
  }

  /** Null serves every vehicle. */
  assign(vehicles: readonly string[] | null): void {
    this.#vehicles = vehicles;
    this.#thread?.post({ kind: "assign", vehicles });
  }

  get vehicles(): readonly string[] | null {
    return this.#vehicles;
  }

  offer(batch: SampleBatch): void {
    const samples = batch.cellEnds.length;
    if (this.#waitingSamples > 0 && this.#waitingSamples + samples > backlogSamplesMax) {
      this.#samplesShed += samples;
      return;
    }
    this.#waitingSamples += samples;
    this.#backlog.push({ number: this.#nextNumber++, batch });
    this.#feed();
  }

  get health(): FunctionHealth {
    const running = this.#thread !== undefined;
    return {
      state: this.#stopped ? "stopped" : running ? "running" : "restarting",
      restarts: this.#restarts,
      lastFailure: this.#lastFailure,
      samplesSeen: this.#samplesSeen,
      samplesShed: this.#samplesShed,
      backlog: this.#waitingSamples,
      cpu: this.#cpu,
    };
  }

  #startThread(): void {
    this.#progress_ms = this.#options.clock.monotonic_ms();
    this.#isReady = false;
    const thread = this.#options.startThread({
      start: {
        module: this.#options.module,
        open: this.#options.openConditions(),
        vehicles: this.#vehicles,
      },
      memory_MB: this.manifest.memory_MB,
      ready: () => {
        this.#isReady = true;
        this.#progress_ms = this.#options.clock.monotonic_ms();
      },
      answered: (answer) => this.#answered(answer),
      ended: (reason) => {
        if (this.#thread === thread) this.#fail(reason);
      },
    });
    this.#thread = thread;
    this.#feed();
  }

  #feed(): void {
    while (this.#thread !== undefined) {
      const next = this.#backlog[0];
      if (next === undefined) return;
      const isSuspect = next.number <= this.#suspectUpTo;
      if (this.#inHand.length >= (isSuspect ? 1 : inHandMax)) return;
      this.#backlog.shift();
      if (this.#inHand.length === 0 && this.#isReady)
        this.#progress_ms = this.#options.clock.monotonic_ms();
      this.#inHand.push(next);
      this.#thread.post({ kind: "batch", number: next.number, batch: next.batch });
    }
  }

  #answered(answer: BatchAnswer): void {
    const done = this.#inHand.shift();
    if (done === undefined || done.number !== answer.number) {
      this.#giveUp(done);
      this.#fail(`answered batch ${answer.number}, not ${done?.number}`);
      return;
    }
    this.#progress_ms = this.#options.clock.monotonic_ms();
    this.#failuresInRow = 0;
    this.#samplesSeen += done.batch.cellEnds.length;
    this.#waitingSamples -= done.batch.cellEnds.length;
    this.#cpu = answer.busy;
    if (!this.#hear(answer.findings)) return;
    this.#feed();
  }

  /** Findings come from code that is not the unit's own; what they break is the function's failure. */
  #hear(findings: readonly Finding[]): boolean {
    try {
      this.#options.found(findings);
      return true;
    } catch (thrown) {
      this.#fail(`findings that cannot be taken: ${messageOf(thrown)}`);
      return false;
    }
  }

  #fail(reason: string, options: { firstIsCulprit?: boolean } = {}): void {
    const thread = this.#thread;
    this.#thread = undefined;
    void thread?.stop();
    if (this.#inHand.length === 1 || options.firstIsCulprit === true) {
      const culprit = this.#inHand.shift();
      this.#giveUp(culprit);
    }
    this.#suspectUpTo = this.#inHand.at(-1)?.number ?? this.#suspectUpTo;
    this.#backlog.unshift(...this.#inHand.splice(0));
    this.#lastFailure = reason;
    if (this.#stopped) return;
    const delay_ms = Math.min(backoffMax_ms, backoffMin_ms * 2 ** this.#failuresInRow);
    this.#failuresInRow += 1;
    this.#options.logger.warn("function failed and starts again", {
      functionId: this.manifest.id,
      reason,
      delay_ms,
    });
    this.#cancelRestart = this.#options.clock.after(delay_ms, () => {
      this.#restarts += 1;
      this.#startThread();
    });
  }

  #giveUp(culprit: Waiting | undefined): void {
    const samples = culprit?.batch.cellEnds.length ?? 0;
    this.#samplesShed += samples;
    this.#waitingSamples -= samples;
  }

  #watch(): void {
    this.#cancelWatch = this.#options.clock.after(this.#options.stall_ms / 2, () => {
      const waited_ms = this.#options.clock.monotonic_ms() - this.#progress_ms;
      const limit_ms = this.#isReady ? this.#options.stall_ms : loadingMax_ms;
      const stalled = (this.#inHand.length > 0 || !this.#isReady) && waited_ms > limit_ms;
      if (this.#thread !== undefined && stalled) {
        // A living thread has answered all that came before.
        const reason = `no answer for ${Math.round(waited_ms)} ms`;
        this.#fail(reason, { firstIsCulprit: this.#isReady });
      }
      this.#watch();
    });
  }
}

import { type Clock, type Logger, messageOf } from "@voltfog/runtime";
import { checkFindings } from "./check-findings.ts";
import type { Finding, FunctionManifest, OpenCondition } from "./network-function.ts";
import type { SampleBatch } from "./sample-batch.ts";
import type { FunctionDuty, TaskAnswer, WorkerTask } from "./worker-messages.ts";
import type { FunctionThread, ThreadFactory } from "./worker-thread.ts";

/**
 * Samples that wait for one function, about 75 MB in a batch that all functions share; past that the
 * function sheds, and its health says so.
 */
export const backlogSamplesMax = 262_144;
/** Tasks without samples that wait for one function: what is asked beyond is not done. */
const askedMax = 256;
/** Tasks that a function has in hand at one time, so that a new thread has little to do again. */
const inHandMax = 4;
/** Loading a function's module may take longer than an answer, above all on a machine that starts. */
const loadingMax_ms = 60_000;
/** Batches that a thread still holds until its garbage is collected. */
const batchRoom_MB = 128;
/** A function that failed so often in a row to give its states is not asked for them any more. */
const failedSavesMax = 3;
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
  /** Whom it serves at first. */
  readonly duty: FunctionDuty;
  readonly openConditions: () => readonly OpenCondition[];
  readonly found: (findings: readonly Finding[]) => void;
  /** True where the failed function is not to be started again, because somebody else goes on for it. */
  readonly givenUp?: (reason: string) => boolean;
}

interface Waiting {
  readonly number: number;
  readonly task: WorkerTask;
  /** Called once, with undefined where the task was given up. */
  readonly done: (answer: TaskAnswer | undefined) => void;
}

/**
 * Keeps one function running in its own thread. A throw, an exit or `stall_ms` without an answer
 * ends the thread, and the next one starts after a backoff that doubles from 250 ms to 30 s. The task
 * that broke it is given up. A thread that dies takes its last answers with it, so where several tasks
 * were in hand they are done again one by one, and the one that breaks the thread again is the culprit.
 * Tasks are done in their order: what is served and set changes between two batches, never within.
 */
export class SupervisedFunction {
  readonly manifest: FunctionManifest;
  readonly #options: SupervisedOptions;
  #thread: FunctionThread | undefined;
  /** The newest wanted, and the newest that the thread has taken. */
  #duty: FunctionDuty;
  #takenDuty: FunctionDuty;
  #asked = 0;
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
  #failedSaves = 0;
  #stopped = true;

  constructor(options: SupervisedOptions) {
    this.manifest = options.manifest;
    this.#options = options;
    this.#duty = options.duty;
    this.#takenDuty = options.duty;
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
    const left = [...this.#inHand.splice(0), ...this.#backlog.splice(0)];
    for (const one of left) this.#finish(one, undefined);
    await thread?.stop();
  }

  /** Serves by it from the batches on that are offered later. */
  serve(duty: FunctionDuty): void {
    this.#duty = duty;
    this.#put({ kind: "serve", duty }, () => {
      this.#takenDuty = duty;
    });
  }

  get duty(): FunctionDuty {
    return this.#duty;
  }

  /** Shows the batch, or sheds it where too much waits. */
  offer(batch: SampleBatch): void {
    const samples = batch.cellEnds.length;
    if (this.#waitingSamples > 0 && this.#waitingSamples + samples > backlogSamplesMax) {
      this.#samplesShed += samples;
      return;
    }
    this.#waitingSamples += samples;
    this.#put({ kind: "batch", batch }, () => {});
  }

  /** Asks for something behind all that was offered; undefined where the function cannot do it. */
  ask(task: Exclude<WorkerTask, { kind: "batch" }>): Promise<TaskAnswer | undefined> {
    return new Promise((resolve) => {
      if (this.#stopped || this.#asked >= askedMax) {
        resolve(undefined);
        return;
      }
      this.#asked += 1;
      this.#put(task, (answer) => {
        this.#asked -= 1;
        resolve(answer);
      });
    });
  }

  /** How long the thread has been at what it has in hand; 0 while it waits. */
  get busy_ms(): number {
    const isBusy = this.#thread !== undefined && this.#isReady && this.#inHand.length > 0;
    return isBusy ? this.#options.clock.monotonic_ms() - this.#progress_ms : 0;
  }

  /** Ends the thread over what it has in hand; it starts again as after any failure. */
  end(reason: string): void {
    if (this.#thread !== undefined) this.#fail(reason, { firstIsCulprit: true });
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

  #put(task: WorkerTask, done: Waiting["done"]): void {
    this.#backlog.push({ number: this.#nextNumber++, task, done });
    this.#feed();
  }

  #startThread(): void {
    this.#progress_ms = this.#options.clock.monotonic_ms();
    this.#isReady = false;
    const thread = this.#options.startThread({
      start: {
        module: this.#options.module,
        manifest: this.manifest,
        open: this.#options.openConditions(),
        ...this.#takenDuty,
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
      if (next.task.kind === "save" && this.#failedSaves >= failedSavesMax) {
        this.#backlog.shift();
        this.#finish(next, undefined);
        continue;
      }
      const isSuspect = next.number <= this.#suspectUpTo;
      if (this.#inHand.length >= (isSuspect ? 1 : inHandMax)) return;
      this.#backlog.shift();
      if (this.#inHand.length === 0 && this.#isReady)
        this.#progress_ms = this.#options.clock.monotonic_ms();
      this.#inHand.push(next);
      this.#thread.post({ ...next.task, number: next.number });
    }
  }

  #answered(answer: TaskAnswer): void {
    const done = this.#inHand.shift();
    if (done === undefined || done.number !== answer.number) {
      if (done !== undefined) this.#giveUp(done);
      this.#fail(`answered task ${answer.number}, not ${done?.number}`);
      return;
    }
    this.#progress_ms = this.#options.clock.monotonic_ms();
    this.#failuresInRow = 0;
    this.#cpu = answer.busy;
    if (done.task.kind === "save") this.#failedSaves = 0;
    const reason = this.#excess(answer) ?? this.#hear(done, answer);
    if (reason === undefined) this.#samplesSeen += samplesOf(done);
    else this.#samplesShed += samplesOf(done);
    this.#finish(done, reason === undefined ? answer : undefined);
    if (reason === undefined) this.#feed();
    else this.#fail(reason);
  }

  /** A heap limit does not count buffers, which lie outside of the heap. */
  #excess({ buffers_bytes = 0 }: TaskAnswer): string | undefined {
    const limit_bytes = (this.manifest.memory_MB + batchRoom_MB) * 1024 * 1024;
    if (buffers_bytes <= limit_bytes) return undefined;
    return `${Math.round(buffers_bytes / 1024 / 1024)} MB of buffers outside of its heap`;
  }

  /** Findings come from code that is not the unit's own; what they break is the function's failure. */
  #hear({ task }: Waiting, { findings }: TaskAnswer): string | undefined {
    const checked = checkFindings(findings, task.kind === "batch" ? task.batch : undefined);
    if (!checked.ok) return checked.problem.detail ?? checked.problem.code;
    try {
      this.#options.found(checked.value);
      return undefined;
    } catch (thrown) {
      return `findings that cannot be taken: ${messageOf(thrown)}`;
    }
  }

  #fail(reason: string, options: { firstIsCulprit?: boolean } = {}): void {
    const thread = this.#thread;
    this.#thread = undefined;
    void thread?.stop();
    if (this.#inHand.length === 1 || options.firstIsCulprit === true) {
      const culprit = this.#inHand.shift();
      if (culprit !== undefined) this.#giveUp(culprit);
    }
    this.#suspectUpTo = this.#inHand.at(-1)?.number ?? this.#suspectUpTo;
    this.#backlog.unshift(...this.#inHand.splice(0));
    this.#lastFailure = reason;
    if (this.#stopped) return;
    if (this.#options.givenUp?.(reason) === true) {
      void this.stop();
      return;
    }
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

  #giveUp(culprit: Waiting): void {
    if (culprit.task.kind === "save") this.#failedSaves += 1;
    this.#samplesShed += samplesOf(culprit);
    this.#finish(culprit, undefined);
  }

  #finish(one: Waiting, answer: TaskAnswer | undefined): void {
    this.#waitingSamples -= samplesOf(one);
    one.done(answer);
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

function samplesOf({ task }: Waiting): number {
  return task.kind === "batch" ? task.batch.cellEnds.length : 0;
}

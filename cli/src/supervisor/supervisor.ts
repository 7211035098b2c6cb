import type { Clock } from "@voltfog/runtime";
import type { Child, ChildEnd, ChildPlan } from "./child-process.ts";
import { restartDelay_ms } from "./restart-delay.ts";

/** One process to keep running. */
export interface SupervisedPlan extends ChildPlan {
  /** Processes of a lower number stop first; those of one number stop together. */
  readonly stopTurn: number;
  /** How long the process may take to stop before it is killed. */
  readonly stopLimit_ms: number;
}

export type SupervisorEvent =
  | { readonly kind: "started"; readonly id: string; readonly pid: number }
  | { readonly kind: "running"; readonly id: string; readonly starts: number }
  | {
      readonly kind: "died";
      readonly id: string;
      readonly end: ChildEnd;
      readonly restart_ms: number;
    }
  /** It was killed and is kept away until letUp. */
  | { readonly kind: "away"; readonly id: string }
  | { readonly kind: "refused"; readonly id: string; readonly end: ChildEnd }
  | { readonly kind: "killed"; readonly id: string };

interface Watched {
  readonly plan: SupervisedPlan;
  child: Child | undefined;
  started_ms: number;
  starts: number;
  failures: number;
  isRunning: boolean;
  isStopping: boolean;
  isHeldDown: boolean;
  cancelRestart: () => void;
}

/** Exit code by which a process says that its configuration is wrong, so that another start is no use. */
const refusedCode = 2;

/**
 * Keeps processes running: one that dies is started again, after a delay that grows while it keeps
 * dying. A process that refuses its configuration at its first start is not tried again. Stopping goes
 * turn by turn and leaves nothing running.
 */
export class Supervisor {
  readonly #watched: readonly Watched[];
  readonly #start: (plan: ChildPlan) => Child;
  readonly #clock: Clock;
  readonly #report: (event: SupervisorEvent) => void;
  #stopped: Promise<void> | undefined;

  constructor(options: {
    plans: readonly SupervisedPlan[];
    start: (plan: ChildPlan) => Child;
    clock: Clock;
    report: (event: SupervisorEvent) => void;
  }) {
    this.#start = options.start;
    this.#clock = options.clock;
    this.#report = options.report;
    this.#watched = options.plans.map((plan) => ({
      plan,
      child: undefined,
      started_ms: 0,
      starts: 0,
      failures: 0,
      isRunning: false,
      isStopping: false,
      isHeldDown: false,
      cancelRestart: () => {},
    }));
  }

  /** Starts the named processes, or all that have not been started. */
  start(ids?: readonly string[]): void {
    for (const watched of this.#watched) {
      const isMeant = ids === undefined || ids.includes(watched.plan.id);
      if (isMeant && watched.starts === 0 && !watched.isStopping) this.#launch(watched);
    }
  }

  #launch(watched: Watched): void {
    watched.started_ms = this.#clock.monotonic_ms();
    watched.starts += 1;
    const child = this.#start(watched.plan);
    watched.child = child;
    this.#report({ kind: "started", id: watched.plan.id, pid: child.pid });
    void child.running.then(() => {
      if (watched.child !== child) return;
      watched.isRunning = true;
      this.#report({ kind: "running", id: watched.plan.id, starts: watched.starts });
    });
    void child.ended.then((end) => this.#ended(watched, end));
  }

  #ended(watched: Watched, end: ChildEnd): void {
    const hadRun = watched.isRunning;
    const lived_ms = this.#clock.monotonic_ms() - watched.started_ms;
    watched.child = undefined;
    watched.isRunning = false;
    if (watched.isStopping) return;
    const { id } = watched.plan;
    if (watched.isHeldDown) {
      this.#report({ kind: "away", id });
      return;
    }
    if (end.code === refusedCode && !hadRun && watched.starts === 1) {
      this.#report({ kind: "refused", id, end });
      return;
    }
    const next = restartDelay_ms({ failures: watched.failures, lived_ms });
    watched.failures = next.failures;
    this.#report({ kind: "died", id, end, restart_ms: next.delay_ms });
    watched.cancelRestart = this.#clock.after(next.delay_ms, () => this.#launch(watched));
  }

  /** Kills the process and does not start it again before letUp. */
  holdDown(id: string): void {
    for (const watched of this.#watched.filter(({ plan }) => plan.id === id)) {
      watched.isHeldDown = true;
      watched.cancelRestart();
      watched.child?.kill("SIGKILL");
    }
  }

  /** Starts a process that was held down. */
  letUp(id: string): void {
    for (const watched of this.#watched.filter(({ plan }) => plan.id === id)) {
      if (!watched.isHeldDown) continue;
      watched.isHeldDown = false;
      // Where its end has not been seen yet, that starts it.
      if (watched.child === undefined && !watched.isStopping) this.#launch(watched);
    }
  }

  /** The processes that run now, by id. */
  pids(): ReadonlyMap<string, number> {
    const pids = new Map<string, number>();
    for (const { plan, child } of this.#watched) {
      if (child !== undefined) pids.set(plan.id, child.pid);
    }
    return pids;
  }

  /** True when the process has said that it serves. */
  isRunning(id: string): boolean {
    return this.#watched.some(({ plan, isRunning }) => plan.id === id && isRunning);
  }

  /** Stops these processes together and waits for their end; one that takes too long is killed. */
  async stopTogether(ids: readonly string[]): Promise<void> {
    const meant = this.#watched.filter(({ plan }) => ids.includes(plan.id));
    await Promise.all(meant.map((watched) => this.#stopOne(watched)));
  }

  async #stopOne(watched: Watched): Promise<void> {
    watched.isStopping = true;
    watched.cancelRestart();
    const { child } = watched;
    if (child === undefined) return;
    child.kill("SIGTERM");
    const cancel = this.#clock.after(watched.plan.stopLimit_ms, () => {
      this.#report({ kind: "killed", id: watched.plan.id });
      child.kill("SIGKILL");
    });
    await child.ended;
    cancel();
  }

  /** Stops everything, turn by turn. Once begun it goes to its end; further calls wait for the same. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stopInTurns();
    return this.#stopped;
  }

  async #stopInTurns(): Promise<void> {
    // Nothing of a later turn may be started again while an earlier one stops.
    for (const watched of this.#watched) {
      if (watched.child === undefined) {
        watched.isStopping = true;
        watched.cancelRestart();
      }
    }
    const turns = [...new Set(this.#watched.map(({ plan }) => plan.stopTurn))].sort(
      (a, b) => a - b,
    );
    for (const turn of turns) {
      const together = this.#watched.filter(({ plan }) => plan.stopTurn === turn);
      await this.stopTogether(together.map(({ plan }) => plan.id));
    }
  }

  /** Ends everything at once, without a chance to tidy up. */
  killAll(): void {
    for (const watched of this.#watched) {
      watched.isStopping = true;
      watched.cancelRestart();
      watched.child?.kill("SIGKILL");
    }
  }
}

import { systemClock } from "@voltfog/runtime/node";
import type { Supervisor, SupervisorEvent } from "../supervisor/supervisor.ts";
import type { Fault } from "./fault-plan.ts";
import type { SiteLinks } from "./site-links.ts";

/** Per second and direction. */
const slowRate_bytes = 32_000;

/** A process that ended and was not meant to. */
export interface UnplannedDeath {
  readonly id: string;
  readonly how: string;
}

/** Does to a running site what a plan says, and undoes it. */
export class FaultPlayer {
  readonly #supervisor: () => Supervisor;
  readonly #links: SiteLinks;
  readonly #done: Fault[] = [];
  readonly #missed: Fault[] = [];
  readonly #unplanned: UnplannedDeath[] = [];
  readonly #killed = new Map<string, number>();
  readonly #frozen = new Map<string, number>();
  readonly #away = new Set<string>();
  readonly #cancels: (() => void)[] = [];

  constructor(o: { supervisor: () => Supervisor; links: SiteLinks }) {
    this.#supervisor = o.supervisor;
    this.#links = o.links;
  }

  /** Faults that hit. */
  get done(): readonly Fault[] {
    return this.#done;
  }

  /** Faults whose process did not run at that moment: it was already down. */
  get missed(): readonly Fault[] {
    return this.#missed;
  }

  get unplannedDeaths(): readonly UnplannedDeath[] {
    return this.#unplanned;
  }

  play(faults: readonly Fault[]): void {
    for (const fault of faults) {
      this.#cancels.push(systemClock.after(fault.at_ms, () => this.#hit(fault)));
    }
  }

  /** No more faults; everything that was done and lasts is undone. */
  heal(): void {
    for (const cancel of this.#cancels) cancel();
    for (const id of [...this.#frozen.keys()]) this.#thaw(id);
    for (const id of this.#away) this.#supervisor().letUp(id);
    this.#away.clear();
    this.#links.mend();
  }

  /** Takes what the supervisor saw. */
  observe(event: SupervisorEvent): void {
    if (event.kind === "killed") this.#unplanned.push({ id: event.id, how: "did not stop" });
    if (event.kind !== "died") return;
    const { id, end } = event;
    const left = this.#killed.get(id) ?? 0;
    if (left > 0 && end.signal === "SIGKILL") this.#killed.set(id, left - 1);
    else this.#unplanned.push({ id, how: end.signal ?? `exit code ${end.code}` });
  }

  #hit(fault: Fault): void {
    const isDone = this.#begin(fault);
    (isDone ? this.#done : this.#missed).push(fault);
    if (isDone && fault.lasts_ms > 0) {
      this.#cancels.push(systemClock.after(fault.lasts_ms, () => this.#end(fault)));
    }
  }

  /** False when there is nothing to hit. */
  #begin({ kind, target }: Fault): boolean {
    const pid = this.#supervisor().pids().get(target);
    const link = this.#links.link(target);
    switch (kind) {
      case "kill":
        if (pid === undefined) return false;
        this.#killed.set(target, (this.#killed.get(target) ?? 0) + 1);
        process.kill(pid, "SIGKILL");
        return true;
      case "freeze":
        if (pid === undefined) return false;
        this.#frozen.set(target, pid);
        process.kill(pid, "SIGSTOP");
        return true;
      case "down":
        this.#away.add(target);
        this.#supervisor().holdDown(target);
        return true;
      case "cut":
        link?.cut();
        return link !== undefined;
      case "mute":
        link?.mute();
        return link !== undefined;
      case "slow":
        link?.slowTo(slowRate_bytes);
        return link !== undefined;
    }
  }

  #end({ kind, target }: Fault): void {
    const link = this.#links.link(target);
    switch (kind) {
      case "kill":
        break;
      case "freeze":
        this.#thaw(target);
        break;
      case "down":
        this.#away.delete(target);
        this.#supervisor().letUp(target);
        break;
      case "cut":
        link?.mend();
        break;
      case "mute":
        // What was swallowed is gone: a connection that lost bytes cannot go on.
        link?.cut();
        link?.mend();
        break;
      case "slow":
        link?.slowTo(Number.POSITIVE_INFINITY);
        break;
    }
  }

  #thaw(id: string): void {
    const pid = this.#frozen.get(id);
    this.#frozen.delete(id);
    // It may have been killed meanwhile, and its number be another's.
    if (pid !== undefined && this.#supervisor().pids().get(id) === pid)
      process.kill(pid, "SIGCONT");
  }
}

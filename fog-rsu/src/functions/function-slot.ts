import type { Clock, Logger } from "@voltfog/runtime";
import { compareVersions } from "./function-package.ts";
import type { GivenVehicle } from "./function-run.ts";
import { type HostConditions, vehiclesPerCall } from "./function-state.ts";
import type { Finding, FunctionManifest } from "./network-function.ts";
import type { SampleBatch } from "./sample-batch.ts";
import { type FunctionHealth, SupervisedFunction } from "./supervised-function.ts";
import type { FunctionDuty, TaskAnswer, WorkerTask } from "./worker-messages.ts";
import type { ThreadFactory } from "./worker-thread.ts";

export interface HostedFunction {
  readonly manifest: FunctionManifest;
  /** URL of its module. */
  readonly module: string;
  /** Of the module's bytes; a function that comes with the unit has none. */
  readonly sha256?: string;
}

/** A version that failed, and is not run again until its module is another. */
export interface FailedVersion {
  readonly version: string;
  readonly reason: string;
  readonly at_ms: number;
}

export interface VersionChange {
  readonly from: FunctionManifest;
  readonly to: FunctionManifest;
  readonly because: string;
}

export interface SlotOptions {
  readonly stall_ms: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly startThread: ThreadFactory;
  readonly conditions: HostConditions;
  readonly found: (finding: Finding, manifest: FunctionManifest) => void;
  /** Vehicles whose frames came here, whose state a new version takes over. */
  readonly vehicles: () => readonly string[];
  readonly changed: (change: VersionChange) => void;
}

/** A new version that fails in this time is taken back. */
const probation_ms = 60_000;
/** What is kept to show it again to the version before: samples, and bytes of states. */
const againMax = 65_536;
const statesMax_bytes = 134_217_728;

/** Something that a function is told. */
type Step = (to: SupervisedFunction) => void;

interface Probation {
  readonly before: HostedFunction;
  readonly states: readonly GivenVehicle[];
  /** What was done since the change, samples of it; undefined once they are too many. */
  again: Step[] | undefined;
  samples: number;
  readonly cancel: () => void;
}

/**
 * One function of the unit in the versions that it can run, of which one runs. A new version starts beside the
 * old one, takes over what it keeps of every vehicle and goes on at the next batch; then the old one stops.
 * One that fails within its first minute is taken back: the version before goes on from its own states and sees
 * again what came since.
 */
export class FunctionSlot {
  readonly #options: SlotOptions;
  #offered: readonly HostedFunction[];
  #running: SupervisedFunction;
  #current: HostedFunction;
  #duty: FunctionDuty = { vehicles: null, settings: {} };
  #pinned: string | undefined;
  #isChanging = false;
  /** What waits for a version to take over. */
  #waiting: Step[] | undefined;
  #probation: Probation | undefined;
  readonly #failed = new Map<HostedFunction, FailedVersion>();
  #isStopped = true;

  constructor(offered: readonly [HostedFunction, ...HostedFunction[]], options: SlotOptions) {
    this.#options = options;
    this.#offered = offered;
    this.#current = newest(offered) ?? offered[0];
    this.#running = this.#supervised(this.#current);
  }

  start(): void {
    this.#isStopped = false;
    this.#running.start();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#endProbation();
    await this.#running.stop();
  }

  get manifest(): FunctionManifest {
    return this.#current.manifest;
  }

  get versions(): readonly string[] {
    return this.#offered.map(({ manifest }) => manifest.version).toSorted(compareVersions);
  }

  get failed(): readonly FailedVersion[] {
    return [...this.#failed.values()];
  }

  /** True while a new version proves itself. */
  get isOnProbation(): boolean {
    return this.#probation !== undefined;
  }

  get duty(): FunctionDuty {
    return this.#duty;
  }

  get health(): FunctionHealth {
    return this.#running.health;
  }

  get running(): SupervisedFunction {
    return this.#running;
  }

  manifestOf(version: string | undefined): FunctionManifest | undefined {
    if (version === undefined) return this.manifest;
    return this.#offered.find(({ manifest }) => manifest.version === version)?.manifest;
  }

  offer(batch: SampleBatch): void {
    this.#tell((to) => to.offer(batch), batch.cellEnds.length);
  }

  serve(duty: FunctionDuty): void {
    this.#duty = duty;
    this.#tell((to) => to.serve(fitting(duty, to.manifest)));
  }

  ask(task: Exclude<WorkerTask, { kind: "batch" }>): Promise<TaskAnswer | undefined> {
    if (task.kind === "save" && this.#waiting === undefined) return this.#running.ask(task);
    return new Promise((resolve) => {
      // A version that sees this again answers to nobody.
      this.#tell((to) => void to.ask(task).then(resolve));
    });
  }

  /** Runs this version, or with undefined the newest that works. */
  pin(version: string | undefined): void {
    this.#pinned = version;
    void this.#change();
  }

  /** These are the versions from now on; the function that comes with the unit is always among them. */
  offerVersions(offered: readonly [HostedFunction, ...HostedFunction[]]): void {
    this.#offered = offered;
    for (const failed of this.#failed.keys()) {
      if (!offered.some((one) => isSame(one, failed))) this.#failed.delete(failed);
    }
    void this.#change();
  }

  /** Brings the version that is wanted into service, one change at a time. */
  async #change(): Promise<void> {
    if (this.#isChanging || this.#isStopped) return;
    this.#isChanging = true;
    for (let to = this.#wanted(); to !== undefined && !this.#isStopped; to = this.#wanted()) {
      const isGone = !this.#offered.some((one) => isSame(one, this.#current));
      await this.#changeTo(to, isGone ? "the one before was taken away" : "it was deployed");
    }
    this.#isChanging = false;
  }

  /** Undefined where what runs is what is wanted. */
  #wanted(): HostedFunction | undefined {
    const works = this.#offered.filter((one) => !this.#hasFailed(one));
    const pinned = works.find(({ manifest }) => manifest.version === this.#pinned);
    const wanted = pinned ?? newest(works);
    return wanted === undefined || isSame(wanted, this.#current) ? undefined : wanted;
  }

  async #changeTo(to: HostedFunction, because: string): Promise<void> {
    const next = this.#supervised(to);
    next.start();
    const loaded = await next.ask({ kind: "save", vehicles: [] });
    if (loaded === undefined || this.#isStopped) {
      await next.stop();
      return;
    }
    this.#endProbation();
    this.#waiting = [];
    const states = await this.#statesFor(to);
    for (const state of states) void next.ask({ kind: "adopt", states: [state] });
    const [old, before] = [this.#running, this.#current];
    this.#enter(to, next);
    const cancel = this.#options.clock.after(probation_ms, () => this.#endProbation());
    const held_bytes = states.reduce((sum, { state }) => sum + state.length, 0);
    const again = held_bytes > statesMax_bytes ? undefined : [];
    const kept = again === undefined ? [] : states;
    this.#probation = { before, states: kept, again, samples: 0, cancel };
    this.#options.changed({ from: before.manifest, to: to.manifest, because });
    this.#flush();
    await old.stop();
  }

  /** What the running version keeps, behind all that it was offered. */
  async #statesFor(to: HostedFunction): Promise<readonly GivenVehicle[]> {
    const from = this.manifest;
    const reads = [to.manifest.version, ...(to.manifest.readsStatesOf ?? [])];
    const vehicles = this.#options.vehicles();
    const states: GivenVehicle[] = [];
    for (let at = 0; at < vehicles.length; at += vehiclesPerCall) {
      const asked = vehicles.slice(at, at + vehiclesPerCall);
      const answer = await this.#running.ask({ kind: "save", vehicles: asked });
      for (const saved of answer?.saved ?? []) {
        const place = { functionId: from.id, vehicleId: saved.vehicleId };
        const open = this.#options.conditions.standingOf(place);
        states.push({ ...saved, open, state: reads.includes(from.version) ? saved.state : "" });
      }
    }
    return states;
  }

  #enter(hosted: HostedFunction, running: SupervisedFunction): void {
    this.#current = hosted;
    this.#running = running;
    running.serve(fitting(this.#duty, hosted.manifest));
  }

  #tell(step: Step, samples = 0): void {
    if (this.#waiting !== undefined) {
      this.#waiting.push(step);
      return;
    }
    this.#keepAgain(step, samples);
    step(this.#running);
  }

  #flush(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const step of waiting) this.#tell(step);
  }

  /** True: the failed version is not started again, for the one before goes on. */
  #takeBack(hosted: HostedFunction, reason: string): boolean {
    if (this.#isStopped) return false;
    const isStarting = hosted !== this.#current;
    const probation = this.#probation;
    if (!isStarting && probation === undefined) return false;
    const { version } = hosted.manifest;
    this.#failed.set(hosted, { version, reason, at_ms: this.#options.clock.wall_ms() });
    this.#options.logger.error("version of a function failed and is taken back", {
      ...{ functionId: hosted.manifest.id, version, reason },
    });
    if (isStarting || probation === undefined) return true;
    this.#endProbation();
    const failed = this.#running;
    const next = this.#supervised(probation.before);
    next.start();
    for (const state of probation.states) void next.ask({ kind: "adopt", states: [state] });
    this.#enter(probation.before, next);
    for (const step of probation.again ?? []) step(next);
    void failed.stop();
    const { manifest: to } = probation.before;
    this.#options.changed({ from: hosted.manifest, to, because: `${version} failed: ${reason}` });
    void this.#change();
    return true;
  }

  #keepAgain(step: Step, samples: number): void {
    const probation = this.#probation;
    if (probation?.again === undefined) return;
    probation.again.push(step);
    probation.samples += samples;
    // Too much to see again: then the version before goes on with a gap.
    if (probation.samples > againMax) probation.again = undefined;
  }

  #endProbation(): void {
    this.#probation?.cancel();
    this.#probation = undefined;
  }

  #hasFailed(hosted: HostedFunction): boolean {
    return [...this.#failed.keys()].some((failed) => isSame(failed, hosted));
  }

  #supervised(hosted: HostedFunction): SupervisedFunction {
    const { manifest, module } = hosted;
    const { stall_ms, clock, logger, startThread, conditions, found } = this.#options;
    return new SupervisedFunction({
      ...{ manifest, module, stall_ms, clock, logger, startThread },
      duty: fitting(this.#duty, manifest),
      openConditions: () => conditions.openConditions(manifest.id),
      found: (findings) => {
        for (const finding of findings) found(finding, manifest);
      },
      givenUp: (reason) => this.#takeBack(hosted, reason),
    });
  }
}

/** An assignment that names no version sets what the newest declares; another takes what it has in common. */
function fitting({ vehicles, settings }: FunctionDuty, manifest: FunctionManifest): FunctionDuty {
  const isTaken = ([name, value]: [string, number]): boolean => {
    const declared = manifest.settings.find((setting) => setting.name === name);
    return declared !== undefined && value >= declared.min && value <= declared.max;
  };
  const taken = Object.entries(settings).map(([vehicleId, values]) => {
    return [vehicleId, Object.fromEntries(Object.entries(values).filter(isTaken))];
  });
  return { vehicles, settings: Object.fromEntries(taken) };
}

function newest(hosted: readonly HostedFunction[]): HostedFunction | undefined {
  return hosted.toSorted((a, b) => compareVersions(b.manifest.version, a.manifest.version))[0];
}

function isSame(a: HostedFunction, b: HostedFunction): boolean {
  return a.manifest.version === b.manifest.version && a.sha256 === b.sha256;
}

import type { Clock, Logger } from "@voltfog/runtime";
import type { DurableFrame } from "../log/durable-frame.ts";
import type { Assignment, AssignmentTaker, FunctionAssignment } from "./assignment.ts";
import type { FunctionChanges } from "./function-changes.ts";
import {
  type FailedVersion,
  FunctionSlot,
  type HostedFunction,
  type SlotOptions,
} from "./function-slot.ts";
import type { FunctionState, HostConditions } from "./function-state.ts";
import { MemoryGuard } from "./memory-guard.ts";
import type { Finding, FunctionManifest, FunctionSetting } from "./network-function.ts";
import { type PackReading, PackReadings } from "./pack-readings.ts";
import type { FolderContents, RefusedPackage } from "./package-folder.ts";
import type { PeerStates } from "./peer-states.ts";
import { arrivalsOf, packBatch, type TelemetryArrival } from "./sample-batch.ts";
import { StandbyCopies, type StandbyStatus } from "./standby-copies.ts";
import type { FunctionHealth } from "./supervised-function.ts";
import { TakeOver, type TakeOverReport } from "./take-over.ts";
import type { ThreadFactory } from "./worker-thread.ts";

export interface FunctionHostOptions {
  readonly unitId: string;
  readonly functions: readonly HostedFunction[];
  readonly stall_ms: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly startThread: ThreadFactory;
  readonly peers: Pick<PeerStates, "states" | "use">;
  readonly conditions: HostConditions;
  readonly changes: Pick<FunctionChanges, "assigned" | "seen" | "tookOver" | "versionChanged">;
  readonly found: (finding: Finding, manifest: FunctionManifest) => void;
}

export interface FunctionStatus
  extends Pick<
    FunctionManifest,
    "id" | "version" | "latencyClass" | "rate_Hz" | "cpuPerVehicle" | "memoryPerVehicle_MB"
  > {
  /** All that the unit can run. */
  readonly versions: readonly string[];
  /** What can be set. */
  readonly declares: readonly FunctionSetting[];
  /** Null: every vehicle that is attached. */
  readonly vehicles: readonly string[] | null;
  readonly standby: readonly StandbyStatus[];
  /** Settings in force, by vehicle, where they are not the defaults. */
  readonly settings: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly health: FunctionHealth;
  /** A version that is in its first minute; it is taken back if it fails. */
  readonly onProbation: boolean;
  /** Versions that failed and were taken back. */
  readonly failed: readonly FailedVersion[];
}

/** Reports of vehicles that were taken over that the status shows. */
const reportsMax = 64;
/** How long a function may take to give its states before they are left out. */
const saveMax_ms = 800;

/** The functions of this unit, each in its own thread; none can stop another or the unit. */
export class FunctionHost implements AssignmentTaker {
  readonly #options: FunctionHostOptions;
  readonly #slots = new Map<string, FunctionSlot>();
  readonly #slotOptions: SlotOptions;
  readonly #guard: MemoryGuard;
  readonly #packs = new PackReadings();
  readonly #copies: StandbyCopies;
  readonly #takeOver: TakeOver;
  #assignment: Assignment | undefined;
  #reports: readonly TakeOverReport[] = [];
  #refused: readonly RefusedPackage[] = [];
  #isRunning = false;

  constructor(options: FunctionHostOptions) {
    this.#options = options;
    const { clock, logger, peers: source, unitId: ownId } = options;
    this.#slotOptions = {
      ...options,
      vehicles: () => this.#packs.all.map(({ vehicleId }) => vehicleId),
      changed: (change) => options.changes.versionChanged({ ...change, packs: this.#packs.all }),
    };
    for (const hosted of options.functions) {
      this.#slots.set(hosted.manifest.id, new FunctionSlot([hosted], this.#slotOptions));
    }
    this.#guard = new MemoryGuard({
      ...{ clock, logger },
      functions: () => [...this.#slots.values()].map((slot) => slot.running),
    });
    this.#copies = new StandbyCopies({ source, clock, logger });
    this.#takeOver = new TakeOver({
      ...{ ownId, source, clock, copies: this.#copies },
      adopt: (vehicleId, states) => this.#adopt(vehicleId, states),
      show: (arrivals) => this.#offer(arrivals),
      report: (report) => this.#report(report),
    });
  }

  start(): void {
    this.#isRunning = true;
    for (const slot of this.#slots.values()) slot.start();
    this.#copies.start();
    this.#guard.start();
  }

  async stop(): Promise<void> {
    this.#isRunning = false;
    this.#copies.stop();
    this.#guard.stop();
    await Promise.all([...this.#slots.values()].map((slot) => slot.stop()));
  }

  /** Shows the samples to every function. Never waits: a function that is behind sheds. */
  show(frames: readonly DurableFrame[]): void {
    const arrivals = arrivalsOf(frames);
    if (arrivals.length === 0) return;
    this.#offer(this.#takeOver.pass(arrivals));
    this.#packs.show(arrivals);
    for (const { vehicleId, frame } of arrivals) this.#options.changes.seen(vehicleId, frame);
  }

  manifestOf(
    asked: Pick<FunctionAssignment, "id" | "version">,
  ): FunctionManifest | "unknown version" | undefined {
    const slot = this.#slots.get(asked.id);
    return slot && (slot.manifestOf(asked.version) ?? "unknown version");
  }

  /**
   * Takes the functions of the unit's folder beside those that come with it: a new version of a function goes into
   * service, one that is not there any more goes out of it.
   */
  deploy({ functions, refused }: FolderContents): void {
    this.#refused = refused;
    for (const { file, code, detail } of refused) {
      this.#options.logger.warn("package of a function is refused", { file, code, detail });
    }
    const own = this.#options.functions;
    const isOwn = (one: HostedFunction): boolean =>
      own.some(({ manifest: { id, version } }) => {
        return id === one.manifest.id && version === one.manifest.version;
      });
    const ids = new Set([...own, ...functions].map(({ manifest }) => manifest.id));
    for (const id of ids) {
      const [first, ...more] = [...own, ...functions.filter((one) => !isOwn(one))].filter(
        ({ manifest }) => manifest.id === id,
      );
      if (first === undefined) continue;
      const slot = this.#slots.get(id);
      if (slot === undefined) this.#addSlot(id, [first, ...more]);
      else slot.offerVersions([first, ...more]);
    }
    for (const [id, slot] of this.#slots) {
      if (ids.has(id)) continue;
      this.#slots.delete(id);
      void slot.stop();
    }
  }

  /** A function that the assignment leaves out serves nobody here. */
  assign(assignment: Assignment): void {
    const isFirst = this.#assignment === undefined;
    this.#assignment = assignment;
    this.#options.peers.use(assignment.peers ?? []);
    for (const [id, slot] of this.#slots) this.#serve(id, slot);
    this.#takeOver.serve(vehiclesIn(assignment, "vehicles"), {
      sourceOf: (vehicleId) =>
        this.#sourceOf(vehicleId) ?? this.#copies.of(vehicleId)?.from ?? null,
      // Before its first assignment the unit serves all, so what it keeps is newer than any other state.
      isKnown: (vehicleId) => isFirst && this.#packs.of(vehicleId) !== undefined,
    });
    this.#copies.want(this.#standbys(assignment));
    this.#options.changes.assigned({
      assignment,
      manifests: [...this.#slots.values()].map(({ manifest }) => manifest),
      frameOf: (vehicleId) => this.#packs.of(vehicleId)?.frame,
    });
  }

  /**
   * What the functions keep of these vehicles, behind all that was shown; late functions are left out. Where they
   * keep nothing, the copy from another unit: that one may be dead, and the vehicle come to a third.
   */
  async statesOf(vehicles: readonly string[]): Promise<readonly FunctionState[]> {
    const slots = [...this.#slots.values()];
    const own = (await Promise.all(slots.map((slot) => this.#statesOf(slot, vehicles)))).flat();
    const known = new Set(own.map(({ functionId, vehicleId }) => `${functionId} ${vehicleId}`));
    const copies = vehicles.flatMap((vehicleId) => this.#copies.of(vehicleId)?.states ?? []);
    return [
      ...own,
      ...copies.filter(({ functionId, vehicleId }) => !known.has(`${functionId} ${vehicleId}`)),
    ];
  }

  get status(): readonly FunctionStatus[] {
    return [...this.#slots.values()].map((slot) => {
      const { manifest, versions, duty, health, failed, isOnProbation: onProbation } = slot;
      const { id, version, latencyClass, rate_Hz, cpuPerVehicle, memoryPerVehicle_MB } = manifest;
      const assigned = this.#assigned(id);
      return {
        ...{ id, version, versions, latencyClass, rate_Hz },
        ...{ cpuPerVehicle, memoryPerVehicle_MB, declares: manifest.settings },
        vehicles: duty.vehicles,
        standby: (assigned?.standby ?? []).map((one) => this.#copies.statusOf(one, id)),
        settings: assigned?.settings ?? {},
        ...{ health, onProbation, failed },
      };
    });
  }

  /** Packages of the unit's folder that are not run, and why. */
  get refusedPackages(): readonly RefusedPackage[] {
    return this.#refused;
  }

  /** The newest reading of each vehicle whose frames came here. */
  get packs(): readonly PackReading[] {
    return this.#packs.all;
  }

  /** How the newest vehicles were taken over from other units. */
  get takeOvers(): readonly TakeOverReport[] {
    return this.#reports;
  }

  #offer(arrivals: readonly TelemetryArrival[]): void {
    if (arrivals.length === 0) return;
    const batch = packBatch(arrivals);
    for (const slot of this.#slots.values()) slot.offer(batch);
  }

  #addSlot(id: string, offered: readonly [HostedFunction, ...HostedFunction[]]): void {
    const slot = new FunctionSlot(offered, this.#slotOptions);
    this.#slots.set(id, slot);
    if (this.#assignment !== undefined) this.#serve(id, slot);
    if (this.#isRunning) slot.start();
  }

  #serve(id: string, slot: FunctionSlot): void {
    const { vehicles = [], settings = {}, version } = this.#assigned(id) ?? {};
    slot.serve({ vehicles, settings });
    slot.pin(version);
  }

  async #statesOf(
    hosted: FunctionSlot,
    vehicles: readonly string[],
  ): Promise<readonly FunctionState[]> {
    const { clock, conditions } = this.#options;
    const { id: functionId, version } = hosted.manifest;
    const answer = await withinTime(hosted.ask({ kind: "save", vehicles }), {
      clock,
      limit_ms: saveMax_ms,
    });
    const at_ms = clock.wall_ms();
    return (answer?.saved ?? []).map((saved) => {
      const open = conditions.standingOf({ functionId, vehicleId: saved.vehicleId });
      return { ...saved, functionId, version, at_ms, open };
    });
  }

  /** In the order of the tasks: what is offered afterwards comes behind the states. */
  async #adopt(
    vehicleId: string,
    states: readonly FunctionState[],
  ): Promise<TakeOverReport["refusals"]> {
    const refusals: Record<string, string> = {};
    const asked = [...this.#slots.values()].map(async (hosted) => {
      const { id } = hosted.manifest;
      const state = states.find((one) => one.functionId === id);
      if (state === undefined) return;
      const reason = await this.#adoptOne(hosted, state);
      if (reason === undefined) return;
      refusals[id] = reason;
      this.#options.logger.warn("state not taken", { functionId: id, vehicleId, reason });
    });
    await Promise.all(asked);
    return refusals;
  }

  /** Undefined when the function goes on from the state. */
  async #adoptOne(hosted: FunctionSlot, state: FunctionState): Promise<string | undefined> {
    const { id, version, readsStatesOf = [] } = hosted.manifest;
    const { vehicleId, open, seen } = state;
    const adopted = { functionId: id, vehicleId, open, seen_ms: seen.wall_ms };
    if (!this.#options.conditions.adopt(adopted)) return "this unit knows more";
    const isReadable = state.version === version || readsStatesOf.includes(state.version);
    const { state: text } = state;
    const given = { vehicleId, seen, open, state: isReadable ? text : "" };
    const answer = await hosted.ask({ kind: "adopt", states: [given] });
    if (answer === undefined) return "the function failed on it";
    if (!isReadable) return `a state of version ${state.version}, read by ${version} is none`;
    return answer.refusals?.[vehicleId];
  }

  #report(report: TakeOverReport): void {
    this.#reports = [...this.#reports.slice(1 - reportsMax), report];
    const { vehicleId, from, states, age_ms } = report;
    this.#options.logger.info("vehicle taken over", { vehicleId, from, states, age_ms });
    this.#options.changes.tookOver(report);
  }

  #standbys(assignment: Assignment): ReadonlyMap<string, string> {
    const wanted = new Map(this.#takeOver.armed);
    for (const vehicleId of vehiclesIn(assignment, "standby")) {
      const source = this.#sourceOf(vehicleId);
      if (source !== null && source !== this.#options.unitId) wanted.set(vehicleId, source);
    }
    return wanted;
  }

  #assigned(id: string): FunctionAssignment | undefined {
    return this.#assignment?.functions.find((one) => one.id === id);
  }

  #sourceOf(vehicleId: string): string | null {
    const { states = {} } = this.#assignment ?? {};
    return Object.hasOwn(states, vehicleId) ? (states[vehicleId] ?? null) : null;
  }
}

function vehiclesIn(assignment: Assignment, as: "vehicles" | "standby"): ReadonlySet<string> {
  return new Set(assignment.functions.flatMap((one) => one[as] ?? []));
}

function withinTime<T>(
  promise: Promise<T>,
  { clock, limit_ms }: { clock: Clock; limit_ms: number },
): Promise<T | undefined> {
  return new Promise((resolve) => {
    const cancel = clock.after(limit_ms, () => resolve(undefined));
    void promise.then((value) => {
      cancel();
      resolve(value);
    });
  });
}

import type {
  AlarmLevel,
  CellBalancing,
  CommandKind,
  DataOrigin,
  EventClass,
  Stream,
} from "@voltfog/messages";
import type { MalformedProblem, Outcome, SavedState } from "@voltfog/runtime";

/** A number of a function that may be changed while it runs, for each vehicle by itself. */
export interface FunctionSetting {
  /** With its unit, such as `rate_Hz`. */
  readonly name: string;
  readonly default: number;
  readonly min: number;
  readonly max: number;
  /** Unit of all three, "" where they have none. */
  readonly unit: string;
  readonly description: string;
}

/** What a function says about itself before it runs; the controller places by it. */
export interface FunctionManifest {
  readonly id: string;
  readonly version: string;
  readonly inputs: readonly "telemetry"[];
  /**
   * Samples per second and vehicle that the function sees at most: of faster ones the first in each period.
   * A function of the class "alert" sees every sample.
   */
  readonly rate_Hz: number;
  /** Share of one core asked, 0..1. */
  readonly cpu: number;
  /** Heap asked; a function that needs more is stopped and started again. */
  readonly memory_MB: number;
  readonly latencyClass: "alert" | "control" | "bulk";
  /**
   * Share of one core that a vehicle of 96 cells costs at one sample a second with a standby that asks once a
   * second; `voltfog functions measure` measures it.
   */
  readonly cpuPerVehicle: number;
  /** Memory that the state of one such vehicle takes. */
  readonly memoryPerVehicle_MB: number;
  readonly settings: readonly FunctionSetting[];
  /** Earlier versions whose states this one reads; its own it reads always. */
  readonly readsStatesOf?: readonly string[];
}

/** The values in force for one vehicle, of every setting that the manifest declares. */
export type SettingValues = Readonly<Record<string, number>>;

/**
 * One sample as a function sees it. The arrays are views into memory that all functions share: never
 * write to them, and keep few, because each keeps its whole batch in memory.
 */
export interface FunctionSample {
  readonly vehicleId: string;
  readonly wall_ms: number;
  readonly monotonic_ms: number;
  readonly packVoltage_V: number;
  readonly packCurrent_A: number;
  /** The battery management system's own state of charge, 0..1. */
  readonly soc: number;
  readonly cellVoltage_mV: Uint16Array;
  readonly temperature_degC: Float32Array;
  /** Counts starts of the vehicle's agent; monotonic time begins anew with each. */
  readonly boot: number;
}

/** A condition that a function saw begin, grow or end. One condition is (function, name, vehicle). */
export interface Condition {
  /** Tells apart the conditions of one class, such as over-temperature and temperature-rise. */
  readonly name: string;
  readonly class: EventClass;
  readonly state: "asserted" | "cleared";
  /** The level reached, or the one that was left. */
  readonly level: AlarmLevel;
  /** The level that is left standing; 0 when the condition is over. */
  readonly standing: 0 | AlarmLevel;
  readonly cell: number | null;
  readonly value: number;
  readonly limit: number;
  /** Unit of value and limit. */
  readonly unit: string;
  readonly sentence: string;
}

/** A number with its interval, who estimated it, and the time it stands for. */
export interface Estimate {
  readonly name: EstimateName;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly estimator: string;
  readonly at_ms: number;
  /** Why the estimate should not be relied on; null where nothing speaks against it. */
  readonly suspect: string | null;
}

/** State of charge 0..1, of the pack's mean and of the cells that have least and most. */
export type EstimateName = "soc" | "soc-lowest-cell" | "soc-highest-cell";

/** What a function asks of the vehicle; the edge decides. */
export interface CommandRequest {
  readonly kind: CommandKind;
  readonly value: number;
  /** With "balance-cells". */
  readonly cells?: CellBalancing;
  /** Why, in words, with the reading that made it so. */
  readonly because: string;
}

/** Where a function says what it found; everything said belongs to the sample in hand. */
export interface Findings {
  condition(condition: Condition): void;
  estimate(estimate: Estimate): void;
  command(request: CommandRequest): void;
}

/** A condition that was open when the function was last stopped, so that it can be cleared. */
export interface OpenCondition {
  readonly name: string;
  readonly vehicleId: string;
  readonly level: AlarmLevel;
}

/** One running function. A throw stops it and starts a new one. */
export interface RunningFunction {
  onSample(sample: FunctionSample, findings: Findings): void;
  /** What it keeps of a vehicle, for the unit that serves the vehicle next; undefined for one never seen. */
  stateOf(vehicleId: string): SavedState | undefined;
  /**
   * Goes on with a vehicle from a state that this version, or one that the manifest names, may have saved. What
   * it finds afterwards is what it would have found had it seen the vehicle itself. Never trusts the state: where
   * it is refused, nothing has changed.
   */
  adopt(vehicleId: string, state: unknown): Outcome<void, MalformedProblem>;
}

/** What a function is started with. */
export interface FunctionStart {
  /** Looked up when a vehicle is first seen: vehicles come from other units while a function runs. */
  readonly open: readonly OpenCondition[];
  /** Looked up at each sample: settings change while a function runs. */
  readonly settingsOf: (vehicleId: string) => SettingValues;
}

/** What a function's module exports under the name `networkFunction`. */
export interface NetworkFunction {
  readonly manifest: FunctionManifest;
  start(options: FunctionStart): RunningFunction;
}

/** A finding on its way from the worker to the unit, with the frame that showed it. */
export type Finding = {
  readonly vehicleId: string;
  readonly frame: FrameReference;
  readonly at_ms: number;
} & (
  | { readonly kind: "condition"; readonly condition: Condition }
  | { readonly kind: "estimate"; readonly estimate: Estimate }
  | { readonly kind: "command"; readonly request: CommandRequest }
);

/** The logged frame that a finding rests on. */
export interface FrameReference {
  readonly logIndex: number;
  readonly stream: Stream;
  readonly sequence: number;
  /** Lower-case hex. */
  readonly commitment: string;
  readonly origin: DataOrigin;
}

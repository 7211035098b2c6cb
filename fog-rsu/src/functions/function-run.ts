import {
  accepted,
  decodeState,
  type MalformedProblem,
  type Outcome,
  refused,
} from "@voltfog/runtime";
import type {
  Finding,
  Findings,
  FrameReference,
  FunctionManifest,
  NetworkFunction,
  OpenCondition,
  RunningFunction,
  SettingValues,
} from "./network-function.ts";
import { forEachSample, type SampleBatch } from "./sample-batch.ts";
import { SampleMarks, type SeenMark } from "./sample-marks.ts";

/** Settings by vehicle, where they are not the defaults. */
export type SettingsByVehicle = Readonly<Record<string, SettingValues>>;

/** What one function keeps of one vehicle, ready to be taken elsewhere. */
export interface SavedVehicle {
  readonly vehicleId: string;
  readonly seen: SeenMark;
  /** JSON, at most `stateMax_bytes` long. */
  readonly state: string;
}

/** The same with what was open when it was saved, which counts even where the state cannot be read. */
export interface GivenVehicle extends SavedVehicle {
  readonly open: readonly Omit<OpenCondition, "vehicleId">[];
}

/** Of one function and vehicle; a pack of 96 cells takes about 30 kB in the largest. */
export const stateMax_bytes = 65_536;

/**
 * A function at work on batches of samples. What it finds depends on the samples, their order, the settings
 * and the conditions that were open at its start, on nothing else: the same run over the same log finds the same,
 * and so does a run that took the state of another in between.
 */
export class FunctionRun {
  readonly #manifest: FunctionManifest;
  readonly #running: RunningFunction;
  readonly #marks = new SampleMarks();
  readonly #defaults: SettingValues;
  #settings = new Map<string, SettingValues>();
  /** The running function looks up here what is open when it first sees a vehicle. */
  readonly #open: OpenCondition[];

  constructor(
    networkFunction: NetworkFunction,
    options: { open: readonly OpenCondition[]; settings?: SettingsByVehicle },
  ) {
    this.#manifest = networkFunction.manifest;
    this.#defaults = defaultsOf(this.#manifest);
    this.configure(options.settings ?? {});
    this.#open = [...options.open];
    const settingsOf = (vehicleId: string): SettingValues => this.#settingsOf(vehicleId);
    this.#running = networkFunction.start({ open: this.#open, settingsOf });
  }

  /** From now on; what is not named has its default. Which values are allowed the host has checked. */
  configure(settings: SettingsByVehicle): void {
    this.#settings = new Map(
      Object.entries(settings).map(([vehicleId, values]) => {
        return [vehicleId, { ...this.#defaults, ...values }];
      }),
    );
  }

  /** What the batch shows of the vehicles that are served, in order; estimates come last. */
  findingsOf(batch: SampleBatch, serves: (vehicleId: string) => boolean): readonly Finding[] {
    const found: Finding[] = [];
    // Of a batch's estimates only the newest of each vehicle is worth sending.
    const estimates = new Map<string, Finding>();
    let vehicleId = "";
    let at_ms = 0;
    let frame: FrameReference | undefined;
    const findings: Findings = {
      condition: (condition) => {
        if (frame !== undefined)
          found.push({ kind: "condition", vehicleId, frame, at_ms, condition });
      },
      command: (request) => {
        if (frame !== undefined) found.push({ kind: "command", vehicleId, frame, at_ms, request });
      },
      estimate: (estimate) => {
        if (frame === undefined) return;
        const key = `${vehicleId} ${estimate.name}`;
        estimates.set(key, { kind: "estimate", vehicleId, frame, at_ms, estimate });
      },
    };
    forEachSample(batch, {
      serves,
      passes: (sample) => this.#marks.passes(sample, this.#period_ms(sample.vehicleId)),
      visit: (sample, reference) => {
        ({ vehicleId } = sample);
        at_ms = sample.wall_ms;
        frame = reference;
        this.#running.onSample(sample, findings);
      },
    });
    return [...found, ...estimates.values()];
  }

  /** STATE_UNKNOWN for a vehicle that was never seen, STATE_TOO_LARGE for one whose pack has too many parts. */
  save(vehicleId: string): Outcome<SavedVehicle> {
    const seen = this.#marks.seen(vehicleId);
    const kept = this.#running.stateOf(vehicleId);
    if (seen === undefined || kept === undefined) return refused({ code: "STATE_UNKNOWN" });
    const state = JSON.stringify({ passed: this.#marks.save(vehicleId), kept });
    if (state.length > stateMax_bytes) {
      const detail = `${state.length} bytes of state, at most ${stateMax_bytes}`;
      return refused({ code: "STATE_TOO_LARGE", detail });
    }
    return accepted({ vehicleId, seen, state });
  }

  /** Goes on from what a run of a readable version saved. Where it is refused, only what is open is taken. */
  adopt({ vehicleId, seen, state, open }: GivenVehicle): Outcome<void, MalformedProblem> {
    const others = this.#open.filter((one) => one.vehicleId !== vehicleId);
    this.#open.splice(0, this.#open.length, ...others);
    for (const { name, level } of open) this.#open.push({ name, level, vehicleId });
    if (state.length > stateMax_bytes) return malformed(`${state.length} bytes of state`);
    let value: unknown;
    try {
      value = JSON.parse(state);
    } catch {
      return malformed("the state is no JSON");
    }
    const decoded = decodeState(value, (reader) => ({
      markAs: this.#marks.readPassed(reader.object("passed")),
      kept: reader.any("kept"),
    }));
    if (!decoded.ok) return decoded;
    const adopted = this.#running.adopt(vehicleId, decoded.value.kept);
    if (adopted.ok) decoded.value.markAs(vehicleId, seen);
    return adopted;
  }

  #settingsOf(vehicleId: string): SettingValues {
    return this.#settings.get(vehicleId) ?? this.#defaults;
  }

  /** Time of which one sample is shown; an alert function at its full rate sees every sample. */
  #period_ms(vehicleId: string): number {
    const { latencyClass, rate_Hz: full_Hz } = this.#manifest;
    const rate_Hz = this.#settingsOf(vehicleId)["rate_Hz"] ?? full_Hz;
    return latencyClass === "alert" && rate_Hz >= full_Hz ? 0 : 1000 / rate_Hz;
  }
}

function malformed(detail: string): Outcome<never, MalformedProblem> {
  return refused({ code: "MALFORMED", detail });
}

function defaultsOf({ settings }: FunctionManifest): SettingValues {
  return Object.fromEntries(settings.map((setting) => [setting.name, setting.default]));
}

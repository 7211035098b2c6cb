import type { Clock } from "@voltfog/runtime";
import type { FunctionState } from "./function-state.ts";
import type { FrameReference } from "./network-function.ts";
import type { StateSource } from "./peer-states.ts";
import type { TelemetryArrival } from "./sample-batch.ts";
import type { StandbyCopies } from "./standby-copies.ts";

/** How long a vehicle's first frames wait for its newest states; then the copies must do. */
const freshMax_ms = 300;
/** Frames that wait for states, of all vehicles; beyond, copies must do at once. */
const heldMax = 4096;

/** How this unit came to serve a vehicle that another unit served before. */
export interface TakeOverReport {
  readonly vehicleId: string;
  readonly from: string;
  /** Asked for when the first frame came, held since before, or not there: then the functions start anew. */
  readonly states: "fresh" | "copy" | "none";
  /** Of the copy; 0 for fresh states. */
  readonly age_ms: number;
  /** The first frame that came here. */
  readonly frame: FrameReference;
  readonly at_ms: number;
  /** Functions whose state was refused, and why; they start anew. */
  readonly refusals: Readonly<Record<string, string>>;
}

export interface TakeOverOptions {
  readonly ownId: string;
  readonly source: StateSource;
  readonly copies: StandbyCopies;
  readonly clock: Clock;
  /** Gives the states to the functions; what is shown later comes behind them. */
  readonly adopt: (
    vehicleId: string,
    states: readonly FunctionState[],
  ) => Promise<TakeOverReport["refusals"]>;
  readonly show: (arrivals: readonly TelemetryArrival[]) => void;
  readonly report: (report: TakeOverReport) => void;
}

/**
 * Takes vehicles over from other units. The states are asked for when a vehicle's first frame comes, for until
 * then the other unit may still see frames; the frames wait for them a short time. Each vehicle is taken over once
 * as long as it stays.
 */
export class TakeOver {
  readonly #options: TakeOverOptions;
  /** Vehicles that are served and not seen yet, with the unit that had them. */
  #armed = new Map<string, string>();
  #settled = new Set<string>();
  readonly #held = new Map<string, TelemetryArrival[]>();
  #heldFrames = 0;

  constructor(options: TakeOverOptions) {
    this.#options = options;
  }

  /** `isKnown` says which vehicles the functions see already, so that nothing older replaces what they keep. */
  serve(
    vehicles: Iterable<string>,
    from: {
      readonly sourceOf: (vehicleId: string) => string | null;
      readonly isKnown: (vehicleId: string) => boolean;
    },
  ): void {
    const [armed, settled] = [new Map<string, string>(), new Set<string>()];
    for (const vehicleId of vehicles) {
      const source = from.sourceOf(vehicleId);
      const isOwn = source === null || source === this.#options.ownId;
      const isSettled = this.#settled.has(vehicleId) || from.isKnown(vehicleId);
      if (isOwn || isSettled) settled.add(vehicleId);
      else armed.set(vehicleId, source);
    }
    this.#armed = armed;
    this.#settled = settled;
  }

  /** Vehicles whose states are wanted up to the moment that they come. */
  get armed(): ReadonlyMap<string, string> {
    return this.#armed;
  }

  /** The frames that may be shown now; others are shown once their vehicle is taken over. */
  pass(arrivals: readonly TelemetryArrival[]): readonly TelemetryArrival[] {
    if (this.#armed.size === 0 && this.#held.size === 0) return arrivals;
    return arrivals.filter((arrival) => {
      const { vehicleId } = arrival;
      const waiting = this.#held.get(vehicleId);
      if (waiting !== undefined) {
        waiting.push(arrival);
        this.#heldFrames += 1;
        return false;
      }
      const from = this.#armed.get(vehicleId);
      if (from === undefined) return true;
      this.#armed.delete(vehicleId);
      this.#settled.add(vehicleId);
      this.#held.set(vehicleId, [arrival]);
      this.#heldFrames += 1;
      void this.#takeOver(vehicleId, { from, frame: arrival.frame });
      return false;
    });
  }

  async #takeOver(
    vehicleId: string,
    { from, frame }: { from: string; frame: FrameReference },
  ): Promise<void> {
    const { source, copies, clock } = this.#options;
    const copy = copies.of(vehicleId);
    const isFull = this.#heldFrames > heldMax;
    const asked = { unitId: from, vehicles: [vehicleId], limit_ms: freshMax_ms };
    const fresh = isFull ? undefined : await source.states(asked);
    const states = fresh ?? copy?.states ?? [];
    const age_ms =
      fresh !== undefined || copy === undefined ? 0 : clock.monotonic_ms() - copy.taken_ms;
    const how = states.length === 0 ? "none" : fresh === undefined ? "copy" : "fresh";
    const adopted = this.#options.adopt(vehicleId, states);
    const waiting = this.#held.get(vehicleId) ?? [];
    this.#held.delete(vehicleId);
    this.#heldFrames -= waiting.length;
    this.#options.show(waiting);
    const at_ms = clock.wall_ms();
    const refusals = await adopted;
    this.#options.report({ vehicleId, from, states: how, age_ms, frame, at_ms, refusals });
  }
}

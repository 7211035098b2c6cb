import { orNull, type SavedState, type StateReader, savedTime_ms } from "@voltfog/runtime";

/** A sample as far as it can be told apart from others of its vehicle. */
export interface MarkedSample {
  readonly vehicleId: string;
  readonly boot: number;
  readonly monotonic_ms: number;
  readonly wall_ms: number;
}

/** The newest sample that a function saw of a vehicle. */
export type SeenMark = Omit<MarkedSample, "vehicleId">;

interface Marks {
  seen: SeenMark | undefined;
  passed: { readonly boot: number; readonly monotonic_ms: number } | undefined;
  /** What another unit saw already; samples up to it are sent again, not new. */
  resent: SeenMark | undefined;
  resentLeft: number;
}

/** Vehicles of which marks are kept; a forgotten one lets one sample more pass. */
const vehiclesMax = 10_000;

/**
 * Samples that are passed over at most because another unit is said to have seen them: what a vehicle sends
 * again after a move is one window of unacknowledged frames, and a unit that lies must not blind a function.
 */
const resentMax = 10_000;

const bootMax = 2 ** 48;

/**
 * Which samples of a vehicle a function sees: none twice that another unit's function saw before a hand-over, and
 * of each period of each boot the first. What passes depends on the samples alone.
 */
export class SampleMarks {
  readonly #marks = new Map<string, Marks>();

  /** `period_ms` 0 lets every sample pass that is not seen already. */
  passes(sample: MarkedSample, period_ms: number): boolean {
    const { boot, monotonic_ms, wall_ms } = sample;
    const marks = this.#of(sample.vehicleId);
    if (marks.resent !== undefined) {
      if (marks.resentLeft > 0 && isCovered(sample, marks.resent)) {
        marks.resentLeft -= 1;
        return false;
      }
      // Frames come in their order, so what is new ends what is sent again.
      marks.resent = undefined;
    }
    marks.seen = { boot, monotonic_ms, wall_ms };
    const { passed } = marks;
    if (period_ms > 0 && passed?.boot === boot) {
      const periodOf = (at_ms: number): number => Math.floor(at_ms / period_ms);
      if (periodOf(passed.monotonic_ms) === periodOf(monotonic_ms)) return false;
    }
    marks.passed = { boot, monotonic_ms };
    return true;
  }

  /** Undefined for a vehicle never seen. */
  seen(vehicleId: string): SeenMark | undefined {
    const marks = this.#marks.get(vehicleId);
    return marks?.seen ?? marks?.resent;
  }

  save(vehicleId: string): SavedState {
    const passed = this.#marks.get(vehicleId)?.passed;
    return { boot: orNull(passed?.boot), monotonic_ms: orNull(passed?.monotonic_ms) };
  }

  /** Reads what `save` gave; call the result once all else of the state is taken. */
  readPassed(from: StateReader): (vehicleId: string, seen: SeenMark) => void {
    const boot = from.maybe("boot", { min: 0, max: bootMax });
    const monotonic_ms = from.maybe("monotonic_ms", savedTime_ms);
    from.end();
    const passed =
      boot === undefined || monotonic_ms === undefined ? undefined : { boot, monotonic_ms };
    return (vehicleId, seen) => {
      this.#keep(vehicleId, { seen: undefined, passed, resent: seen, resentLeft: resentMax });
    };
  }

  #of(vehicleId: string): Marks {
    const known = this.#marks.get(vehicleId);
    if (known !== undefined) return known;
    return this.#keep(vehicleId, {
      seen: undefined,
      passed: undefined,
      resent: undefined,
      resentLeft: 0,
    });
  }

  #keep(vehicleId: string, marks: Marks): Marks {
    this.#marks.delete(vehicleId);
    this.#marks.set(vehicleId, marks);
    if (this.#marks.size > vehiclesMax) {
      for (const oldest of this.#marks.keys()) {
        this.#marks.delete(oldest);
        break;
      }
    }
    return marks;
  }
}

function isCovered(sample: MarkedSample, seen: SeenMark): boolean {
  if (sample.wall_ms > seen.wall_ms) return false;
  if (sample.boot !== seen.boot) return sample.boot < seen.boot;
  return sample.monotonic_ms <= seen.monotonic_ms;
}

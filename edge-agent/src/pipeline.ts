import type { BatterySample } from "@voltfog/messages";
import type { Clock } from "@voltfog/runtime";
import type { Cut } from "./framing/cut.ts";
import type { FrameCutter } from "./framing/frame-cutter.ts";
import type { FrameWriter } from "./outbox/frame-writer.ts";
import type { UnframedSamples } from "./outbox/unframed-samples.ts";
import type { BatterySource, PackLimits } from "./sampling/battery-source.ts";
import type { PackWatch } from "./twin/pack-watch.ts";
import type { VehicleTwin } from "./twin/vehicle-twin.ts";
import type { VehicleCounters } from "./vehicle-counters.ts";

export interface PipelineStages {
  readonly clock: Clock;
  readonly boot: number;
  readonly lastSample: number;
  readonly limits: () => PackLimits;
  readonly source: BatterySource;
  readonly watch: PackWatch;
  /** Undefined where it is switched off. */
  readonly twin: Pick<VehicleTwin, "take"> | undefined;
  readonly unframed: Pick<UnframedSamples, "append">;
  readonly cutter: FrameCutter;
  readonly writer: Pick<FrameWriter, "offer">;
  readonly counters: VehicleCounters;
}

/**
 * The journey of one reading inside the vehicle. From here a frame goes from disk to the unit in
 * uplink/frame-sender.ts, on its own: no stage here ever waits for disk or network.
 */
export class Pipeline {
  readonly #stages: PipelineStages;
  #number: number;
  #latest: BatterySample | undefined;

  constructor(stages: PipelineStages) {
    this.#stages = stages;
    this.#number = stages.lastSample;
  }

  /** The newest plausible reading. */
  get latest(): BatterySample | undefined {
    return this.#latest;
  }

  /** Once per sampling period. */
  tick(): void {
    const { clock, source, watch, twin, unframed, cutter, writer, counters } = this.#stages;
    const at = { wall_ms: clock.wall_ms(), monotonic_ms: Math.floor(clock.monotonic_ms()) };

    // 1 sampling: the pack is read, under the limits that commands have set.
    const reading = source.read({ ...at, limits: this.#stages.limits() });
    counters.origin = reading.origin;
    counters.source = reading.source;

    // 2 twin: an impossible reading is refused and counted, a passed limit becomes an alarm.
    const verdict = watch.judge(reading);
    twin?.take(reading.sample);
    if (!verdict.plausible) {
      counters.refuseSample(verdict.problem);
      for (const cut of cutter.due(at)) writer.offer(cut);
      return;
    }
    if (verdict.suspect !== "") counters.suspectSamples++;

    // 3 from here on the sample counts; it is on disk before it waits for its frame.
    this.#number++;
    this.#latest = reading.sample;
    counters.samples++;
    const number = this.#number;
    if (!unframed.append({ ...reading, number, boot: this.#stages.boot })) counters.unsaved++;

    // 4 framing: a frame is cut when it is full, old enough, or at once with its alarms.
    const { alarms } = verdict;
    const cuts = cutter.add({ reading, number, alarms, monotonic_ms: at.monotonic_ms });

    // 5 outbox: signed into its stream, on disk, then sent; or part of a declared gap.
    for (const cut of cuts) writer.offer(cut);
  }

  /** The last cut: what is open becomes a frame, and every open gap is declared. */
  finish(): void {
    const { clock, cutter, writer, boot } = this.#stages;
    const at = { wall_ms: clock.wall_ms(), monotonic_ms: Math.floor(clock.monotonic_ms()) };
    for (const cut of cutter.flush(at)) writer.offer(cut);
    writer.offer(this.#emptyCut({ boot, lastSample: this.#number, ...at }, "always"));
  }

  /** A unit took frames: a gap that waited for room can be declared. */
  declareGap(): void {
    const { clock, boot, writer } = this.#stages;
    const at = { wall_ms: clock.wall_ms(), monotonic_ms: Math.floor(clock.monotonic_ms()) };
    const stamp = { boot, lastSample: this.#number, ...at };
    writer.offer(this.#emptyCut(stamp, "when-there-is-room"));
  }

  #emptyCut(stamp: Cut["stamp"], closeGap: Cut["closeGap"]): Cut {
    return { stamp, telemetry: undefined, alarms: [], notices: [], closeGap };
  }
}

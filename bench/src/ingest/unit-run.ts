import { rmSync } from "node:fs";
import { join } from "node:path";
import { fsckLog } from "@voltfog/ledger/node";
import { assert } from "@voltfog/runtime";
import { CpuWatch } from "../measure/process-cpu.ts";
import type { ExperimentContext } from "../report/experiment.ts";
import type { Fleet, SendResult } from "./fleet.ts";
import { keepTimes } from "./keep-times.ts";
import { samplesPerFrame } from "./signed-frames.ts";
import { type RunningUnit, size_bytes, type UnitSite, type UnitStatus } from "./unit-under-test.ts";
import {
  ackLatencies_ms,
  ackRate_Hz,
  busyWindow,
  type LatencySummary,
  latencySummary,
  wholeTime_ms,
} from "./window.ts";

export interface UnitRun {
  readonly sampleRate_Hz: number;
  /** Payload bytes that were made durable per second. */
  readonly rate_bytes: number;
  readonly ack: LatencySummary;
  /** Processor time of the unit per sample, all threads; undefined where the system doesn't say. */
  readonly cpu_us: number | undefined;
  /** Share of one core that the unit's main thread and all of the unit took. */
  readonly mainThreadShare: number | undefined;
  readonly processShare: number | undefined;
  /** Of all generator processes together, over the whole run. */
  readonly generatorShare: number | undefined;
  /** On the unit's disk after an orderly stop, everything in its data folder. */
  readonly disk_bytes: number;
  readonly samplesShed: number;
  /** Share of what was meant for the functions that they took; what they cannot keep up with is shed. */
  readonly servedShare: number;
  readonly events: number;
  readonly window_ms: number;
}

export interface UnitRunOptions {
  readonly name: string;
  readonly site: UnitSite;
  readonly fleet: Fleet;
  readonly functions: "off" | "on";
  readonly inFlight: number;
  readonly warmUpShare: number;
  readonly context: ExperimentContext;
}

/** A new unit with an empty folder takes all frames of the fleet once; then its log is counted and checked. */
export async function runUnit(o: UnitRunOptions): Promise<UnitRun> {
  const { fleet, context } = o;
  const folder = join(context.folder, o.name);
  const unit = await o.site.start({ self: context.self, dataDir: join(folder, "data") });
  const watch = new CpuWatch({ pid: unit.pid, clock: context.clock });
  try {
    if (o.functions === "off") await unit.functionsOff();
    await fleet.connect({ target: unit.target, readsAnswers: true });
    const sent = await fleet.send({ inFlight: o.inFlight, passes: 1 });
    watch.stop();
    const status = await unit.status();
    await fleet.disconnect();
    await unit.stop();
    await requireWhole({ fleet, sent, status, unit });
    if (context.isKept) keepTimes(join(folder, "times.csv"), sent.vehicles);
    return measured({ options: o, sent, status, watch, disk_bytes: size_bytes(unit.dataDir) });
  } finally {
    watch.stop();
    await unit.stop();
    if (!context.isKept) rmSync(folder, { recursive: true, force: true });
  }
}

/** The figures count only if every frame was taken and every byte of the unit's folder checks out. */
async function requireWhole(o: {
  fleet: Fleet;
  sent: SendResult;
  status: UnitStatus;
  unit: RunningUnit;
}): Promise<void> {
  const { fleet, sent, status } = o;
  assert(sent.refusals === 0, "the unit refused no frame");
  assert(Object.keys(status.refusals).length === 0, "the unit counted no refusal");
  const report = await fsckLog(o.unit.dataDir);
  assert(report.ok, `the unit's folder checks out: ${JSON.stringify(report.problem)}`);
  assert(report.entries === fleet.frames, "the log holds every frame that was acknowledged");
  assert(report.samples === fleet.frames * samplesPerFrame, "the log holds every sample");
}

function measured(o: {
  options: UnitRunOptions;
  sent: SendResult;
  status: UnitStatus;
  watch: CpuWatch;
  disk_bytes: number;
}): UnitRun {
  const { fleet, warmUpShare } = o.options;
  const { vehicles, cpu_ms } = o.sent;
  const window = busyWindow(vehicles, warmUpShare);
  const window_ms = window.to_ms - window.from_ms;
  const frameRate_Hz = ackRate_Hz(vehicles, window);
  const sampleRate_Hz = frameRate_Hz * samplesPerFrame;
  const cpu = o.watch.between(window.from_ms, window.to_ms);
  const samples = (sampleRate_Hz * window_ms) / 1000;
  const whole_ms = wholeTime_ms(vehicles);
  const { functions } = o.status;
  const samplesShed = functions.reduce((sum, { health }) => sum + health.samplesShed, 0);
  const meant = fleet.frames * samplesPerFrame * functions.length;
  return {
    sampleRate_Hz,
    rate_bytes: (frameRate_Hz * fleet.payload_bytes) / fleet.frames,
    ack: latencySummary(ackLatencies_ms(vehicles, window)),
    cpu_us: cpu && (1000 * cpu.process_ms) / samples,
    mainThreadShare: cpu && cpu.mainThread_ms / window_ms,
    processShare: cpu && cpu.process_ms / window_ms,
    generatorShare: cpu_ms === undefined ? undefined : cpu_ms / whole_ms,
    disk_bytes: o.disk_bytes / (fleet.frames * samplesPerFrame),
    samplesShed,
    servedShare: meant === 0 ? 0 : 1 - samplesShed / meant,
    events: o.status.events,
    window_ms,
  };
}

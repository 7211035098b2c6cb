import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { CpuWatch } from "../measure/process-cpu.ts";
import { BenchChild } from "../processes/bench-child.ts";
import type { ExperimentContext } from "../report/experiment.ts";
import type { Fleet } from "./fleet.ts";
import { keepTimes } from "./keep-times.ts";
import type { Peer } from "./peers.ts";
import type { SubscriberReply, SubscriberRequest } from "./subscriber-messages.ts";
import type { UnitSite } from "./unit-under-test.ts";
import {
  ackLatencies_ms,
  ackRate_Hz,
  arrivalRate_bytes,
  busyWindow,
  type LatencySummary,
  latencySummary,
  wholeTime_ms,
} from "./window.ts";

export interface PeerRun {
  readonly version: string;
  /** Payload bytes that reached the subscriber per second. */
  readonly rate_bytes: number;
  /** Payload bytes that were acknowledged to the vehicles per second. */
  readonly acked_bytes: number;
  readonly ack: LatencySummary;
  /** Of one core. */
  readonly processShare: number | undefined;
  readonly generatorShare: number | undefined;
  readonly window_ms: number;
}

export interface PeerRunOptions {
  readonly name: string;
  readonly peer: Peer;
  readonly fleet: Fleet;
  /** Its broker's certificate, and the subscriber's. */
  readonly site: UnitSite;
  readonly inFlight: number;
  readonly passes: number;
  readonly warmUpShare: number;
  readonly context: ExperimentContext;
}

/** A peer forwards the fleet's frames to one subscriber in a process of its own. */
export async function runPeer(o: PeerRunOptions): Promise<PeerRun> {
  const { fleet, context } = o;
  const folder = join(context.folder, o.name);
  mkdirSync(folder);
  const { site } = o;
  const running = await o.peer.start({ folder, clock: context.clock, site });
  const subscriber = new BenchChild<SubscriberRequest, SubscriberReply>(
    new URL("./subscriber-process", import.meta.url),
  );
  const watch = new CpuWatch({ pid: running.pid, clock: context.clock });
  try {
    await subscriber.ask(
      { kind: "subscribe", target: running.target, identity: site.reader },
      "subscribed",
    );
    await fleet.connect({ target: running.target, readsAnswers: false });
    const sent = await fleet.send({ inFlight: o.inFlight, passes: o.passes });
    const messages = fleet.frames * o.passes;
    const received = await subscriber.ask({ kind: "await", messages }, "received");
    watch.stop();
    await fleet.disconnect();
    if (context.isKept) keepTimes(join(folder, "times.csv"), sent.vehicles);
    const window = busyWindow(sent.vehicles, o.warmUpShare);
    const window_ms = window.to_ms - window.from_ms;
    const cpu = watch.between(window.from_ms, window.to_ms);
    const whole_ms = wholeTime_ms(sent.vehicles);
    const frame_bytes = fleet.payload_bytes / fleet.frames;
    return {
      version: running.version,
      rate_bytes: arrivalRate_bytes(received, window),
      acked_bytes: ackRate_Hz(sent.vehicles, window) * frame_bytes,
      ack: latencySummary(ackLatencies_ms(sent.vehicles, window)),
      processShare: cpu && cpu.process_ms / window_ms,
      generatorShare: sent.cpu_ms === undefined ? undefined : sent.cpu_ms / whole_ms,
      window_ms,
    };
  } finally {
    watch.stop();
    await subscriber.stop();
    await running.stop();
    if (!context.isKept) rmSync(folder, { recursive: true, force: true });
  }
}

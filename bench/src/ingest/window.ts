import { assert, quantile } from "@voltfog/runtime";
import type { SentFrames } from "./fleet-messages.ts";

/** A span of shared time in which everybody was at work. */
export interface Window {
  readonly from_ms: number;
  readonly to_ms: number;
}

/**
 * From the moment when the last vehicle has its warm-up frames acknowledged to the moment when the first
 * one sends its last frame: neither start nor end of the run counts.
 */
export function busyWindow(vehicles: readonly SentFrames[], warmUpShare: number): Window {
  const from_ms = Math.max(
    ...vehicles.map(({ acked_ms }) => acked_ms[Math.floor(acked_ms.length * warmUpShare)] ?? 0),
  );
  const to_ms = Math.min(...vehicles.map(({ sent_ms }) => sent_ms.at(-1) ?? 0));
  assert(to_ms > from_ms, "some vehicles had finished before the others were warm");
  return { from_ms, to_ms };
}

/** Acknowledgements that came within the window, per second. */
export function ackRate_Hz(vehicles: readonly SentFrames[], window: Window): number {
  let acks = 0;
  for (const { acked_ms } of vehicles) {
    for (const at_ms of acked_ms) if (at_ms > window.from_ms && at_ms <= window.to_ms) acks++;
  }
  return (1000 * acks) / (window.to_ms - window.from_ms);
}

/** Times from sending to acknowledgement of the frames that were sent within the window. */
export function ackLatencies_ms(vehicles: readonly SentFrames[], window: Window): number[] {
  return vehicles.flatMap(({ sent_ms, acked_ms }) =>
    Array.from(sent_ms)
      .map((at_ms, i) => ({ at_ms, took_ms: (acked_ms[i] ?? 0) - at_ms }))
      .filter(({ at_ms }) => at_ms >= window.from_ms && at_ms < window.to_ms)
      .map(({ took_ms }) => took_ms),
  );
}

export interface LatencySummary {
  readonly p50_ms: number;
  readonly p99_ms: number;
  readonly max_ms: number;
}

export function latencySummary(latencies_ms: readonly number[]): LatencySummary {
  return {
    p50_ms: quantile(latencies_ms, 0.5),
    p99_ms: quantile(latencies_ms, 0.99),
    max_ms: quantile(latencies_ms, 1),
  };
}

/** From the first frame sent to the last acknowledgement. */
export function wholeTime_ms(vehicles: readonly SentFrames[]): number {
  const end_ms = Math.max(...vehicles.map(({ acked_ms }) => acked_ms.at(-1) ?? 0));
  return end_ms - Math.min(...vehicles.map(({ sent_ms }) => sent_ms[0] ?? 0));
}

/** What a subscriber had received by each of some moments. */
export interface Arrivals {
  readonly at_ms: Float64Array;
  readonly payload_bytes: Float64Array;
}

/** Payload bytes per second that arrived within the window, linear between two notes. */
export function arrivalRate_bytes(arrivals: Arrivals, window: Window): number {
  const had = (time_ms: number): number => {
    const next = arrivals.at_ms.findIndex((at_ms) => at_ms >= time_ms);
    if (next < 0) return arrivals.payload_bytes.at(-1) ?? 0;
    const after_bytes = arrivals.payload_bytes[next] ?? 0;
    const before_ms = arrivals.at_ms[next - 1];
    if (before_ms === undefined) return time_ms === arrivals.at_ms[next] ? after_bytes : 0;
    const before_bytes = arrivals.payload_bytes[next - 1] ?? 0;
    const share = (time_ms - before_ms) / ((arrivals.at_ms[next] ?? 0) - before_ms);
    return before_bytes + share * (after_bytes - before_bytes);
  };
  return (1000 * (had(window.to_ms) - had(window.from_ms))) / (window.to_ms - window.from_ms);
}

import type { GapPayload } from "@voltfog/messages";
import type { Reading } from "../sampling/battery-source.ts";
import type { Cut } from "./cut.ts";
import { belongsTo, telemetryOf } from "./frame-cutter.ts";

type RecoveredSample = Reading & { readonly number: number; readonly boot: number };

/**
 * What goes out before anything new: the samples of the earlier run, in frames of that run, and then
 * the notices of what is missing, in this run's first frames.
 */
export function recoveryCuts(options: {
  samples: readonly RecoveredSample[];
  notices: readonly GapPayload[];
  boot: number;
  lastSample: number;
  frameSamplesMax: number;
  at: { wall_ms: number; monotonic_ms: number };
}): readonly Cut[] {
  const cuts: Cut[] = [];
  let group: RecoveredSample[] = [];
  const close = (): void => {
    const last = group.at(-1);
    if (last === undefined) return;
    const stamp = {
      boot: last.boot,
      lastSample: last.number,
      wall_ms: options.at.wall_ms,
      monotonic_ms: last.sample.monotonic_ms,
    };
    cuts.push(cutOf({ stamp, telemetry: telemetryOf(group) }));
    group = [];
  };
  for (const sample of options.samples) {
    const last = group.at(-1);
    const full = group.length >= options.frameSamplesMax;
    if (last !== undefined && (full || last.boot !== sample.boot || !belongsTo(last, sample)))
      close();
    group.push(sample);
  }
  close();
  if (options.notices.length > 0) {
    const stamp = { boot: options.boot, lastSample: options.lastSample, ...options.at };
    cuts.push(cutOf({ stamp, telemetry: undefined, notices: options.notices }));
  }
  return cuts;
}

function cutOf(given: Pick<Cut, "stamp" | "telemetry"> & { notices?: readonly GapPayload[] }): Cut {
  return { alarms: [], notices: [], closeGap: "never", ...given };
}

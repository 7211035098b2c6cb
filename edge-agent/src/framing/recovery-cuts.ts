import type { GapPayload } from "@voltfog/messages";
import type { Recovered } from "../outbox/open-outbox.ts";
import type { Cut } from "./cut.ts";
import { belongsTo, telemetryOf } from "./frame-cutter.ts";

/**
 * What goes out before anything new: the samples of the earlier run, in frames of that run, and then
 * notices of what is missing, in this run's first frames: frames that the disk lost, and the time from
 * the last thing on record until now, in which no agent ran. The first start has neither.
 */
export function recoveryCuts(options: {
  recovered: Recovered;
  boot: number;
  lastSample: number;
  frameSamplesMax: number;
  /** When sampling starts again. */
  at: { wall_ms: number; monotonic_ms: number };
}): readonly Cut[] {
  const { recovered, boot, lastSample, at } = options;
  const cuts = groups(options).map((group): Cut => {
    const last = group.at(-1);
    const stamp = {
      boot: last?.boot ?? boot,
      lastSample: last?.number ?? lastSample,
      wall_ms: at.wall_ms,
      monotonic_ms: last?.sample.monotonic_ms ?? at.monotonic_ms,
    };
    return { stamp, telemetry: telemetryOf(group), alarms: [], notices: [], closeGap: "never" };
  });
  const notices = noticesOf(recovered, at.wall_ms);
  if (notices.length === 0) return cuts;
  const stamp = { boot, lastSample, ...at };
  return [...cuts, { stamp, telemetry: undefined, alarms: [], notices, closeGap: "never" }];
}

type RecoveredSample = Recovered["samples"][number];

/** Runs of samples that one frame can carry. */
function groups(options: {
  recovered: Recovered;
  frameSamplesMax: number;
}): readonly (readonly RecoveredSample[])[] {
  const found: RecoveredSample[][] = [];
  for (const sample of options.recovered.samples) {
    const group = found.at(-1);
    const last = group?.at(-1);
    const joins =
      group !== undefined &&
      last !== undefined &&
      group.length < options.frameSamplesMax &&
      last.boot === sample.boot &&
      belongsTo(last, sample);
    if (joins) group.push(sample);
    else found.push([sample]);
  }
  return found;
}

function noticesOf({ lost, last_ms }: Recovered, now_ms: number): readonly GapPayload[] {
  if (last_ms === undefined) return [];
  const range = { type: "gap", firstSequence: 0, lastSequence: 0 } as const;
  const damaged = lost.map(
    ({ samples, from_ms, to_ms }): GapPayload => ({
      ...range,
      samples,
      from_ms,
      to_ms,
      cause: "disk-error",
    }),
  );
  // A wall clock that was set back must not make the pause end before it began.
  const from_ms = Math.min(last_ms, now_ms);
  return [...damaged, { ...range, samples: 0, from_ms, to_ms: now_ms, cause: "agent-restart" }];
}

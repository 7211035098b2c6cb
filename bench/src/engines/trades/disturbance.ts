import type { MessageKind } from "@voltfog/consensus/node";
import { CodedError } from "@voltfog/runtime";
import { roundTimeout_ms } from "../../consensus/bench-validator.ts";
import { sharedTime_ms } from "../../measure/shared-time.ts";
import { gapAfter } from "./cell-figures.ts";
import type { TradeSite } from "./trade-site.ts";

/**
 * A leader that dies, a leader that goes on but votes and proposes no more (the least that a liar can do to
 * stop the others), or a follower that votes no more, which ends a fast path that needs all.
 */
export type Disturbance = "kill-leader" | "mute-leader" | "mute-follower";

export interface GapFigures {
  readonly disturbance: Disturbance;
  /** The longest time without any answer after it. */
  readonly gap_ms: number;
  /** In round timers, the first and shortest. */
  readonly timers: number;
  /** Answers a second from the end of that silence on. */
  readonly afterwards_Hz: number;
}

const clients = 10;
const before_ms = 500;
const after_ms = 2500;
const recovery_ms = 500;
const votes: readonly MessageKind[] = [
  "proposal",
  "prepare",
  "commit",
  "round-change",
  "prepare-certificate",
  "commit-certificate",
];

/** Ten clients go on while it happens. NO_ANSWER where none was answered afterwards. */
export async function disturb(site: TradeSite, disturbance: Disturbance): Promise<GapFigures> {
  const { consortium } = site;
  const running = site.runClosed(
    { kind: "trades", clients },
    { for_ms: before_ms + after_ms, operations: Number.POSITIVE_INFINITY },
  );
  await consortium.wait(before_ms);
  const { stands } = await consortium.collect();
  const leader = stands[0]?.builder ?? 0;
  const place = disturbance === "mute-follower" ? (leader + 1) % stands.length : leader;
  let event_ms = sharedTime_ms();
  if (disturbance === "kill-leader") event_ms = consortium.kill(place);
  else await consortium.mute(place, votes);
  const run = await running;
  if (disturbance !== "kill-leader") {
    await consortium.mute(place, []);
    await consortium.wait(recovery_ms);
  }
  const gap_ms = gapAfter(run, event_ms);
  if (!Number.isFinite(gap_ms)) {
    throw new CodedError({
      code: "NO_ANSWER",
      message: `no answer in ${after_ms} ms after ${disturbance}`,
      remedy: "measure again on a machine with less other work",
    });
  }
  const on_ms = event_ms + gap_ms;
  const answers = run.answered_ms.filter((at_ms) => at_ms > on_ms && at_ms <= run.stop_ms).length;
  const afterwards_Hz = (1000 * answers) / Math.max(1, run.stop_ms - on_ms);
  return { disturbance, gap_ms, timers: gap_ms / roundTimeout_ms, afterwards_Hz };
}

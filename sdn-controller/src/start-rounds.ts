import { type Clock, type Logger, messageOf } from "@voltfog/runtime";
import type { Pipeline } from "./pipeline.ts";
import type { Pulse } from "./topology/pulse.ts";

/** Until the units are observed, rounds come this many times faster. */
const firstHurry = 5;

/** Rounds at the pace asked for, one at a time, and heartbeats beside them; the returned function ends both. */
export function startRounds(options: {
  pipeline: Pipeline;
  pulse: Pulse;
  poll_ms: number;
  beat_ms: number;
  clock: Clock;
  logger: Logger;
}): () => Promise<void> {
  const { pipeline, pulse, clock, logger } = options;
  let ended = false;
  let cancelRound = (): void => {};
  let cancelBeat = (): void => {};
  const running = new Set<Promise<void>>();
  const run = async (work: () => Promise<void>): Promise<void> => {
    const task = work().catch((thrown: unknown) => {
      logger.error("round failed", { reason: messageOf(thrown) });
    });
    running.add(task);
    await task;
    running.delete(task);
  };
  const round = async (): Promise<void> => {
    const start_ms = clock.monotonic_ms();
    await run(() => pipeline.round());
    if (ended) return;
    const spent_ms = clock.monotonic_ms() - start_ms;
    const pause_ms = pipeline.isObserved ? options.poll_ms : options.poll_ms / firstHurry;
    cancelRound = clock.after(Math.max(0, pause_ms - spent_ms), () => void round());
  };
  const beat = (): void => {
    // Not one after the other: a unit that hangs must not slow down the pulse of the others.
    void run(() => pulse.beat());
    cancelBeat = clock.after(options.beat_ms, beat);
  };
  beat();
  void round();
  return async () => {
    ended = true;
    cancelRound();
    cancelBeat();
    await Promise.all(running);
  };
}

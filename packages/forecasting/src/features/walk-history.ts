import type { NetworkHistory, NetworkSnapshot } from "../status/network-history.ts";
import type { NetworkMemory } from "./network-memory.ts";

/** A time ahead of the newest known snapshot, or "next" for whichever snapshot comes next. */
export type Horizon = number | "next";

/** One forecast to make: the memory holds nothing later than target − horizon. */
export interface ForecastTask {
  readonly target: NetworkSnapshot;
  /** Place of the target in the history's snapshots. */
  readonly targetIndex: number;
  /** Place of the horizon in the list that was asked for. */
  readonly horizonIndex: number;
}

const minute_ms = 60_000;

/**
 * Goes through a history in time: feeds the memory, and yields at every present from which one of the
 * snapshots is a horizon ahead; the memory stands still until the next step. A target whose present
 * lies before the history is forecast from the memory as it was given. All snapshots are in the memory
 * at the end.
 */
export function* walkHistory(o: {
  memory: NetworkMemory;
  history: NetworkHistory;
  horizons_min: readonly Horizon[];
}): Generator<ForecastTask, void, undefined> {
  const { snapshots } = o.history;
  const tasks = snapshots
    .flatMap((target, targetIndex) =>
      o.horizons_min.map((horizon_min, horizonIndex) => ({
        target,
        targetIndex,
        horizonIndex,
        present_ms:
          horizon_min === "next"
            ? (snapshots[targetIndex - 1]?.at_ms ?? Number.NEGATIVE_INFINITY)
            : target.at_ms - horizon_min * minute_ms,
      })),
    )
    .sort((a, b) => a.present_ms - b.present_ms || a.targetIndex - b.targetIndex);
  let next = 0;
  const observeUntil = (present_ms: number): void => {
    for (let one = snapshots[next]; one !== undefined && one.at_ms <= present_ms; ) {
      o.memory.observe(one);
      one = snapshots[++next];
    }
  };
  for (const { present_ms, ...task } of tasks) {
    observeUntil(present_ms);
    yield task;
  }
  observeUntil(Number.POSITIVE_INFINITY);
}

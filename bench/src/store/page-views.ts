import type { TelemetryStore } from "@voltfog/cloud";
import { type Clock, type Random, SeededRandom } from "@voltfog/runtime";

/** What the vehicle page asks the store, by the names of its parts. */
export const questions = ["history", "cells", "frames", "events", "page"] as const;
export type Question = (typeof questions)[number];

export interface PageView {
  readonly span_ms: number;
  /** Each alone, and "page": all of them at once, until the last is answered. */
  readonly took_ms: Readonly<Record<Question, number>>;
}

/** The ranges of the vehicle page. */
const spans_ms = [300_000, 3_600_000, 86_400_000, 30 * 86_400_000] as const;
const points = 300;

/** Page views of vehicles and stretches of time by chance: one after the other, each as the browser asks. */
export async function viewPages(o: {
  store: TelemetryStore;
  clock: Clock;
  vehicleIds: readonly string[];
  from_ms: number;
  to_ms: number;
  views: number;
  seed: number;
}): Promise<readonly PageView[]> {
  const random = new SeededRandom(o.seed);
  const seen: PageView[] = [];
  for (let i = 0; i < o.views; i++) seen.push(await viewPage({ ...o, random }));
  return seen;
}

async function viewPage(o: {
  store: TelemetryStore;
  clock: Clock;
  vehicleIds: readonly string[];
  from_ms: number;
  to_ms: number;
  random: Random;
}): Promise<PageView> {
  const { store, random, clock } = o;
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random.uniform() * list.length)] as T;
  const vehicleId = pick(o.vehicleIds);
  const span_ms = pick(spans_ms);
  const end_ms = Math.round(o.from_ms + random.uniform() * (o.to_ms - o.from_ms));
  const before = Number.MAX_SAFE_INTEGER;
  const began_ms = clock.monotonic_ms();
  const timed = async (answer: Promise<unknown>): Promise<number> => {
    await answer;
    return clock.monotonic_ms() - began_ms;
  };
  const [history, cells, frames, events] = await Promise.all([
    timed(
      store.history({
        vehicleId,
        from_ms: Math.max(0, end_ms - span_ms),
        to_ms: end_ms,
        points,
      }),
    ),
    timed(store.frameAt({ vehicleId, at_ms: end_ms })),
    timed(store.frames({ vehicleId, stream: "telemetry", before, limit: 20 })),
    timed(store.events({ vehicleId, before, limit: 50 })),
  ]);
  const page = Math.max(history, cells, frames, events);
  return { span_ms, took_ms: { history, cells, frames, events, page } };
}

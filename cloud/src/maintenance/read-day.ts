import { setImmediate as nextTurn } from "node:timers/promises";
import type { DayReadings } from "@voltfog/battery";
import { type DataOrigin, decodePayload, openFrame } from "@voltfog/messages";
import type { FramePlace, VehicleDay } from "../store/final-frames.ts";
import type { TelemetryStore } from "../store/telemetry-store.ts";
import { DayCollector } from "./day-collector.ts";

const day_ms = 86_400_000;
/** A frame that began before midnight ends after it, by less than this. */
const frameMax_ms = 3_600_000;
const pageMax = 128;

/** What a vehicle said on a day, from its signed frames that are final. */
export interface FinalDay {
  readonly readings: DayReadings;
  readonly samples: number;
  /** Of the newest frame. */
  readonly origin: DataOrigin;
}

/**
 * Reads a day from the signed frames themselves, so that whichever engine keeps the samples, what is computed
 * rests on what the chain made final. In small pages with a turn of the event loop between; undefined where
 * no final frame has a sample of that day.
 */
export async function readFinalDay(
  store: TelemetryStore,
  { vehicleId, day_ms: from_ms }: VehicleDay,
): Promise<FinalDay | undefined> {
  const collector = new DayCollector(from_ms);
  let after: FramePlace | undefined;
  let origin: DataOrigin = "measured";
  for (;;) {
    const to_ms = from_ms + day_ms + frameMax_ms;
    const page = await store.final.frames({ vehicleId, from_ms, to_ms, after, limit: pageMax });
    for (const { frame } of page) origin = collect(frame, collector) ?? origin;
    after = page.at(-1);
    if (page.length < pageMax) break;
    await nextTurn();
  }
  if (collector.samples === 0) return undefined;
  const gaps = await store.gaps({ vehicleId, from_ms, to_ms: from_ms + day_ms });
  return { readings: collector.finish(gaps), samples: collector.samples, origin };
}

/** Adds the samples of a frame; gives their origin, or undefined where it holds none. */
function collect(frame: Uint8Array, collector: DayCollector): DataOrigin | undefined {
  const opened = openFrame(frame);
  const payload = opened.ok ? decodePayload(opened.value) : opened;
  if (!payload.ok || payload.value.type !== "telemetry") return undefined;
  for (const sample of payload.value.samples) collector.add(sample);
  return payload.value.origin;
}

import { streams } from "@voltfog/messages";
import type { FrameReference } from "../functions/network-function.ts";
import type { EnrolledDevice } from "../ingest/device-directory.ts";
import { DurableFrames } from "../log/durable-frame.ts";
import type { UnitLog } from "../log/unit-log.ts";

/** Finds the newest frame that the log holds of a vehicle under its present key; undefined without one. */
export function newestFrameOf(options: {
  deviceOf: (vehicleId: string) => EnrolledDevice | undefined;
  log: Pick<UnitLog, "tailOf" | "view">;
}): (vehicleId: string) => Promise<FrameReference | undefined> {
  const { deviceOf, log } = options;
  return async (vehicleId) => {
    const keyId = deviceOf(vehicleId)?.keyId;
    if (keyId === undefined) return undefined;
    const places = streams.flatMap((stream) => {
      const sequence = log.tailOf({ keyId, stream })?.sequence;
      return sequence === undefined ? [] : (log.view.find({ keyId, stream, sequence }) ?? []);
    });
    if (places.length === 0) return undefined;
    const stored = await log.view.read({ from: Math.max(...places), limit: 1 });
    return new DurableFrames().ofStored(stored)[0]?.reference;
  };
}

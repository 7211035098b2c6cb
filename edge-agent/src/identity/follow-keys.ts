import { type Clock, faultOf, type Logger, type VehicleId } from "@voltfog/runtime";
import type { FrameWriter } from "../outbox/frame-writer.ts";
import type { VehicleUplink } from "../uplink/vehicle-uplink.ts";
import type { DeviceKeys } from "./device-keys.ts";

const look_ms = 500;

/**
 * Follows a vehicle's key files while it streams: a new key is taken into use between two frames, and
 * sampling goes on all the while. Returns what ends it.
 */
export function followKeys(options: {
  vehicleId: VehicleId;
  keys: DeviceKeys;
  writer: Pick<FrameWriter, "settle" | "lastNumbers">;
  uplink: Pick<VehicleUplink, "reconnect">;
  clock: Clock;
  logger: Logger;
}): () => void {
  const { keys, uplink, clock, logger, vehicleId } = options;
  let ended = false;
  let cancel = (): void => {};
  const look = async (): Promise<void> => {
    try {
      const { due } = keys;
      if (due === "change") await changeKey(options);
      if (due === "certificate") {
        keys.finish();
        logger.info("device key certified", { vehicleId });
        await uplink.reconnect();
      }
    } catch (thrown) {
      logger.error("device key not changed", { vehicleId, ...faultOf(thrown) });
    }
    if (!ended) cancel = clock.after(look_ms, () => void look());
  };
  cancel = clock.after(look_ms, () => void look());
  return () => {
    ended = true;
    cancel();
  };
}

/**
 * The connection ends first: a unit acknowledges and drops frames of a key that it does not know, so
 * none of the new key's may go out on the old key's connection.
 */
async function changeKey(options: Parameters<typeof followKeys>[0]): Promise<void> {
  const { vehicleId, keys, writer, uplink, logger } = options;
  const { next, takeBack } = keys.letGo();
  try {
    await uplink.reconnect();
    // What is being written is signed by the old key, and is counted only once it is written.
    let last = writer.lastNumbers;
    while (last === undefined) {
      await writer.settle();
      last = writer.lastNumbers;
    }
    keys.change(next, last);
    logger.info("device key changed", { vehicleId, ...last });
  } catch (thrown) {
    takeBack();
    throw thrown;
  }
}

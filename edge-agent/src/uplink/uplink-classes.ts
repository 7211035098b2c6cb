import { faultOf, type Logger } from "@voltfog/runtime";
import { LinkShaper } from "@voltfog/runtime/node";
import type { UplinkTarget } from "./uplink-session.ts";

/**
 * Lets alarms pass what fills this machine's uplink, by the kernel's queues, where one is named. Returns
 * what takes them away. Where the machine does not let us, that is said, and all goes as it would have.
 */
export async function uplinkClasses(options: {
  /** Empty: none. */
  device: string;
  rate_bytes: number;
  urgentOf: (target: UplinkTarget) => UplinkTarget | undefined;
  targets: readonly UplinkTarget[];
  logger: Logger;
}): Promise<() => Promise<void>> {
  const { device, rate_bytes, urgentOf, targets, logger } = options;
  if (device === "") return async () => {};
  const telemetry = [...new Set(targets.map(({ port }) => port))];
  const urgent = [...new Set(targets.flatMap((target) => urgentOf(target)?.port ?? []))];
  const ports = [urgent, telemetry];
  try {
    const shaper = await LinkShaper.open({ device, rate_bytes, side: "vehicle", ports });
    return () =>
      shaper.close().catch((thrown: unknown) => {
        logger.error("queues left on the uplink", { device, ...faultOf(thrown) });
      });
  } catch (thrown) {
    logger.warn("no classes on the uplink", { device, ...faultOf(thrown) });
    return async () => {};
  }
}

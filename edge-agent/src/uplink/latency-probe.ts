import { createConnection } from "node:net";
import type { Clock } from "@voltfog/runtime";
import type { UplinkTarget } from "./uplink-session.ts";

const timeout_ms = 2000;

/**
 * Time from asking for a TCP connection to having it: one round trip to the unit's broker. Undefined
 * when there is none within two seconds.
 */
export function probeLatency_ms(target: UplinkTarget, clock: Clock): Promise<number | undefined> {
  return new Promise((resolve) => {
    const start_ms = clock.monotonic_ms();
    const socket = createConnection({ host: target.host, port: target.port });
    socket.setTimeout(timeout_ms);
    const finish = (latency_ms: number | undefined): void => {
      socket.destroy();
      resolve(latency_ms);
    };
    socket.once("connect", () => finish(clock.monotonic_ms() - start_ms));
    socket.once("timeout", () => finish(undefined));
    socket.once("error", () => finish(undefined));
  });
}

import { connect } from "node:tls";
import type { Clock } from "@voltfog/runtime";
import { clientTls, type TlsIdentity } from "@voltfog/runtime/node";
import type { UplinkTarget } from "./uplink-session.ts";

const timeout_ms = 2000;

/**
 * The way to a unit's broker: the longer of the TCP and the TLS 1.3 handshake, each one round trip. The
 * second carries data, so that it also sees what delays data only, and costs both sides a few milliseconds
 * of cryptography at most. Undefined when there is no connection with the unit within two seconds.
 */
export function probeLatency_ms(options: {
  target: UplinkTarget;
  identity: TlsIdentity;
  clock: Clock;
}): Promise<number | undefined> {
  const { target, identity, clock } = options;
  return new Promise((resolve) => {
    const start_ms = clock.monotonic_ms();
    let connected_ms = start_ms;
    const { host, port, unitId } = target;
    const socket = connect({ host, port, ...clientTls(identity, unitId) });
    const cancel = clock.after(timeout_ms, () => finish(undefined));
    const finish = (latency_ms: number | undefined): void => {
      cancel();
      socket.destroy();
      resolve(latency_ms);
    };
    socket.once("connect", () => {
      connected_ms = clock.monotonic_ms();
    });
    socket.once("secureConnect", () => {
      const handshake_ms = clock.monotonic_ms() - connected_ms;
      finish(Math.max(connected_ms - start_ms, handshake_ms));
    });
    socket.on("error", () => finish(undefined));
    socket.once("close", () => finish(undefined));
  });
}

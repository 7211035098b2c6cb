import type { ServerResponse } from "node:http";
import type { Clock } from "@voltfog/runtime";
import type { Fleet } from "../access/fleet-directory.ts";
import type { Credential } from "../access/identity.ts";
import type { LiveClient, LiveHub } from "./live-hub.ts";

/** Who does not take the last words by then is cut off. */
const farewell_ms = 5000;

/**
 * Makes a response a listener of the hub, as server-sent events; undefined, with nothing sent, where there is
 * no place. Memory: what one write hands to the socket, and the messages that the hub lets wait.
 */
export function openStream(
  raw: ServerResponse,
  o: {
    hub: LiveHub;
    clock: Clock;
    vehicleId: string | undefined;
    fleet: Fleet;
    credential: Credential | undefined;
  },
): LiveClient | undefined {
  const { hub, clock, vehicleId, fleet, credential } = o;
  const client = hub.join({
    ...{ vehicleId, fleet, credential },
    sink: {
      write: (text) => raw.write(text),
      close(last) {
        if (raw.destroyed) return;
        const cancel = clock.after(farewell_ms, () => raw.destroy());
        raw.once("close", cancel);
        raw.end(last);
      },
    },
  });
  if (client === undefined) return undefined;
  raw.on("drain", () => client.resume());
  raw.on("close", () => client.leave());
  raw.on("error", () => client.leave());
  raw.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
  });
  raw.write("retry: 2000\n\n");
  return client;
}

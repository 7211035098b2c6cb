import { writeFileSync } from "node:fs";
import type { SentFrames } from "./fleet-messages.ts";

/** Every frame's times as CSV, from which rate and latencies can be counted again. */
export function keepTimes(path: string, vehicles: readonly SentFrames[]): void {
  const lines = vehicles.flatMap(({ sent_ms, acked_ms }, vehicle) =>
    Array.from(sent_ms, (at_ms, frame) => {
      const took_ms = (acked_ms[frame] ?? 0) - at_ms;
      return `${vehicle},${frame},${at_ms.toFixed(3)},${took_ms.toFixed(3)}`;
    }),
  );
  writeFileSync(path, `vehicle,frame,sent_ms,ack_after_ms\n${lines.join("\n")}\n`);
}

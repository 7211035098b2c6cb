import { parseTopic } from "@voltfog/messages";
import type { FrameArrival } from "../ingest/authenticate-frame.ts";
import type { EnrolledDevice } from "../ingest/device-directory.ts";
import type { CommandDesk } from "./command-desk.ts";

/** Picks the answers to commands out of what vehicles publish. */
export class CommandAnswers {
  readonly #desk: CommandDesk;
  readonly #deviceOf: (vehicleId: string) => EnrolledDevice | undefined;

  constructor(options: {
    desk: CommandDesk;
    deviceOf: (vehicleId: string) => EnrolledDevice | undefined;
  }) {
    this.#desk = options.desk;
    this.#deviceOf = options.deviceOf;
  }

  /** True when the message was an answer of its sender, good or not; false when it is for others. */
  take(arrival: FrameArrival): boolean {
    const topic = parseTopic(arrival.topic);
    if (topic?.direction !== "up" || topic.kind !== "command-ack") return false;
    if (topic.vehicleId !== arrival.sender) return false;
    const device = this.#deviceOf(arrival.sender);
    if (device !== undefined && !device.revoked)
      this.#desk.answer({ device, bytes: arrival.bytes });
    return true;
  }
}

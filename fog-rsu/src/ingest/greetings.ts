import { decodeHello, parseTopic } from "@voltfog/messages";
import type { Crypto, Logger, UnitId } from "@voltfog/runtime";
import type { FrameArrival, FrameRefusal } from "./authenticate-frame.ts";
import type { EnrolledDevice } from "./device-directory.ts";
import { judgeReceipt, type KnownUnit, type ProvenReceipt } from "./judge-receipt.ts";
import type { StreamTail } from "./place-in-stream.ts";
import type { StreamKey } from "./stream-table.ts";

export interface GreetingsOptions {
  readonly unitId: UnitId;
  readonly deviceOf: (vehicleId: string) => EnrolledDevice | undefined;
  /** A unit of the genesis file. */
  readonly unitOf: (unitId: UnitId) => KnownUnit | undefined;
  /** How far this unit's own log is in a stream. */
  readonly tailOf: (key: StreamKey) => StreamTail | undefined;
  /** A frame that another unit holds: the stream may go on from it here. */
  readonly shown: (key: StreamKey, last: StreamTail) => void;
  readonly crypto: Crypto;
  readonly logger: Logger;
}

/** Takes what vehicles show when they attach, so that a chain goes on where another unit left it. */
export class Greetings {
  readonly #options: GreetingsOptions;

  constructor(options: GreetingsOptions) {
    this.#options = options;
  }

  /**
   * Undefined when the message is no hello of its sender; otherwise the refusals that it earned, none
   * for a good one. Nothing is kept of a receipt that does not prove what it says.
   */
  take(arrival: FrameArrival): readonly FrameRefusal[] | undefined {
    const topic = parseTopic(arrival.topic);
    if (topic?.direction !== "up" || topic.kind !== "hello") return undefined;
    if (topic.vehicleId !== arrival.sender) return undefined;
    const device = this.#options.deviceOf(arrival.sender);
    if (device === undefined || device.revoked) {
      const code = device === undefined ? "KEY_UNKNOWN" : "KEY_REVOKED";
      return [{ code, detail: "a receipt of a vehicle that this unit takes nothing from" }];
    }
    const hello = decodeHello(arrival.bytes);
    if (!hello.ok) return [invalid(`hello: ${hello.problem.detail}`)];
    return hello.value.receipts.flatMap((bytes) => this.#judge(bytes, device));
  }

  #judge(bytes: Uint8Array, device: EnrolledDevice): readonly FrameRefusal[] {
    const { unitOf, crypto } = this.#options;
    const judged = judgeReceipt({ bytes, device, unitOf, crypto });
    if (judged.ok) {
      this.#take(judged.value, device);
      return [];
    }
    const { code, detail } = judged.problem;
    return [invalid(`${code}: ${detail}`)];
  }

  #take({ unitId, last }: ProvenReceipt, { keyId, vehicleId }: EnrolledDevice): void {
    const { tailOf, shown, logger } = this.#options;
    for (const [stream, { sequence, commitment }] of last) {
      const key = { keyId, stream };
      const behind = sequence > (tailOf(key)?.sequence ?? 0);
      if (unitId !== this.#options.unitId) {
        if (behind) shown(key, { sequence, commitment });
      } else if (behind) {
        // Not taken as a link: what this unit promised and lost must stay visible as a hole.
        logger.error("the log is behind a receipt of this unit", { vehicleId, stream, sequence });
      }
    }
  }
}

function invalid(detail: string): FrameRefusal {
  return { code: "RECEIPT_INVALID", detail };
}

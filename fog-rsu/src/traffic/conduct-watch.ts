import {
  decodePayload,
  type OpenedFrame,
  openFrame,
  parseTopic,
  type Stream,
} from "@voltfog/messages";
import { type Crypto, toHex } from "@voltfog/runtime";
import type { FrameArrival } from "../ingest/authenticate-frame.ts";
import type { IntakeAnswer } from "../ingest/intake.ts";
import type { StreamTail } from "../ingest/place-in-stream.ts";
import type { Conduct, Verdict } from "./conduct.ts";
import type { Evidence } from "./own-quarantine.ts";

export interface ConductWatchOptions {
  readonly conduct: Conduct;
  readonly crypto: Crypto;
  /** The place of the next entry; where evidence lies that the log does not hold. */
  readonly logSize: () => number;
  /** The last frame that the log holds of the vehicle's stream, by its present key. */
  readonly tailOf: (vehicleId: string, stream: Stream) => StreamTail | undefined;
  /** A vehicle is to be put out, with the frame that shows it. */
  readonly condemned: (verdict: Verdict, evidence: Evidence | null) => void;
}

/** Sees every message with what became of it, and every wait at a limit, and tells {@link Conduct}. */
export class ConductWatch {
  readonly #options: ConductWatchOptions;

  constructor(options: ConductWatchOptions) {
    this.#options = options;
  }

  connected(vehicleId: string): void {
    this.#options.conduct.connected(vehicleId);
  }

  judged(arrival: FrameArrival, answer: IntakeAnswer): void {
    const verdict = this.#judge(arrival, answer);
    if (verdict === undefined) return;
    const logIndex = answer.kind === "taken" ? answer.placed.index : this.#options.logSize();
    this.#options.condemned(verdict, this.#evidenceIn(arrival, logIndex));
  }

  throttled(vehicleId: string, spent: { packets: number; length_bytes: number }): void {
    const verdict = this.#options.conduct.throttled(vehicleId, spent);
    if (verdict === undefined) return;
    this.#options.condemned(verdict, this.#lastOf(vehicleId));
  }

  #judge({ sender, topic, bytes }: FrameArrival, answer: IntakeAnswer): Verdict | undefined {
    const { conduct } = this.#options;
    const code = answer.refusal?.code;
    if (answer.kind === "taken") {
      if (answer.repeated) return conduct.repeated(sender, toHex(answer.authentic.commitment));
      conduct.explained(sender);
      return code === "SEQUENCE_FORKED" ? conduct.offended(sender, "CHAIN_FORKED") : undefined;
    }
    if (code === "SIGNATURE_INVALID") return conduct.offended(sender, "SIGNATURE_FORGED");
    if (code === "TOPIC_MISMATCH" && isForeign({ sender, topic, bytes })) {
      return conduct.offended(sender, "VEHICLE_FOREIGN");
    }
    // A key that the unit has not heard of yet, and versions of a later release, are no offence.
    if (code?.startsWith("KEY_") || code?.endsWith("_UNKNOWN")) conduct.explained(sender);
    return undefined;
  }

  #evidenceIn({ sender, bytes }: FrameArrival, logIndex: number): Evidence | null {
    const opened = openFrame(bytes);
    if (!opened.ok || opened.value.header.sequence < 1) return this.#lastOf(sender);
    const { stream, sequence } = opened.value.header;
    const commitment = toHex(this.#options.crypto.sha256(bytes));
    return { logIndex, stream, sequence, commitment, origin: originOf(opened.value) };
  }

  /** Who floods with what are no frames has shown no frame; the last one of before stands for it. */
  #lastOf(vehicleId: string): Evidence | null {
    for (const stream of ["telemetry", "urgent"] as const) {
      const tail = this.#options.tailOf(vehicleId, stream);
      if (tail === undefined) continue;
      const { sequence, commitment } = tail;
      const logIndex = this.#options.logSize();
      return { logIndex, stream, sequence, commitment: toHex(commitment), origin: "measured" };
    }
    return null;
  }
}

function isForeign({ sender, topic, bytes }: FrameArrival): boolean {
  const parsed = parseTopic(topic);
  if (parsed?.direction === "up" && parsed.vehicleId !== sender) return true;
  const opened = openFrame(bytes);
  return opened.ok && opened.value.header.vehicleId !== sender;
}

function originOf(frame: OpenedFrame): Evidence["origin"] {
  const decoded = decodePayload(frame);
  return decoded.ok && decoded.value.type !== "gap" ? decoded.value.origin : "measured";
}

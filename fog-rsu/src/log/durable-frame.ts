import type { StoredEntry } from "@voltfog/ledger/node";
import { type DataOrigin, decodePayload, openFrame, type Payload } from "@voltfog/messages";
import { toHex } from "@voltfog/runtime";
import type { FrameReference } from "../functions/network-function.ts";
import type { LogItem } from "./log-item.ts";

/** A frame that the log holds and took, on its way to the stages behind the log. */
export interface DurableFrame {
  readonly vehicleId: string;
  readonly boot: number;
  readonly payload: Payload;
  readonly reference: FrameReference;
}

/** Gives frames their references; a gap has the origin of the vehicle's readings before it. */
export class DurableFrames {
  readonly #origins = new Map<string, DataOrigin>();

  /** The taken frames of a group that was just committed; refused ones are left out. */
  ofGroup(items: readonly LogItem[], firstIndex: number): readonly DurableFrame[] {
    return items.flatMap(({ authentic, payload }, at) => {
      if (payload === undefined) return [];
      const { header } = authentic.frame;
      const commitment = toHex(authentic.commitment);
      return [this.#frame({ header, payload, commitment, logIndex: firstIndex + at })];
    });
  }

  /** The same from the disk, for frames that an earlier life of the unit took. */
  ofStored(entries: readonly StoredEntry[]): readonly DurableFrame[] {
    return entries.flatMap(({ entry, frame, index }) => {
      const isTaken = entry.kind === "frame" || entry.kind === "gap";
      if (!isTaken || frame === undefined) return [];
      const opened = openFrame(frame);
      if (!opened.ok) return [];
      const decoded = decodePayload(opened.value);
      if (!decoded.ok) return [];
      const { header } = opened.value;
      const commitment = toHex(entry.commitment);
      return [this.#frame({ header, payload: decoded.value, commitment, logIndex: index })];
    });
  }

  #frame(options: {
    header: { vehicleId: string; boot: number; stream: "telemetry" | "urgent"; sequence: number };
    payload: Payload;
    commitment: string;
    logIndex: number;
  }): DurableFrame {
    const { header, payload, commitment, logIndex } = options;
    const { vehicleId, boot, stream, sequence } = header;
    const origin = this.#originOf(vehicleId, payload);
    return {
      vehicleId,
      boot,
      payload,
      reference: { logIndex, stream, sequence, commitment, origin },
    };
  }

  #originOf(vehicleId: string, payload: Payload): DataOrigin {
    if (payload.type === "gap") return this.#origins.get(vehicleId) ?? "measured";
    this.#origins.set(vehicleId, payload.origin);
    return payload.origin;
  }
}

import { downTopic, encodeReceipt, type ReceiptEntry } from "@voltfog/messages";
import type { UnitId, VehicleId } from "@voltfog/runtime";
import type { AuthenticFrame } from "../ingest/authenticate-frame.ts";
import type { Committed, Placed } from "../log/group-commit.ts";
import type { LogItem } from "../log/log-item.ts";

/** Sends bytes to one vehicle; false when it is not there to read them. */
export type SendDown = (message: { clientId: string; topic: string; bytes: Uint8Array }) => boolean;

const entriesMax = 1024;

/** Tells each vehicle what became durable: one receipt per group commit, however many frames. */
export class Receipts {
  readonly #unitId: UnitId;
  readonly #send: SendDown;

  constructor(options: { unitId: UnitId; send: SendDown }) {
    this.#unitId = options.unitId;
    this.#send = options.send;
  }

  /** A refused frame gets a refusal instead, although it has an entry. */
  sendGroup(group: readonly LogItem[], place: Committed): void {
    const byVehicle = new Map<VehicleId, ReceiptEntry[]>();
    for (const [at, { authentic, refusal }] of group.entries()) {
      if (refusal !== undefined) continue;
      const { vehicleId, stream, sequence } = authentic.frame.header;
      const entries = byVehicle.get(vehicleId) ?? [];
      const { commitment } = authentic;
      entries.push({ stream, sequence, commitment, index: place.firstIndex + at });
      byVehicle.set(vehicleId, entries);
    }
    for (const [vehicle, entries] of byVehicle) {
      for (let at = 0; at < entries.length; at += entriesMax) {
        this.#sendTo(vehicle, entries.slice(at, at + entriesMax), place.checkpoint);
      }
    }
  }

  /** The receipt of one frame that was logged before. */
  sendAgain(authentic: AuthenticFrame, placed: Placed): void {
    const { vehicleId, stream, sequence } = authentic.frame.header;
    const { commitment } = authentic;
    const entry = { stream, sequence, commitment, index: placed.index };
    this.#sendTo(vehicleId, [entry], placed.checkpoint);
  }

  #sendTo(vehicle: VehicleId, entries: readonly ReceiptEntry[], checkpoint: string): void {
    const bytes = encodeReceipt({ unitId: this.#unitId, entries, checkpoint });
    this.#send({ clientId: vehicle, topic: downTopic(vehicle, "receipt"), bytes });
  }
}

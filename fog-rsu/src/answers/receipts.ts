import { downTopic, type ReceiptEntry, sealReceipt } from "@voltfog/messages";
import type { Clock, Signer, UnitId } from "@voltfog/runtime";
import type { AuthenticFrame } from "../ingest/authenticate-frame.ts";
import type { EnrolledDevice } from "../ingest/device-directory.ts";
import type { Committed, Placed } from "../log/group-commit.ts";
import type { LogItem } from "../log/log-item.ts";

/** Sends bytes to one vehicle, or to all operators; false when nobody is there to read them. */
export type SendDown = (message: {
  clientId?: string;
  topic: string;
  bytes: Uint8Array;
}) => boolean;

const entriesMax = 1024;
/**
 * A vehicle that sends faster gets what gathered in this time as one receipt: a signature costs the
 * ingest thread a third of what checking a frame costs.
 */
const pause_ms = 250;

interface Gathered {
  readonly entries: ReceiptEntry[];
  /** Of the newest group; it covers the earlier ones too. */
  checkpoint: string;
}

/** Tells each vehicle what became durable: the first frame after a pause at once, the rest gathered. */
export class Receipts {
  readonly #unitId: UnitId;
  readonly #signer: Signer;
  readonly #send: SendDown;
  readonly #clock: Clock;
  /** Vehicles that got a receipt in this pause, with what they get after it. */
  #pausing = new Map<EnrolledDevice, Gathered>();
  #cancel: (() => void) | undefined;

  constructor(options: { unitId: UnitId; signer: Signer; send: SendDown; clock: Clock }) {
    this.#unitId = options.unitId;
    this.#signer = options.signer;
    this.#send = options.send;
    this.#clock = options.clock;
  }

  /** A refused frame gets a refusal instead, although it has an entry. */
  sendGroup(group: readonly LogItem[], place: Committed): void {
    const { checkpoint } = place;
    const byDevice = new Map<EnrolledDevice, ReceiptEntry[]>();
    for (const [at, { authentic, refusal }] of group.entries()) {
      if (refusal !== undefined) continue;
      const entries = byDevice.get(authentic.device) ?? [];
      entries.push(entryOf(authentic, place.firstIndex + at));
      byDevice.set(authentic.device, entries);
    }
    for (const [device, entries] of byDevice) this.#add(device, { entries, checkpoint });
  }

  /** The receipt of one frame that was logged before. */
  sendAgain(authentic: AuthenticFrame, placed: Placed): void {
    const { checkpoint, index } = placed;
    this.#sendTo(authentic.device, { entries: [entryOf(authentic, index)], checkpoint });
  }

  /** Sends what is gathered, before the vehicles are let go. */
  flush(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    const gathered = this.#pausing;
    this.#pausing = new Map();
    for (const [device, waiting] of gathered) this.#sendTo(device, waiting);
  }

  #add(device: EnrolledDevice, added: Gathered): void {
    const waiting = this.#pausing.get(device);
    if (waiting === undefined) {
      this.#pausing.set(device, { entries: [], checkpoint: added.checkpoint });
      this.#cancel ??= this.#clock.after(pause_ms, () => this.#endPause());
      this.#sendTo(device, added);
      return;
    }
    waiting.entries.push(...added.entries);
    waiting.checkpoint = added.checkpoint;
    if (waiting.entries.length >= entriesMax) this.#sendTo(device, take(waiting));
  }

  #endPause(): void {
    this.#cancel = undefined;
    for (const [device, waiting] of this.#pausing) {
      // Who was silent for a whole pause gets the next receipt at once again.
      if (waiting.entries.length === 0) this.#pausing.delete(device);
      else this.#sendTo(device, take(waiting));
    }
    if (this.#pausing.size > 0) {
      this.#cancel = this.#clock.after(pause_ms, () => this.#endPause());
    }
  }

  #sendTo(device: EnrolledDevice, { entries, checkpoint }: Gathered): void {
    const { vehicleId, keyId } = device;
    const topic = downTopic(vehicleId, "receipt");
    for (let at = 0; at < entries.length; at += entriesMax) {
      const part = entries.slice(at, at + entriesMax);
      const receipt = { unitId: this.#unitId, keyId, entries: part, checkpoint };
      const bytes = sealReceipt({ receipt, signer: this.#signer });
      this.#send({ clientId: vehicleId, topic, bytes });
    }
  }
}

function take({ entries, checkpoint }: Gathered): Gathered {
  return { entries: entries.splice(0), checkpoint };
}

function entryOf({ frame, commitment }: AuthenticFrame, index: number): ReceiptEntry {
  const { stream, sequence } = frame.header;
  return { stream, sequence, commitment, index };
}

import { join } from "node:path";
import { decodeReceipt, type Receipt, type Stream, streams } from "@voltfog/messages";
import {
  type Clock,
  type Crypto,
  equalBytes,
  type Logger,
  messageOf,
  type UnitId,
} from "@voltfog/runtime";
import { replaceFileSync } from "@voltfog/runtime/node";
import type { JournalRecord } from "../outbox/journal-record.ts";
import { isSignedCheckpoint } from "./checkpoint-note.ts";
import type { UnitKeys } from "./unit-keys.ts";

/** Receipts come seconds after their frames; commitments of so many frames are kept to compare. */
const commitmentsMax = 512;
/** A receipt is on disk at most so long after it came; an earlier one stays until then. */
const write_ms = 1000;

export type ReceiptVerdict =
  | "kept"
  | "malformed"
  | "wrong-unit"
  | "signature-invalid"
  | "contradicts";

/**
 * Keeps the latest receipt of each stream in `<folder>/<stream>`: the unit's signed word that it holds
 * the frames up to there. A receipt that the unit's key did not sign, or that names another commitment
 * than the frame's, is not kept and logged, for it means that somebody must act.
 */
export class ReceiptKeeper {
  readonly #options: {
    folder: string;
    keys: UnitKeys;
    crypto: Crypto;
    clock: Clock;
    logger: Logger;
  };
  readonly #commitments: Readonly<Record<Stream, Map<number, Uint8Array>>> = {
    telemetry: new Map(),
    urgent: new Map(),
  };
  readonly #latest: Record<Stream, { sequence: number; bytes: Uint8Array } | undefined> = {
    telemetry: undefined,
    urgent: undefined,
  };
  #unwritten = new Set<Stream>();
  #cancelWrite: (() => void) | undefined;

  constructor(options: {
    folder: string;
    keys: UnitKeys;
    crypto: Crypto;
    clock: Clock;
    logger: Logger;
  }) {
    this.#options = options;
  }

  /** These frames were cut; their receipts must name the same commitments. */
  note(records: readonly JournalRecord[]): void {
    for (const { kind, stream, sequence, commitment } of records) {
      if (kind === "skipped" || kind === "boot" || kind === "lost") continue;
      const known = this.#commitments[stream];
      known.set(sequence, commitment);
      if (known.size <= commitmentsMax) continue;
      for (const oldest of known.keys()) {
        known.delete(oldest);
        break;
      }
    }
  }

  receive(bytes: Uint8Array, from: UnitId): ReceiptVerdict {
    const decoded = decodeReceipt(bytes);
    const verdict = decoded.ok ? this.#judge(decoded.value, from) : "malformed";
    if (!decoded.ok || verdict !== "kept") {
      this.#options.logger.error("receipt refused", { unitId: from, reason: verdict });
      return verdict;
    }
    for (const { stream, sequence } of decoded.value.entries) {
      if (sequence <= (this.#latest[stream]?.sequence ?? 0)) continue;
      this.#latest[stream] = { sequence, bytes };
      this.#unwritten.add(stream);
    }
    this.#cancelWrite ??= this.#options.clock.after(write_ms, () => this.flush());
    return verdict;
  }

  /** Writes what is not on disk yet. */
  flush(): void {
    this.#cancelWrite?.();
    this.#cancelWrite = undefined;
    for (const stream of streams) {
      const latest = this.#latest[stream];
      if (latest === undefined || !this.#unwritten.has(stream)) continue;
      try {
        replaceFileSync(join(this.#options.folder, stream), latest.bytes);
        this.#unwritten.delete(stream);
      } catch (thrown) {
        // The next receipt tries again; frames themselves do not depend on it.
        this.#options.logger.warn("receipt not written", { stream, reason: messageOf(thrown) });
      }
    }
  }

  #judge(receipt: Receipt, from: UnitId): ReceiptVerdict {
    const publicKey = this.#options.keys.keyOf(from);
    if (receipt.unitId !== from || publicKey === undefined) return "wrong-unit";
    const origin = `voltfog/${this.#options.keys.chain}/log/${from}`;
    const { crypto } = this.#options;
    if (!isSignedCheckpoint({ note: receipt.checkpoint, origin, publicKey, crypto })) {
      return "signature-invalid";
    }
    const contradicts = receipt.entries.some(({ stream, sequence, commitment }) => {
      const own = this.#commitments[stream].get(sequence);
      return own !== undefined && !equalBytes(own, commitment);
    });
    return contradicts ? "contradicts" : "kept";
  }
}

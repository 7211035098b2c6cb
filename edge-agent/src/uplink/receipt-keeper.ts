import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  decodeReceipt,
  encodeHello,
  type OpenedReceipt,
  type ReceiptEntry,
  type Stream,
  streams,
  verifyReceipt,
} from "@voltfog/messages";
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
  | "wrong-vehicle"
  | "signature-invalid"
  | "contradicts";

export interface ReceiptKeeperOptions {
  readonly folder: string;
  /** Whether a key id is the vehicle's own. */
  readonly isOwn: (keyId: Uint8Array) => boolean;
  readonly keys: UnitKeys;
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A unit has these frames, by its signed word. */
  readonly onKept: (entries: readonly ReceiptEntry[]) => void;
}

/** The last receipt of a stream. */
interface Kept {
  readonly sequence: number;
  readonly bytes: Uint8Array;
  /** The unit signed what it holds, so that another unit will believe it. */
  readonly isProof: boolean;
}

/**
 * Keeps the latest receipt of each stream in `<folder>/<stream>`: the unit's signed word that it holds
 * the frames up to there, evidence for anybody and shown to the next unit. A receipt that the unit's key
 * did not sign, or that names another commitment than the frame's, is not kept and logged, for it means
 * that somebody must act.
 */
export class ReceiptKeeper {
  readonly #options: ReceiptKeeperOptions;
  readonly #commitments: Readonly<Record<Stream, Map<number, Uint8Array>>> = {
    telemetry: new Map(),
    urgent: new Map(),
  };
  readonly #latest: Record<Stream, Kept | undefined>;
  #unwritten = new Set<Stream>();
  #cancelWrite: (() => void) | undefined;

  constructor(options: ReceiptKeeperOptions) {
    this.#options = options;
    this.#latest = { telemetry: this.#read("telemetry"), urgent: this.#read("urgent") };
  }

  /** What to show a unit when attaching to it; undefined where no receipt proves anything. */
  hello(): Uint8Array | undefined {
    const proofs = streams.flatMap((stream) => {
      const kept = this.#latest[stream];
      return kept?.isProof ? [kept.bytes] : [];
    });
    const [first, second] = proofs;
    if (first === undefined) return undefined;
    const isSame = second !== undefined && equalBytes(first, second);
    return encodeHello({ receipts: isSame ? [first] : proofs });
  }

  /** The last frame of the stream that the hello vouches for. */
  shown(stream: Stream): number | undefined {
    const kept = this.#latest[stream];
    return kept?.isProof ? kept.sequence : undefined;
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
    const { entries, signed } = decoded.value;
    for (const { stream, sequence } of entries) {
      if (sequence <= (this.#latest[stream]?.sequence ?? 0)) continue;
      this.#latest[stream] = { sequence, bytes, isProof: signed !== undefined };
      this.#unwritten.add(stream);
    }
    this.#options.onKept(entries);
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

  /** What an earlier run kept; whoever it is shown to checks it again. */
  #read(stream: Stream): Kept | undefined {
    let bytes: Uint8Array;
    try {
      bytes = new Uint8Array(readFileSync(join(this.#options.folder, stream)));
    } catch {
      return undefined; // None was ever kept.
    }
    const decoded = decodeReceipt(bytes);
    if (!decoded.ok) {
      this.#options.logger.warn("receipt not readable", { stream, reason: decoded.problem.detail });
      return undefined;
    }
    const { entries, signed } = decoded.value;
    const numbers = entries.filter((entry) => entry.stream === stream);
    const sequence = numbers.reduce((most, entry) => Math.max(most, entry.sequence), 0);
    return { sequence, bytes, isProof: signed !== undefined };
  }

  #judge(receipt: OpenedReceipt, from: UnitId): ReceiptVerdict {
    const publicKey = this.#options.keys.keyOf(from);
    if (receipt.unitId !== from || publicKey === undefined) return "wrong-unit";
    const { crypto, isOwn, keys } = this.#options;
    const kind = keys.logHash === undefined ? "log" : `log-${keys.logHash}`;
    const origin = originOf(receipt.checkpoint, `voltfog/${keys.chain}/${kind}/${from}`);
    if (receipt.keyId !== undefined) {
      if (!verifyReceipt({ receipt, publicKey, crypto })) return "signature-invalid";
      if (!isOwn(receipt.keyId)) return "wrong-vehicle";
    }
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

/** A restored unit goes on with a next log, whose origin is that of its first with a number behind. */
function originOf(note: string, first: string): string {
  const [claimed = ""] = note.split("\n", 1);
  const isNext =
    claimed.startsWith(`${first}/`) && /^[1-9][0-9]{0,8}$/.test(claimed.slice(first.length + 1));
  return isNext ? claimed : first;
}

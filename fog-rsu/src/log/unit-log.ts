import { TelemetryLog } from "@voltfog/ledger/node";
import { refusalCode } from "@voltfog/messages";
import { assert, type Clock, type Crypto, type Logger, type Signer } from "@voltfog/runtime";
import type { StreamTail } from "../ingest/place-in-stream.ts";
import type { HeldFrame, StreamKey } from "../ingest/stream-table.ts";
import { type Committed, GroupCommit, type Placed } from "./group-commit.ts";
import type { LogItem } from "./log-item.ts";

export interface UnitLogOptions {
  readonly folder: string;
  readonly origin: string;
  readonly signer: Signer;
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly groupMax: number;
  readonly committed: (group: readonly LogItem[], place: Committed) => void;
  readonly failed: (thrown: unknown) => void;
  readonly measured: (commit: { frames: number; took_ms: number }) => void;
}

const backlogMax = 65_536;

/** The unit's telemetry log with frames gathered into group commits. */
export class UnitLog {
  readonly #log: TelemetryLog;
  readonly #groups: GroupCommit<LogItem>;
  #newest: { readonly size: number; readonly note: string };

  private constructor(log: TelemetryLog, options: UnitLogOptions) {
    this.#log = log;
    this.#newest = log.published;
    this.#groups = new GroupCommit({
      groupMax: options.groupMax,
      backlogMax,
      isUrgent: ({ entry }) => entry.stream === "urgent",
      commit: async (group) => {
        const start_ms = options.clock.monotonic_ms();
        const receipt = await log.append(group.map(appendOf));
        const took_ms = options.clock.monotonic_ms() - start_ms;
        this.#newest = { size: receipt.firstIndex + group.length, note: receipt.checkpoint };
        options.measured({ frames: group.length, took_ms });
        return receipt;
      },
      committed: options.committed,
      failed: options.failed,
    });
  }

  /** LOG_CORRUPT, LOG_KEY_MISMATCH, and what the disk says. */
  static async open(options: UnitLogOptions): Promise<UnitLog> {
    const { folder, origin, signer, crypto, logger } = options;
    const log = await TelemetryLog.open({ folder, origin, signer, crypto, logger });
    return new UnitLog(log, options);
  }

  /** Durable entries, tiles and paths; the owner never appends to it. */
  get view(): Omit<TelemetryLog, "append" | "close"> {
    return this.#log;
  }

  /** A durable size and the signed checkpoint of it. */
  get newest(): { readonly size: number; readonly note: string } {
    return this.#newest;
  }

  /** Resolves when the frame is durable; undefined when too much waits already. */
  offer(item: LogItem): Promise<Placed> | undefined {
    return this.#groups.offer(item);
  }

  tailOf({ keyId, stream }: StreamKey): StreamTail | undefined {
    return this.#log.lastOf(keyId, stream);
  }

  /** What the log holds at this place of a stream; undefined at once where it holds nothing. */
  held({ keyId, stream }: StreamKey, sequence: number): Promise<HeldFrame> | undefined {
    const index = this.#log.find({ keyId, stream, sequence });
    return index === undefined ? undefined : this.#heldAt(index);
  }

  /** Makes durable what was taken, then lets go of the folder. */
  async close(): Promise<void> {
    await this.#groups.settled();
    await this.#log.close();
  }

  async #heldAt(index: number): Promise<HeldFrame> {
    const [stored] = await this.#log.read({ from: index, limit: 1 });
    assert(stored !== undefined, "the log's index points at an entry");
    const { entry } = stored;
    assert(entry.kind !== "log-opened", "the log's index points at entries of devices");
    const code = entry.kind === "refused" ? refusalCode(entry.code) : undefined;
    const { stream, sequence, commitment } = entry;
    return {
      commitment,
      placed: Promise.resolve({ index, checkpoint: this.#newest.note }),
      refusal: code && { code, detail: "refused before", stream, sequence },
    };
  }
}

function appendOf({ authentic, entry, accepted_ms }: LogItem): {
  entry: LogItem["entry"];
  frame: Uint8Array;
  accepted_ms: number;
  vehicleId: string;
} {
  return { entry, frame: authentic.bytes, accepted_ms, vehicleId: authentic.device.vehicleId };
}

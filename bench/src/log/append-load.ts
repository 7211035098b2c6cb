import type { LogAppend, TelemetryLog } from "@voltfog/ledger/node";
import { type Clock, SeededRandom } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";

export interface AppendLoad {
  /** Callers that each wait for their append before they make the next. */
  readonly writers: number;
  /** Entries per append. */
  readonly group: number;
  readonly entries: number;
  /** 0: entries alone. */
  readonly body_bytes: number;
}

/** Commitments, and bodies where there are some, are taken in turn from this many. */
const contentsMax = 16_384;
const contentsMax_bytes = 32 * 1024 * 1024;

/** One vehicle each: frames of 64 samples with sequences from 1. */
class Writer {
  readonly #load: AppendLoad;
  readonly #contents: readonly Content[];
  readonly #keyId: Uint8Array;
  readonly #vehicleId: string;
  #sequence = 0;

  constructor(o: { load: AppendLoad; contents: readonly Content[]; number: number }) {
    this.#load = o.load;
    this.#contents = o.contents;
    this.#vehicleId = `vehicle-${o.number}`;
    this.#keyId = nodeCrypto.sha256(new TextEncoder().encode(this.#vehicleId)).slice(0, 16);
  }

  /** The items are made while the clock runs, as a caller of the log would have to. */
  next(accepted_ms: number): LogAppend[] {
    return Array.from({ length: this.#load.group }, () => {
      const sequence = ++this.#sequence;
      const content = this.#contents[sequence % this.#contents.length] as Content;
      return {
        entry: {
          kind: "frame",
          stream: "telemetry",
          unlinked: false,
          sampleCount: 64,
          keyId: this.#keyId,
          sequence,
          commitment: content.commitment,
        },
        frame: content.body,
        accepted_ms,
        vehicleId: this.#vehicleId,
      };
    });
  }
}

interface Content {
  readonly commitment: Uint8Array;
  readonly body: Uint8Array | undefined;
}

/** Appends until all entries are durable; gives the time from the first call to the last answer. */
export async function appendAll(o: {
  log: TelemetryLog;
  load: AppendLoad;
  clock: Clock;
}): Promise<{ took_ms: number; entries: number }> {
  const { load, clock, log } = o;
  const contents = makeContents(load.body_bytes);
  const rounds = Math.ceil(load.entries / (load.writers * load.group));
  const writers = Array.from(
    { length: load.writers },
    (_, number) => new Writer({ load, contents, number }),
  );
  const accepted_ms = clock.wall_ms();
  const start_ms = clock.monotonic_ms();
  await Promise.all(
    writers.map(async (writer) => {
      for (let round = 0; round < rounds; round++) await log.append(writer.next(accepted_ms));
    }),
  );
  const took_ms = clock.monotonic_ms() - start_ms;
  return { took_ms, entries: rounds * load.writers * load.group };
}

function makeContents(body_bytes: number): Content[] {
  const random = new SeededRandom(1);
  if (body_bytes === 0) {
    return Array.from({ length: contentsMax }, () => {
      return { commitment: random.bytes(32), body: undefined };
    });
  }
  const count = Math.min(contentsMax, Math.floor(contentsMax_bytes / body_bytes));
  return Array.from({ length: count }, () => {
    const body = random.bytes(body_bytes);
    return { commitment: nodeCrypto.sha256(body), body };
  });
}

import type { DeviceEntry } from "@voltfog/ledger";
import type { StoredEntry } from "@voltfog/ledger/node";
import { decodePayload, openFrame, refusalCode } from "@voltfog/messages";
import { toHex } from "@voltfog/runtime";
import type { SiteRecord } from "../site/site-record.ts";
import type { LoggedFrame } from "./count-samples.ts";

const batch = 1000;

export interface LoggedEntries {
  readonly entries: readonly LoggedFrame[];
  /** Per accepted sample: when its unit had it durable, less when it was read. */
  readonly sampleToDurable_ms: readonly number[];
  /** When each sample of a frame was read, by the frame's commitment. */
  readonly read_ms: ReadonlyMap<string, readonly number[]>;
}

/** Every entry of every unit's log, with the age of the samples at the moment of acceptance. */
export async function readLogs(record: SiteRecord): Promise<LoggedEntries> {
  const entries: LoggedFrame[] = [];
  const sampleToDurable_ms: number[] = [];
  const read_ms = new Map<string, readonly number[]>();
  for await (const { entry, frame, accepted_ms } of everyEntry(record)) {
    if (entry.kind === "log-opened") continue;
    const commitment = toHex(entry.commitment);
    entries.push(loggedFrame(entry, commitment));
    if (entry.kind !== "frame" || frame === undefined || read_ms.has(commitment)) continue;
    const times_ms = sampleTimes_ms(frame);
    read_ms.set(commitment, times_ms);
    for (const time_ms of times_ms) sampleToDurable_ms.push(accepted_ms - time_ms);
  }
  return { entries, sampleToDurable_ms, read_ms };
}

async function* everyEntry(record: SiteRecord): AsyncGenerator<StoredEntry> {
  for (const { log } of record.units) {
    for (let from = 0; from < log.size; from += batch) {
      yield* await log.read({ from, limit: batch });
    }
  }
}

function loggedFrame(entry: DeviceEntry, commitment: string): LoggedFrame {
  switch (entry.kind) {
    case "frame":
      return { kind: "frame", commitment, samples: entry.sampleCount, code: undefined };
    case "gap":
      return { kind: "gap", commitment, samples: entry.samplesMissing, code: undefined };
    case "refused": {
      const code = refusalCode(entry.code) ?? String(entry.code);
      return { kind: "refused", commitment, samples: entry.sampleCount, code };
    }
  }
}

function sampleTimes_ms(frame: Uint8Array): readonly number[] {
  const opened = openFrame(frame);
  const payload = opened.ok ? decodePayload(opened.value) : undefined;
  if (!payload?.ok || payload.value.type !== "telemetry") return [];
  return payload.value.samples.map(({ wall_ms }) => wall_ms);
}

import type { DataOrigin } from "@voltfog/messages";
import type { JournalRecord } from "./outbox/journal-record.ts";

/** What one vehicle's agent has done since it started; the numbers behind /metrics and /v1/status. */
export class VehicleCounters {
  origin: DataOrigin | undefined;
  source = "";
  /** Taken and to be found in a frame or a gap. */
  samples = 0;
  /** Readings that only look stuck; they are recorded. */
  suspectSamples = 0;
  /** Samples that the disk did not take before their frame was cut. */
  unsaved = 0;
  readonly refusedSamples: Map<string, number> = new Map();
  readonly frames: Record<"telemetry" | "alarm" | "gap", number> = {
    telemetry: 0,
    alarm: 0,
    gap: 0,
  };
  /** In gap frames. */
  samplesDeclaredLost = 0;
  acknowledged = 0;
  readonly receipts: Map<string, number> = new Map();
  /** By the units' code. */
  readonly refusals: Map<string, number> = new Map();

  refuseSample(problem: { readonly code: string }): void {
    increment(this.refusedSamples, problem.code);
  }

  noteRefusal(code: string): void {
    increment(this.refusals, code);
  }

  noteReceipt(verdict: string): void {
    increment(this.receipts, verdict);
  }

  noteJournalled(records: readonly JournalRecord[]): void {
    for (const { kind, samples } of records) {
      if (kind === "skipped" || kind === "boot" || kind === "lost") continue;
      this.frames[kind]++;
      if (kind === "gap") this.samplesDeclaredLost += samples;
    }
  }
}

function increment(counts: Map<string, number>, code: string): void {
  counts.set(code, (counts.get(code) ?? 0) + 1);
}

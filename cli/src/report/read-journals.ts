import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { openEdgeJournal } from "@voltfog/edge-agent";
import type { CutFrame, VehicleJournal } from "./count-samples.ts";

/** A frame as its journal has it, with what finds it in a log. */
export interface SentFrame extends CutFrame {
  readonly vehicleId: string;
  readonly stream: "telemetry" | "urgent";
  readonly sequence: number;
}

/** One vehicle's journal. */
export interface FleetJournal extends VehicleJournal {
  readonly frames: readonly SentFrame[];
}

/** The journals of every vehicle of a fleet's folder. */
export async function readJournals(fleet: string): Promise<readonly FleetJournal[]> {
  if (!existsSync(fleet)) return [];
  const folders = readdirSync(fleet, { withFileTypes: true }).filter((item) => item.isDirectory());
  return Promise.all(folders.map(({ name }) => readJournal(join(fleet, name))));
}

async function readJournal(folder: string): Promise<FleetJournal> {
  const journal = await openEdgeJournal(folder);
  const frames: SentFrame[] = [];
  let skippedSamples = 0;
  for await (const { vehicleId, kind, stream, sequence, samples, commitment } of journal.frames()) {
    if (kind === "skipped") skippedSamples += samples;
    else frames.push({ vehicleId, kind, stream, sequence, samples, commitment });
  }
  const outbox = new Set<string>();
  for await (const { commitment } of journal.outbox()) outbox.add(commitment);
  return {
    vehicleId: journal.vehicleId,
    frames,
    outbox,
    skippedSamples,
    openGapSamples: await journal.openGapSamples(),
    unframedSamples: await journal.unframedSamples(),
  };
}

import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Stream } from "@voltfog/messages";

/** Files of a stream's outbox: `telemetry-00000001.seg` and so on, oldest first. */
export interface SegmentFile {
  readonly number: number;
  readonly path: string;
}

const digits = 8;

export function segmentFile(options: {
  folder: string;
  stream: Stream;
  number: number;
}): SegmentFile {
  const name = `${options.stream}-${String(options.number).padStart(digits, "0")}.seg`;
  return { number: options.number, path: join(options.folder, name) };
}

/** The segments that are there; none where the folder is missing. */
export function listSegments(options: { folder: string; stream: Stream }): readonly SegmentFile[] {
  const pattern = new RegExp(`^${options.stream}-(\\d{${digits},})\\.seg$`);
  let names: readonly string[];
  try {
    names = readdirSync(options.folder);
  } catch {
    return [];
  }
  return names
    .map((name) => Number(pattern.exec(name)?.[1] ?? Number.NaN))
    .filter((number) => !Number.isNaN(number))
    .sort((a, b) => a - b)
    .map((number) => segmentFile({ ...options, number }));
}

export function makeFolder(folder: string): void {
  mkdirSync(folder, { recursive: true });
}

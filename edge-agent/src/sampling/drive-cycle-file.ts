import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { CodedError, messageOf } from "@voltfog/runtime";
import { parse } from "csv-parse";
import type { DriveCycle } from "./drive-cycle.ts";

const header = "ambient_c,profile,t_s,v,i,temp,ah";

/**
 * All drive cycles of one file, in its order. REPLAY_UNREADABLE where it is missing or not of this form.
 * Read as a stream: a file of 76,000 rows needs about 2 MB, not its text in memory.
 */
export async function readDriveCycles(path: string): Promise<readonly DriveCycle[]> {
  const columns = new Map<string, number[][]>();
  let line = 0;
  const parser = parse();
  parser.on("readable", () => {
    try {
      for (let row: string[] | null = parser.read(); row !== null; row = parser.read()) {
        line++;
        if (line === 1) requireHeader(row);
        else addRow(columns, row, line);
      }
    } catch (thrown) {
      // Thrown out of an event it would end the process; this way the pipeline below rejects with it.
      parser.destroy(thrown instanceof Error ? thrown : new Error(messageOf(thrown)));
    }
  });
  try {
    const file = createReadStream(path);
    if (path.endsWith(".gz")) await pipeline(file, createGunzip(), parser);
    else await pipeline(file, parser);
  } catch (thrown) {
    throw unreadable(path, messageOf(thrown), thrown);
  }
  if (columns.size === 0) throw unreadable(path, "it holds no drive cycle");
  return [...columns].map(([name, values]) => cycleOf(name, values));
}

function requireHeader(row: readonly string[]): void {
  if (row.join() !== header) throw new Error(`its columns are ${row.join()}, not ${header}`);
}

/** [time_s, V, A, degC, Ah] of one name. */
function addRow(columns: Map<string, number[][]>, row: readonly string[], line: number): void {
  const [ambient_degC = "", profile = "", ...fields] = row;
  const values = fields.map(Number);
  if (fields.some((field) => field === "") || !values.every(Number.isFinite)) {
    throw new Error(`line ${line} holds something that is no number`);
  }
  const name = `LG HG2 ${profile} ${ambient_degC} degC`;
  const target = columns.get(name) ?? values.map(() => []);
  columns.set(name, target);
  const [time_s = 0] = values;
  if (time_s <= (target[0]?.at(-1) ?? Number.NEGATIVE_INFINITY)) {
    throw new Error(`line ${line} goes back in time`);
  }
  values.forEach((value, i) => {
    target[i]?.push(value);
  });
}

function cycleOf(name: string, values: readonly (readonly number[])[]): DriveCycle {
  const column = (i: number): Float32Array => Float32Array.from(values[i] ?? []);
  return {
    name,
    time_s: column(0),
    cellVoltage_V: column(1),
    cellCurrent_A: column(2),
    surface_degC: column(3),
    charge_Ah: column(4),
  };
}

function unreadable(path: string, reason: string, cause?: unknown): CodedError {
  return new CodedError({
    code: "REPLAY_UNREADABLE",
    message: `drive cycles cannot be read from ${path}: ${reason}`,
    remedy: `name files with the columns ${header}`,
    cause,
  });
}

import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { CodedError, messageOf } from "@voltfog/runtime";
import { parse } from "csv-parse";
import type { DriveCycle } from "./drive-cycle.ts";

const header = "ambient_c,profile,t_s,v,i,temp,ah";

/**
 * The first `cyclesMax` drive cycles of one file, in its order, where each stands in one piece.
 * REPLAY_UNREADABLE where the file is missing or not of this form. Read as a stream and no further than
 * needed: a whole file of 76,000 rows would leave tens of MB of garbage behind.
 */
export async function readDriveCycles(
  path: string,
  options: { cyclesMax?: number } = {},
): Promise<readonly DriveCycle[]> {
  const columns = new Map<string, number[][]>();
  const enough = new AbortController();
  let line = 0;
  const parser = parse();
  parser.on("readable", () => {
    try {
      for (let row: string[] | null = parser.read(); row !== null; row = parser.read()) {
        line++;
        if (line === 1) requireHeader(row);
        else addRow(columns, row, line);
        if (columns.size > (options.cyclesMax ?? Number.POSITIVE_INFINITY)) return enough.abort();
      }
    } catch (thrown) {
      // Thrown out of an event it would end the process; this way the pipeline below rejects with it.
      parser.destroy(thrown instanceof Error ? thrown : new Error(messageOf(thrown)));
    }
  });
  try {
    const file = createReadStream(path);
    const { signal } = enough;
    if (path.endsWith(".gz")) await pipeline(file, createGunzip(), parser, { signal });
    else await pipeline(file, parser, { signal });
  } catch (thrown) {
    if (!enough.signal.aborted) throw unreadable(path, messageOf(thrown), thrown);
  }
  if (columns.size === 0) throw unreadable(path, "it holds no drive cycle");
  return [...columns].slice(0, options.cyclesMax).map(([name, values]) => cycleOf(name, values));
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

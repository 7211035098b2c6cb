import { CodedError } from "@voltfog/runtime";
import { numberOrMissing, readDataFile } from "../learning/data-file.ts";

/** One recording of one cell's temperature and voltage. */
export interface ThermalRun {
  readonly id: string;
  readonly t_s: readonly number[];
  readonly cell_degC: readonly number[];
  readonly voltage_V: readonly number[];
  /** Empty for a cell at rest, of which the file tells no current. Charge positive. */
  readonly current_A: readonly number[];
}

export interface ThermalFile {
  readonly sha256: string;
  /** Drives are of cells in service, where no alert is right; tests end in a short circuit. */
  readonly kind: "abuse" | "drive";
  readonly runs: readonly ThermalRun[];
}

const formats = {
  abuse: ["test", "t_s", "voltage_v", "temp_max_c"],
  drive: ["ambient_c", "profile", "t_s", "v", "i", "temp"],
} as const;

/** The runs of a file in the format of cell_abuse_indentation or of lg_hg2_drive_1hz, told by its columns. */
export function readThermalRuns(path: string): ThermalFile {
  const file = readDataFile({ path, columns: ["t_s"] });
  const [first = {}] = file.rows;
  const kind = (["abuse", "drive"] as const).find((one) =>
    formats[one].every((column) => first[column] !== undefined),
  );
  if (kind === undefined) {
    throw new CodedError({
      code: "DATA_UNREADABLE",
      message: `${path}: columns are ${Object.keys(first).join(", ")}`,
      remedy: `give a file with ${formats.abuse.join(", ")} or with ${formats.drive.join(", ")}`,
    });
  }
  const runs = new Map<string, MutableRun>();
  for (const [i, row] of file.rows.entries()) {
    const place = `${path}, row ${i + 1}`;
    const id = kind === "abuse" ? (row["test"] ?? "") : `${row["ambient_c"]} ${row["profile"]}`;
    const run = runs.get(id) ?? { id, t_s: [], cell_degC: [], voltage_V: [], current_A: [] };
    runs.set(id, run);
    run.t_s.push(numberOrMissing(row["t_s"], place));
    const [cell, voltage] = kind === "abuse" ? ["temp_max_c", "voltage_v"] : ["temp", "v"];
    run.cell_degC.push(numberOrMissing(row[cell ?? ""], place));
    run.voltage_V.push(numberOrMissing(row[voltage ?? ""], place));
    if (kind === "drive") run.current_A.push(numberOrMissing(row["i"], place));
  }
  return { sha256: file.sha256, kind, runs: [...runs.values()] };
}

interface MutableRun {
  readonly id: string;
  readonly t_s: number[];
  readonly cell_degC: number[];
  readonly voltage_V: number[];
  readonly current_A: number[];
}

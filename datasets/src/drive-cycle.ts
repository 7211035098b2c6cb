import { CodedError } from "@voltfog/runtime";
import { changed, numberField, readCsvTable } from "./csv-table.ts";
import { readDatasetFile } from "./dataset-files.ts";

/** One second of one LG HG2 cell on a tester. */
export interface DriveCycleRow {
  /** Since the cycle's start; whole seconds, rising, a few are missing where the recording has a hole. */
  readonly t_s: number;
  readonly cellVoltage_V: number;
  /** Charge positive. */
  readonly cellCurrent_A: number;
  /** On the cell's surface. */
  readonly surface_degC: number;
  /** Since full charge; 0 at full, negative when discharged. */
  readonly charge_Ah: number;
}

export interface DriveCycleName {
  readonly ambient_degC: number;
  /** US06, UDDS, LA92, HWFET or Mixed1 to Mixed8. */
  readonly profile: string;
}

const dataset = "lg_hg2_drive_1hz";
const columns = ["ambient_c", "profile", "t_s", "v", "i", "temp", "ah"] as const;
const ambients_degC: readonly number[] = [-20, 0, 10, 25, 40];

/** The file of an ambient temperature inside the dataset's folder. */
export function driveCycleFile(ambient_degC: number): string {
  if (!ambients_degC.includes(ambient_degC)) throw missing(`at ${ambient_degC} °C`);
  return `drive_${ambient_degC < 0 ? `n${-ambient_degC}` : ambient_degC}c.csv.gz`;
}

/**
 * One recorded drive cycle at 1 Hz, from the unchanged file. DATASET_MISSING where the dataset has no
 * such cycle, DATASET_CHANGED where the file differs. Cost: parses one file, about 0.3 s.
 */
export async function openDriveCycle(
  options: { root: string } & DriveCycleName,
): Promise<readonly DriveCycleRow[]> {
  const file = driveCycleFile(options.ambient_degC);
  const content = await readDatasetFile({ root: options.root, id: dataset, file });
  const rows = readCsvTable({ name: file, content, columns })
    .filter(({ profile }) => profile === options.profile)
    .map((row) => ({
      t_s: numberField({ name: file, text: row.t_s }),
      cellVoltage_V: numberField({ name: file, text: row.v }),
      // The tester counts discharge negative, as the product does; nothing is turned round.
      cellCurrent_A: numberField({ name: file, text: row.i }),
      surface_degC: numberField({ name: file, text: row.temp }),
      charge_Ah: numberField({ name: file, text: row.ah }),
    }));
  if (rows.length === 0) throw missing(`${options.profile} at ${options.ambient_degC} °C`);
  assertRising(file, rows);
  return rows;
}

/** Every cycle that the dataset's files hold, by ambient temperature and then as recorded. */
export async function driveCycles(options: { root: string }): Promise<readonly DriveCycleName[]> {
  const names: DriveCycleName[] = [];
  for (const ambient_degC of ambients_degC) {
    const file = driveCycleFile(ambient_degC);
    const content = await readDatasetFile({ root: options.root, id: dataset, file });
    const profiles = readCsvTable({ name: file, content, columns }).map(({ profile }) => profile);
    for (const profile of new Set(profiles)) names.push({ ambient_degC, profile });
  }
  return names;
}

function assertRising(file: string, rows: readonly DriveCycleRow[]): void {
  rows.forEach((row, i) => {
    const before = rows[i - 1];
    if (before !== undefined && row.t_s <= before.t_s) {
      throw changed(file, `time goes from ${before.t_s} s to ${row.t_s} s`);
    }
  });
}

function missing(what: string): CodedError {
  return new CodedError({
    code: "DATASET_MISSING",
    message: `${dataset} has no drive cycle ${what}`,
    remedy: `ambients are ${ambients_degC.join(", ")} °C; driveCycles lists the profiles`,
  });
}

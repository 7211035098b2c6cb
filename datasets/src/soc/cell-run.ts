import { CodedError } from "@voltfog/runtime";
import { type DataFile, numberOrMissing, readDataFile } from "../learning/data-file.ts";

export type Chemistry = "nmc" | "lfp" | "lmo";

/** One recorded discharge of one cell, from full charge; charge counts positive. */
export interface CellRun {
  /** Ambient temperature and profile, as in "25 US06". */
  readonly id: string;
  readonly ambient_degC: number;
  readonly profile: string;
  readonly t_s: Float64Array;
  readonly current_A: Float64Array;
  readonly voltage_V: Float64Array;
  readonly temperature_degC: Float64Array;
  /** The truth, NaN where the file does not tell it. */
  readonly soc: Float64Array;
}

export interface CellRunFile extends Pick<DataFile, "path" | "sha256"> {
  readonly runs: readonly CellRun[];
}

/** Ah between full and empty in the LG cell's C/20 discharge at 25 °C: the truth's scale at every temperature. */
const lgCapacity_Ah = 2.781;

/** Of the Leaf's cell: what it takes between 3.0 and 4.2 V at 40 °C; and when it rests full. */
export const leafCapacity_Ah = 31.17;
const leafFull_V = 4.19;
const leafRest_A = 0.05;

/** How each dataset names what a run needs. */
const formats = {
  nmc: {
    columns: ["ambient_c", "profile", "t_s", "v", "i", "temp"],
    read: (row: Row, place: string) => ({
      profile: row["profile"] ?? "",
      current_A: numberOrMissing(row["i"], place),
      temperature_degC: numberOrMissing(row["temp"], place),
      soc: 1 + numberOrMissing(row["ah"], place) / lgCapacity_Ah,
    }),
  },
  lfp: {
    columns: ["ambient_c", "t_s", "i_discharge_pos", "v"],
    read: (row: Row, place: string) => ({
      profile: "dynamic",
      current_A: -numberOrMissing(row["i_discharge_pos"], place),
      // The dataset records no cell temperature: the chamber's stands for it.
      temperature_degC: numberOrMissing(row["ambient_c"], place),
      soc: numberOrMissing(row["soc"], place),
    }),
  },
  lmo: {
    columns: ["ambient_c", "t_s", "step", "i_discharge_neg", "v"],
    read: (row: Row, place: string) => ({
      profile: "hppc",
      current_A: numberOrMissing(row["i_discharge_neg"], place),
      // The dataset aligns no cell temperature with this: the chamber's stands for it.
      temperature_degC: numberOrMissing(row["ambient_c"], place),
      soc: Number.NaN,
    }),
  },
} as const;

type Row = Readonly<Record<string, string | undefined>>;

/**
 * The runs of a file like lg_hg2_drive_1hz (nmc), a123_dynamic_1hz (lfp) or hppc of nissan_leaf_cell (lmo): one per ambient
 * temperature and profile, in the order of the file. DATA_UNREADABLE where it is none. The truth column
 * may be blank or absent; time, current, voltage and temperature may have blanks, which become NaN.
 */
export function readCellRuns(path: string, chemistry: Chemistry): CellRunFile {
  const format = formats[chemistry];
  const file = readDataFile({ path, columns: format.columns });
  const runs = new Map<string, RunColumns>();
  for (const [i, row] of file.rows.entries()) {
    const place = `${path}, row ${i + 1}`;
    const values = format.read(row, place);
    const ambient_degC = numberOrMissing(row["ambient_c"], place);
    const id = `${row["ambient_c"]} ${values.profile}`;
    const run = runs.get(id) ?? new RunColumns({ id, ambient_degC, profile: values.profile });
    runs.set(id, run);
    run.add({
      ...values,
      t_s: numberOrMissing(row["t_s"], place),
      voltage_V: numberOrMissing(row["v"], place),
    });
  }
  const finished = [...runs.values()].map((run) => run.finish());
  return {
    ...{ path, sha256: file.sha256 },
    runs: chemistry === "lmo" ? finished.map(countedFromFull) : finished,
  };
}

/**
 * A run whose file tells no truth, from where it first rests full: 1 there, then the counted current. As it
 * is where it never does.
 */
function countedFromFull(run: CellRun): CellRun {
  const full = run.voltage_V.findIndex(
    (cell_V, row) => cell_V >= leafFull_V && Math.abs(run.current_A[row] ?? 1) < leafRest_A,
  );
  if (full < 0) return run;
  const [t_s, current_A] = [run.t_s.slice(full), run.current_A.slice(full)];
  let charge_Ah = leafCapacity_Ah;
  const soc = t_s.map((at_s, row) => {
    // A row's current stands for the time before it.
    const step_s = row === 0 ? 0 : at_s - (t_s[row - 1] as number);
    charge_Ah += ((current_A[row] as number) * step_s) / 3600;
    return charge_Ah / leafCapacity_Ah;
  });
  const [voltage_V, temperature_degC] = [
    run.voltage_V.slice(full),
    run.temperature_degC.slice(full),
  ];
  return { ...run, t_s, current_A, voltage_V, temperature_degC, soc };
}

export function chemistryOf(text: string | undefined): Chemistry {
  if (text === "nmc" || text === "lfp" || text === "lmo") return text;
  throw new CodedError({
    code: "FLAG_INVALID",
    message: `--chemistry is ${JSON.stringify(text ?? "")}`,
    remedy:
      "give nmc for files like lg_hg2_drive_1hz, lfp like a123_dynamic_1hz, lmo like nissan_leaf_cell",
  });
}

/** A run while its rows are read. */
class RunColumns {
  readonly #of: Pick<CellRun, "id" | "ambient_degC" | "profile">;
  readonly #t_s: number[] = [];
  readonly #current_A: number[] = [];
  readonly #voltage_V: number[] = [];
  readonly #temperature_degC: number[] = [];
  readonly #soc: number[] = [];

  constructor(of: Pick<CellRun, "id" | "ambient_degC" | "profile">) {
    this.#of = of;
  }

  add(row: {
    t_s: number;
    current_A: number;
    voltage_V: number;
    temperature_degC: number;
    soc: number;
  }): void {
    this.#t_s.push(row.t_s);
    this.#current_A.push(row.current_A);
    this.#voltage_V.push(row.voltage_V);
    this.#temperature_degC.push(row.temperature_degC);
    this.#soc.push(row.soc);
  }

  finish(): CellRun {
    return {
      ...this.#of,
      t_s: Float64Array.from(this.#t_s),
      current_A: Float64Array.from(this.#current_A),
      voltage_V: Float64Array.from(this.#voltage_V),
      temperature_degC: Float64Array.from(this.#temperature_degC),
      soc: Float64Array.from(this.#soc),
    };
  }
}

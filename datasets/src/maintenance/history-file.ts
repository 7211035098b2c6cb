import { closeSync, openSync, unlinkSync, writeSync } from "node:fs";
import { type DayReadings, historyVehicle } from "@voltfog/battery";
import { CodedError, messageOf } from "@voltfog/runtime";
import { type ParquetColumn, ParquetWriter } from "./parquet-file.ts";

export type HistoryFormat = "parquet" | "csv" | "jsonl";

export interface HistoryFileOptions {
  readonly out: string;
  readonly seed: number;
  readonly vehicles: number;
  readonly days: number;
  /** Called after every vehicle. */
  readonly onVehicle: (done: number) => void;
}

export interface HistoryFileRun {
  readonly rows: number;
  readonly bytes: number;
  /** The file beside, with what is true. */
  readonly truth: string;
}

const vehicleColumn = "vehicle_id";

/** As the cloud's table of samples calls them, behind the vehicle. */
const columns = [
  ["wall_ms", "wall_ms"],
  ["pack_voltage_V", "packVoltage_V"],
  ["pack_current_A", "packCurrent_A"],
  ["soc", "soc"],
  ["cell_min_mV", "cellMin_mV"],
  ["cell_mean_mV", "cellMean_mV"],
  ["cell_max_mV", "cellMax_mV"],
  ["temperature_min_degC", "temperatureMin_degC"],
  ["temperature_max_degC", "temperatureMax_degC"],
] as const satisfies readonly (readonly [string, keyof DayReadings])[];

/** The format that a file's name ends in. HISTORY_FORMAT_UNKNOWN for any other. */
export function historyFormat(out: string): HistoryFormat {
  const ending = /\.(parquet|csv|jsonl)$/.exec(out)?.[1];
  if (ending !== undefined) return ending as HistoryFormat;
  throw new CodedError({
    code: "HISTORY_FORMAT_UNKNOWN",
    message: `${out} ends in none of .parquet, .csv and .jsonl`,
    remedy: "name the file so that its ending says the format",
  });
}

/**
 * Writes the rows of a simulated fleet history, vehicle after vehicle, and beside it `<out>.truth.jsonl` with a
 * line for every vehicle and for every day of it. The same options give the same bytes. Refuses a file that is
 * there (FILE_EXISTS). A write that fails leaves nothing behind.
 */
export function writeFleetHistory(options: HistoryFileOptions): HistoryFileRun {
  const format = historyFormat(options.out);
  const truth = `${options.out}.truth.jsonl`;
  const files: OpenFile[] = [];
  try {
    const main = new OpenFile(options.out);
    files.push(main);
    const beside = new OpenFile(truth);
    files.push(beside);
    const rows = writeVehicles(options, writerOf(format, main, options), beside);
    for (const file of files) file.close();
    return { rows, bytes: main.written_bytes, truth };
  } catch (thrown) {
    for (const file of files) file.remove();
    throw thrown;
  }
}

/** Takes the days of a vehicle, and an end. */
interface RowWriter {
  vehicle(id: string, days: readonly DayReadings[]): void;
  end(): void;
}

function writeVehicles(options: HistoryFileOptions, writer: RowWriter, truth: OpenFile): number {
  const { seed, vehicles, days } = options;
  let rows = 0;
  for (let index = 0; index < vehicles; index++) {
    const vehicle = historyVehicle({ seed, vehicles, days }, index);
    const { id, usage, faults, pack } = vehicle;
    const { firstUse_ms, fullCyclesBefore, distanceBefore_km } = pack;
    const about = { firstUse_ms, fullCyclesBefore, distanceBefore_km };
    truth.line({ origin: "simulated", seed, [vehicleColumn]: id, usage, ...about, faults });
    const readings: DayReadings[] = [];
    for (const day of vehicle.days()) {
      readings.push(day.readings);
      rows += day.readings.wall_ms.length;
      truth.line({
        [vehicleColumn]: id,
        day: day.readings.day,
        ...day.truth,
        gaps: day.readings.gaps,
      });
    }
    writer.vehicle(id, readings);
    options.onVehicle(index + 1);
  }
  writer.end();
  return rows;
}

function writerOf(format: HistoryFormat, file: OpenFile, options: HistoryFileOptions): RowWriter {
  if (format === "parquet") return parquetWriter(file, options);
  const isCsv = format === "csv";
  if (isCsv) file.text(`${vehicleColumn},${columns.map(([name]) => name).join()}\n`);
  return {
    vehicle(id, days) {
      for (const day of days) {
        const lines: string[] = [];
        for (let i = 0; i < day.wall_ms.length; i++) {
          const values = columns.map(([name, key]) => [name, day[key][i] ?? 0] as const);
          lines.push(
            isCsv
              ? `${id},${values.map(([, value]) => value).join()}\n`
              : `${JSON.stringify({ [vehicleColumn]: id, ...Object.fromEntries(values) })}\n`,
          );
        }
        file.text(lines.join(""));
      }
    },
    end: () => undefined,
  };
}

function parquetWriter(file: OpenFile, { seed, vehicles, days }: HistoryFileOptions): RowWriter {
  const kinds: readonly ParquetColumn[] = [
    { name: vehicleColumn, kind: "text" },
    ...columns.map(
      ([name]): ParquetColumn => ({ name, kind: name === "wall_ms" ? "int64" : "float" }),
    ),
  ];
  const parquet = new ParquetWriter(kinds, (bytes) => file.bytes(bytes));
  return {
    vehicle(id, readings) {
      const values = columns.map(([, key]) => readings.flatMap((day) => Array.from(day[key])));
      parquet.group([(values[0] ?? []).map(() => id), ...values]);
    },
    end: () =>
      parquet.close({ origin: "simulated", history: JSON.stringify({ seed, vehicles, days }) }),
  };
}

/** A new file with a buffer before it. */
class OpenFile {
  readonly #path: string;
  readonly #descriptor: number;
  written_bytes = 0;
  #isOpen = true;

  constructor(path: string) {
    this.#path = path;
    try {
      this.#descriptor = openSync(path, "wx");
    } catch (thrown) {
      const isThere = (thrown as NodeJS.ErrnoException).code === "EEXIST";
      throw new CodedError({
        code: isThere ? "FILE_EXISTS" : "FILE_UNWRITABLE",
        message: `${path}: ${messageOf(thrown)}`,
        remedy: "name a new file in a folder that you can write",
      });
    }
  }

  bytes(content: Uint8Array): void {
    for (let done = 0; done < content.length; ) {
      done += writeSync(this.#descriptor, content, done, content.length - done);
    }
    this.written_bytes += content.length;
  }

  text(content: string): void {
    if (content.length > 0) this.bytes(new TextEncoder().encode(content));
  }

  line(value: unknown): void {
    this.text(`${JSON.stringify(value)}\n`);
  }

  close(): void {
    if (this.#isOpen) closeSync(this.#descriptor);
    this.#isOpen = false;
  }

  remove(): void {
    this.close();
    unlinkSync(this.#path);
  }
}

import { gunzipSync } from "node:zlib";
import { CodedError, messageOf } from "@voltfog/runtime";
import { parse } from "csv-parse/sync";

/** One row: its fields by column name. Every asked-for column is there. */
export type CsvRow<Column extends string> = Readonly<Record<Column, string>>;

/**
 * The rows of a CSV file (gzip where the name ends in .gz) whose columns are exactly these, in this
 * order. DATASET_CHANGED for anything else, with the line.
 */
export function readCsvTable<const Column extends string>(options: {
  name: string;
  content: Uint8Array;
  columns: readonly Column[];
}): readonly CsvRow<Column>[] {
  try {
    const plain = options.name.endsWith(".gz") ? gunzipSync(options.content) : options.content;
    return parse(Buffer.from(plain), {
      bom: true,
      columns: (header: string[]) => {
        if (header.join() === options.columns.join()) return header;
        throw new Error(`columns are ${header.join()}, not ${options.columns.join()}`);
      },
    }) as unknown as readonly CsvRow<Column>[];
  } catch (thrown) {
    throw changed(options.name, messageOf(thrown));
  }
}

/** A finite number, or DATASET_CHANGED. */
export function numberField(options: { name: string; text: string }): number {
  const value = Number(options.text);
  if (options.text.trim() === "" || !Number.isFinite(value)) {
    throw changed(options.name, `${JSON.stringify(options.text)} is no number`);
  }
  return value + 0; // The source writes -0.0; one zero is enough.
}

/** Milliseconds since the Unix epoch of an ISO 8601 time, or DATASET_CHANGED. */
export function timeField_ms(options: { name: string; text: string }): number {
  const value_ms = Date.parse(options.text);
  if (Number.isNaN(value_ms))
    throw changed(options.name, `${JSON.stringify(options.text)} is no time`);
  return value_ms;
}

export function changed(name: string, detail: string): CodedError {
  return new CodedError({
    code: "DATASET_CHANGED",
    message: `${name}: ${detail}`,
    remedy: "restore the file from its source",
  });
}

import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { CodedError, messageOf } from "@voltfog/runtime";
import { parse } from "csv-parse/sync";
import { sha256Hex } from "./hashes.ts";

/** A table read from a file that somebody named, with what tells it apart. */
export interface DataFile {
  readonly path: string;
  readonly sha256: string;
  /** Fields by column name; an absent column gives undefined. */
  readonly rows: readonly Readonly<Record<string, string | undefined>>[];
}

/** Unpacked; a longer file is refused before it is parsed. */
const sizeMax_bytes = 512 * 1024 * 1024;

/**
 * Reads a CSV file with a header (gzip where the name ends in .gz) that has at least these columns, in
 * any order. DATA_UNREADABLE with the reason otherwise.
 */
export function readDataFile(o: { path: string; columns: readonly string[] }): DataFile {
  try {
    const content = readFileSync(o.path);
    const plain = o.path.endsWith(".gz")
      ? gunzipSync(content, { maxOutputLength: sizeMax_bytes })
      : content;
    if (plain.length > sizeMax_bytes) throw new Error(`it is longer than ${sizeMax_bytes} bytes`);
    const rows = parse(plain, {
      bom: true,
      columns: true,
      skip_empty_lines: true,
    }) as unknown as DataFile["rows"];
    const missing = o.columns.filter((column) => rows[0]?.[column] === undefined);
    if (rows.length === 0) throw new Error("it has no rows");
    if (missing.length > 0) throw new Error(`it has no column ${missing.join(", ")}`);
    return { path: o.path, sha256: sha256Hex([content]), rows };
  } catch (thrown) {
    throw new CodedError({
      code: "DATA_UNREADABLE",
      message: `${o.path}: ${messageOf(thrown)}`,
      remedy: "give a file in the form that the README of the dataset describes",
      cause: thrown,
    });
  }
}

/** A finite number, or NaN for a blank or absent field; DATA_UNREADABLE for anything else. */
export function numberOrMissing(text: string | undefined, place: string): number {
  if (text === undefined || text.trim() === "") return Number.NaN;
  const value = Number(text);
  if (Number.isFinite(value)) return value;
  throw new CodedError({
    code: "DATA_UNREADABLE",
    message: `${place}: ${JSON.stringify(text.slice(0, 40))} is no number`,
    remedy: "leave a field blank where there is no value",
  });
}

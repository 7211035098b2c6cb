import { blobValue, type DuckDBBlobValue, type DuckDBValue, listValue } from "@duckdb/node-api";
import { assert } from "@voltfog/runtime";
import type { Row } from "./connections.ts";

/** Values of a row by the kind its column has; anything else is our own mistake. */
export function numberAt(row: Row, column: string): number {
  const value = numberOrNullAt(row, column);
  assert(value !== null, `${column} is a number`);
  return value;
}

export function numberOrNullAt(row: Row, column: string): number | null {
  const value = row[column];
  if (value === null) return null;
  assert(typeof value === "bigint" || typeof value === "number", `${column} is a number or null`);
  return Number(value);
}

/** Rounded to a thousandth: single precision has no more to say. */
export function measureAt(row: Row, column: string): number | null {
  const value = numberOrNullAt(row, column);
  return value === null ? null : Math.round(value * 1000) / 1000;
}

export function textAt(row: Row, column: string): string {
  const value = row[column];
  assert(typeof value === "string", `${column} is text`);
  return value;
}

export function textOrNullAt(row: Row, column: string): string | null {
  return row[column] === null ? null : textAt(row, column);
}

export function bytesAt(row: Row, column: string): Uint8Array {
  const value = row[column] as DuckDBBlobValue | null | undefined;
  assert(value?.bytes instanceof Uint8Array, `${column} is a blob`);
  return new Uint8Array(value.bytes); // A Buffer's slice would share memory with the result.
}

export function bytesOrNullAt(row: Row, column: string): Uint8Array | null {
  return row[column] === null ? null : bytesAt(row, column);
}

export function flagAt(row: Row, column: string): boolean {
  const value = row[column];
  assert(typeof value === "boolean", `${column} is a flag`);
  return value;
}

/** A whole number as DuckDB's BIGINT. */
export function whole(value: number): bigint {
  return BigInt(value);
}

export function wholeOrNull(value: number | null): bigint | null {
  return value === null ? null : BigInt(value);
}

export function blob(bytes: Uint8Array | null): DuckDBValue {
  return bytes === null ? null : blobValue(bytes);
}

/** Identifiers as a parameter that SQL takes as varchar[]. An empty list has no type of its own. */
export function identifierList(ids: readonly string[]): DuckDBValue {
  return listValue(ids.length === 0 ? [""] : [...ids]);
}

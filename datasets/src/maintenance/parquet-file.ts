import { gzipSync } from "node:zlib";
import { encodeThrift, type ThriftStruct, type ThriftValue } from "./thrift-compact.ts";

/** A column of the file: what its values are. */
export interface ParquetColumn {
  readonly name: string;
  readonly kind: "text" | "int64" | "float";
}

/** Physical types and codec of the Parquet format, version 2.10. */
const types = { text: 6, int64: 2, float: 4 } as const;
const gzip = 2;
const required = 0;
const utf8Converted = 0;
const plain = 0;
const rle = 3;
const magic = new TextEncoder().encode("PAR1");

/**
 * Writes a Parquet file of required columns, a group of rows at a time: PLAIN values, one page per column
 * and group, gzip. `write` takes the bytes in their order. Whole numbers of int64 are up to 2^53.
 */
export class ParquetWriter {
  readonly #columns: readonly ParquetColumn[];
  readonly #write: (bytes: Uint8Array) => void;
  readonly #groups: ThriftValue[] = [];
  #offset = 0;
  #rows = 0;

  constructor(columns: readonly ParquetColumn[], write: (bytes: Uint8Array) => void) {
    this.#columns = columns;
    this.#write = write;
    this.#put(magic);
  }

  /** One list of values per column, in their order and of one length; an empty group is left out. */
  group(values: readonly (ArrayLike<number> | readonly string[])[]): void {
    const rows = values[0]?.length ?? 0;
    if (rows === 0) return;
    let size_bytes = 0;
    const chunks = this.#columns.map((column, i): ThriftValue => {
      const chunk = this.#chunk(column, values[i] ?? [], rows);
      size_bytes += chunk.size_bytes;
      return { struct: chunk.struct };
    });
    this.#groups.push({
      struct: [
        [1, { list: chunks }],
        [2, { i64: size_bytes }],
        [3, { i64: rows }],
      ],
    });
    this.#rows += rows;
  }

  /** Writes the footer; nothing may follow. `facts` stand in it as text. */
  close(facts: Readonly<Record<string, string>>): void {
    const footer = encodeThrift([
      [1, { i32: 1 }],
      [2, { list: [{ struct: rootOf(this.#columns) }, ...this.#columns.map(schemaOf)] }],
      [3, { i64: this.#rows }],
      [4, { list: this.#groups }],
      [
        5,
        {
          list: Object.entries(facts).map(([key, value]) => ({
            struct: [
              [1, { text: key }],
              [2, { text: value }],
            ],
          })),
        },
      ],
      [6, { text: "voltfog" }],
    ]);
    this.#put(footer);
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, footer.length, true);
    this.#put(length);
    this.#put(magic);
  }

  #chunk(
    column: ParquetColumn,
    values: ArrayLike<number> | readonly string[],
    rows: number,
  ): { readonly struct: ThriftStruct; readonly size_bytes: number } {
    const raw = plainBytes(column, values, rows);
    const packed = gzipSync(raw, { level: 1 });
    const header = encodeThrift([
      [1, { i32: 0 }],
      [2, { i32: raw.length }],
      [3, { i32: packed.length }],
      [
        5,
        {
          struct: [
            [1, { i32: rows }],
            [2, { i32: plain }],
            [3, { i32: rle }],
            [4, { i32: rle }],
          ],
        },
      ],
    ]);
    const offset = this.#offset;
    this.#put(header);
    this.#put(packed);
    const size_bytes = header.length + raw.length;
    const struct: ThriftStruct = [
      [2, { i64: offset }],
      [
        3,
        {
          struct: [
            [1, { i32: types[column.kind] }],
            [2, { list: [{ i32: plain }] }],
            [3, { list: [{ text: column.name }] }],
            [4, { i32: gzip }],
            [5, { i64: rows }],
            [6, { i64: size_bytes }],
            [7, { i64: header.length + packed.length }],
            [9, { i64: offset }],
          ],
        },
      ],
    ];
    return { struct, size_bytes };
  }

  #put(bytes: Uint8Array): void {
    this.#write(bytes);
    this.#offset += bytes.length;
  }
}

function rootOf(columns: readonly ParquetColumn[]): ThriftStruct {
  return [
    [4, { text: "schema" }],
    [5, { i32: columns.length }],
  ];
}

function schemaOf({ name, kind }: ParquetColumn): ThriftValue {
  const struct: ThriftStruct = [
    [1, { i32: types[kind] }],
    [3, { i32: required }],
    [4, { text: name }],
  ];
  return { struct: kind === "text" ? [...struct, [6, { i32: utf8Converted }]] : struct };
}

function plainBytes(
  { kind }: ParquetColumn,
  values: ArrayLike<number> | readonly string[],
  rows: number,
): Uint8Array {
  if (kind === "text") return textBytes(values as readonly string[]);
  const width = kind === "int64" ? 8 : 4;
  const bytes = new Uint8Array(width * rows);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < rows; i++) {
    const value = values[i] as number;
    if (kind === "int64") view.setBigInt64(width * i, BigInt(value), true);
    else view.setFloat32(width * i, value, true);
  }
  return bytes;
}

function textBytes(values: readonly string[]): Uint8Array {
  const encoded = values.map((value) => new TextEncoder().encode(value));
  const bytes = new Uint8Array(encoded.reduce((sum, { length }) => sum + 4 + length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const one of encoded) {
    view.setUint32(at, one.length, true);
    bytes.set(one, at + 4);
    at += 4 + one.length;
  }
  return bytes;
}

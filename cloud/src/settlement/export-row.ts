import { ByteWriter, type Crypto, utf8 } from "@voltfog/runtime";

/** What a column takes: a whole number below 2^53, or a text of the column's length. */
export type ExportValue = number | string;

export interface ExportColumn {
  readonly name: string;
  /** Longest text; undefined for a whole number. */
  readonly length?: number;
}

/** A table of the export beside its key (chain, result index) and the row's hash. */
export interface ExportTable {
  readonly name: string;
  readonly columns: readonly ExportColumn[];
  /** Whether an order's completion on the chain waits for its row. */
  readonly acknowledged: boolean;
}

/** What one final result becomes in the operators' database. */
export interface ExportRow {
  readonly table: ExportTable;
  /** In the chain's log of results: no two rows of a table have one. */
  readonly resultIndex: number;
  /** In the table's order. */
  readonly values: readonly ExportValue[];
  /** What is acknowledged on the chain, hex; undefined where nothing waits for it. */
  readonly contractId?: string;
}

const domain = "voltfog/settlement-row/1\n";

/**
 * H(`voltfog/settlement-row/1\n` ‖ raw 32 chainId ‖ text table ‖ u64 result index ‖ list of columns: text
 * name, then u8 1 and u64, or u8 2 and block of UTF-8). It is what the chain keeps of the row once its
 * export was acknowledged: whoever changes the row changes its hash.
 */
export function rowHash(
  { table, resultIndex, values }: ExportRow,
  { chainId, crypto }: { chainId: Uint8Array; crypto: Crypto },
): Uint8Array {
  const writer = new ByteWriter()
    .raw(utf8(domain))
    .raw(chainId)
    .text(table.name)
    .u64(resultIndex)
    .u32(table.columns.length);
  for (const [at, { name }] of table.columns.entries()) {
    const value = values[at] ?? "";
    writer.text(name);
    if (typeof value === "number") writer.u8(1).u64(value);
    else writer.u8(2).block(utf8(value));
  }
  return crypto.sha256(writer.finish());
}

import { CodedError, type Crypto, toHex } from "@voltfog/runtime";
import { type ExportRow, type ExportTable, rowHash } from "./export-row.ts";
import type { OpenSql, SqlConnection } from "./sql-connection.ts";
import type { SqlDialect } from "./sql-dialect.ts";

/** Rows of final results, in the order of the chain. */
export interface RowSource {
  /** Of the results from an index on, and up to where that is: `next` is `from` where nothing is final yet. */
  rowsFrom(from: number, limit: number): Promise<{ rows: readonly ExportRow[]; next: number }>;
}

/** An exported order whose acknowledgement is not final yet. */
export interface PendingRow {
  readonly table: ExportTable;
  readonly resultIndex: number;
  readonly contractId: string;
  readonly rowHash: string;
}

/** How far the export is. */
export interface ExportState {
  /** Results below it are in the database. */
  readonly nextIndex: number;
  readonly rows: number;
  readonly isDurable: boolean;
}

export interface ExporterOptions {
  readonly open: OpenSql;
  readonly dialect: SqlDialect;
  readonly tables: readonly ExportTable[];
  readonly source: RowSource;
  readonly chainId: Uint8Array;
  readonly crypto: Crypto;
}

/** Rows of one transaction, and of one statement: enough to be fast, few enough for one packet. */
const batchMax = 500;
const statementMax = 100;
const pendingMax = 64;

/**
 * Brings final results into the operators' database, each once. Rows and cursor change in one transaction
 * of that database, so a crash of either side repeats a batch as a whole or not at all; a batch whose
 * commit was not heard of is found done by the cursor, and a row is never written twice by its key.
 */
export class SettlementExporter {
  readonly #options: ExporterOptions;
  readonly #chain: string;
  #connection: SqlConnection | undefined;

  constructor(options: ExporterOptions) {
    this.#options = options;
    this.#chain = toHex(options.chainId);
  }

  /** Exports one batch. Throws SETTLEMENT_* codes and the source's; the next call connects anew. */
  exportBatch(): Promise<ExportState & { readonly exported: number }> {
    return this.#connected(async (connection) => {
      const { dialect, source } = this.#options;
      await connection.begin();
      const [cursor] = await connection.select(dialect.holdCursor, [this.#chain]);
      const from = Number(cursor?.["next_index"]);
      const { rows, next } = await source.rowsFrom(from, batchMax);
      if (next > from) await this.#write(connection, { rows, from, next });
      const total = Number(cursor?.["rows_written"]) + rows.length;
      if (next > from) await connection.run(dialect.moveCursor, [next, total, this.#chain]);
      await connection.commit();
      const { isDurable } = connection;
      return { nextIndex: next, rows: total, isDurable, exported: next > from ? rows.length : 0 };
    });
  }

  /** Exported orders that wait for the chain's word, at most 64 of each table. */
  pending(): Promise<readonly PendingRow[]> {
    return this.#connected(async (connection) => {
      const { dialect, tables } = this.#options;
      const found: PendingRow[] = [];
      for (const table of tables.filter(({ acknowledged }) => acknowledged)) {
        for (const row of await connection.select(dialect.pending(table, pendingMax), [
          this.#chain,
        ])) {
          found.push({
            table,
            resultIndex: Number(row["result_index"]),
            contractId: String(row["contract_id"]),
            rowHash: String(row["row_hash"]),
          });
        }
      }
      return found;
    });
  }

  /** Notes that the chain made an order complete. */
  async acknowledged(row: PendingRow, height: number): Promise<void> {
    await this.#connected((connection) =>
      connection.run(this.#options.dialect.acknowledge(row.table), [
        height,
        this.#chain,
        row.resultIndex,
      ]),
    );
  }

  close(): void {
    this.#connection?.close();
    this.#connection = undefined;
  }

  async #write(
    connection: SqlConnection,
    batch: { rows: readonly ExportRow[]; from: number; next: number },
  ): Promise<void> {
    const { dialect, tables, chainId, crypto } = this.#options;
    for (const table of tables) {
      const hashed = batch.rows
        .filter((row) => row.table === table)
        .map((row) => ({ row, hash: toHex(rowHash(row, { chainId, crypto })) }));
      for (let at = 0; at < hashed.length; at += statementMax) {
        const group = hashed.slice(at, at + statementMax);
        const values = group.flatMap(({ row, hash }) => [
          ...[this.#chain, row.resultIndex],
          ...row.values,
          hash,
        ]);
        await connection.run(dialect.insert(table, group.length), values);
      }
      const stored = await connection.select(dialect.hashes(table), [
        ...[this.#chain, batch.from, batch.next],
      ]);
      const isSame =
        stored.length === hashed.length &&
        hashed.every(({ hash }, at) => stored[at]?.["row_hash"] === hash);
      if (!isSame) throw differs(table, batch);
    }
  }

  async #connected<T>(task: (connection: SqlConnection) => Promise<T>): Promise<T> {
    try {
      this.#connection ??= await this.#open();
      return await task(this.#connection);
    } catch (thrown) {
      this.close(); // What was begun is undone; the next try begins anew.
      throw thrown;
    }
  }

  async #open(): Promise<SqlConnection> {
    const { open, dialect, tables } = this.#options;
    const connection = await open();
    try {
      for (const sql of dialect.create(tables)) await connection.run(sql, []);
      await connection.run(dialect.beginCursor, [this.#chain]);
      return connection;
    } catch (thrown) {
      connection.close();
      throw thrown;
    }
  }
}

function differs(
  { name }: ExportTable,
  { from, next }: { from: number; next: number },
): CodedError {
  return new CodedError({
    code: "SETTLEMENT_ROW_DIFFERS",
    message: `${name} holds other rows for results ${from} to ${next - 1} than the chain does`,
    remedy: "somebody wrote there: compare row_hash, or name an empty database",
  });
}

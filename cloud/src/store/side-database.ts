import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { type Clock, CodedError, messageOf } from "@voltfog/runtime";
import { appendRows, ReaderPool, type Row, selectRows, Writer } from "./connections.ts";

/** What a column takes and a parameter gives. */
export type SqlValue = string | number | bigint | boolean | null;
export type SqlParameters = Readonly<Record<string, SqlValue>>;

/** One transaction: what it ran and appended is there as a whole or not at all. */
export interface SideTransaction {
  run(sql: string, parameters?: SqlParameters): Promise<void>;
  select(sql: string, parameters?: SqlParameters): Promise<readonly Row[]>;
  append(table: string, rows: readonly (readonly SqlValue[])[]): Promise<void>;
}

/**
 * Tables of a part of the cloud that are not telemetry, in a DuckDB file of their own: they are there
 * whichever store keeps the telemetry, and hold up none of its commits.
 */
export interface SideDatabase {
  /** Durable when it resolves; transactions run one after the other. STORE_FAILED. */
  transaction<T>(task: (transaction: SideTransaction) => Promise<T>): Promise<T>;
  /** Sees whole transactions only. STORE_BUSY, STORE_TIMEOUT, STORE_FAILED. */
  query(sql: string, parameters?: SqlParameters): Promise<readonly Row[]>;
  /** Rows as a Parquet file, column by column. At most a hundred thousand rows. */
  parquet(table: PlainTable): Promise<Uint8Array>;
  /**
   * Writes all that is committed to a file of its own, whole or not at all, which others may read and
   * back up while this one is in use. STORE_FAILED.
   */
  copy(): Promise<void>;
  close(): Promise<void>;
}

/** Where {@link SideDatabase.copy} writes. */
export function copyPathOf(path: string): string {
  return path.replace(/\.duckdb$/, ".copy.duckdb");
}

/** A table for people and other programs: names with their unit, and rows of numbers, texts and nulls. */
export interface PlainTable {
  readonly columns: readonly { readonly name: string; readonly kind: "number" | "text" }[];
  readonly rows: readonly (readonly (number | string | null)[])[];
}

const queryMax_ms = 15_000;
const readerConnections = 2;

/**
 * Opens the file and makes the tables that are missing; a file that is missing beside its copy is made
 * from that, as after a restore. STORE_UNREADABLE where another process has it.
 */
export async function openSideDatabase(options: {
  path: string;
  tables: readonly string[];
  memoryMax_bytes: number;
  clock: Clock;
}): Promise<SideDatabase> {
  const { path, tables, clock } = options;
  mkdirSync(dirname(path), { recursive: true });
  try {
    if (!existsSync(path) && existsSync(copyPathOf(path))) copyFileSync(copyPathOf(path), path);
    const instance = await DuckDBInstance.create(path);
    const connection = await instance.connect();
    await connection.run(`set memory_limit = '${Math.floor(options.memoryMax_bytes / 1e6)}MB'`);
    await connection.run("set threads = 1");
    for (const sql of tables) await connection.run(sql);
    const size = readerConnections;
    const readers = await ReaderPool.open({ instance, size, clock, timeout_ms: queryMax_ms });
    const writer = new Writer(connection);
    return {
      transaction: (task) => writer.transaction((held) => task(transactionOn(held))),
      query: (sql, parameters = {}) => readers.query(sql, { ...parameters }),
      parquet: (table) => writer.transaction((held) => parquetOf(held, { table, path })),
      copy: () => writer.alone((held) => copyTo(held, copyPathOf(path))),
      async close() {
        await writer.checkpoint();
        await writer.close();
        readers.close();
        instance.closeSync();
      },
    };
  } catch (thrown) {
    throw new CodedError({
      code: "STORE_UNREADABLE",
      message: `${path}: ${messageOf(thrown)}`,
      remedy: "stop the other process that uses it, or name another data folder",
      cause: thrown,
    });
  }
}

async function copyTo(connection: DuckDBConnection, path: string): Promise<void> {
  const draft = `${path}.part`;
  rmSync(draft, { force: true });
  const [current] = await selectRows(connection, "select current_database() as name");
  const source = `"${String(current?.["name"]).replaceAll('"', '""')}"`;
  await connection.run(`attach '${draft.replaceAll("'", "''")}' as copied`);
  try {
    await connection.run(`copy from database ${source} to copied`);
  } finally {
    await connection.run("detach copied");
  }
  renameSync(draft, path);
}

function transactionOn(connection: DuckDBConnection): SideTransaction {
  return {
    async run(sql, parameters = {}) {
      await connection.run(sql, { ...parameters });
    },
    select: (sql, parameters = {}) => selectRows(connection, sql, { ...parameters }),
    append: (table, rows) => appendRows(connection, table, rows),
  };
}

const types = { number: "double", text: "varchar" } as const;

/** Through a file beside the database, which is removed again; the transaction keeps others away from it. */
async function parquetOf(
  connection: DuckDBConnection,
  { table, path }: { table: PlainTable; path: string },
): Promise<Uint8Array> {
  const columns = table.columns.map(({ name, kind }) => `"${name}" ${types[kind]}`).join(", ");
  const file = `${path}.export.parquet`;
  await connection.run(`create or replace temp table exported(${columns})`);
  await appendRows(connection, "exported", table.rows);
  await connection.run(`copy exported to '${file.replaceAll("'", "''")}' (format parquet)`);
  await connection.run("drop table exported");
  try {
    return new Uint8Array(readFileSync(file));
  } finally {
    rmSync(file, { force: true });
  }
}

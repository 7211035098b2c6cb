import {
  type DuckDBAppender,
  type DuckDBConnection,
  DuckDBDataChunkWriter,
  type DuckDBInstance,
  type DuckDBValue,
} from "@duckdb/node-api";
import { BoundedQueue, type Clock, CodedError, messageOf } from "@voltfog/runtime";

export type Row = Readonly<Record<string, DuckDBValue>>;
export type Parameters = Record<string, DuckDBValue>;

/** The one connection that writes: transactions run one after the other. */
export class Writer {
  readonly #connection: DuckDBConnection;
  #last: Promise<unknown> = Promise.resolve();

  constructor(connection: DuckDBConnection) {
    this.#connection = connection;
  }

  /** All that the task did becomes visible and durable together, or none of it. */
  transaction<T>(task: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const run = this.#last.then(() => this.#transaction(task));
    this.#last = run.catch(() => {});
    return run;
  }

  /** Between transactions, for what cannot be part of one. */
  async alone(task: (connection: DuckDBConnection) => Promise<void>): Promise<void> {
    const run = this.#last.then(() => task(this.#connection));
    this.#last = run.catch(() => {});
    await run.catch((thrown: unknown) => {
      throw storeError(thrown);
    });
  }

  async #transaction<T>(task: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    try {
      await this.#connection.run("begin");
      const value = await task(this.#connection);
      await this.#connection.run("commit");
      return value;
    } catch (thrown) {
      // A failed commit has ended the transaction already, so there may be nothing to roll back.
      await this.#connection.run("rollback").catch(() => {});
      throw thrown instanceof CodedError ? thrown : storeError(thrown);
    }
  }

  /** Folds the write-ahead log into the file. The commits hold without it, so a failure is no loss. */
  async checkpoint(): Promise<void> {
    await this.#last;
    await this.#connection.run("checkpoint").catch(() => {});
  }

  /** Resolves when all transactions begun so far have ended. */
  async close(): Promise<void> {
    await this.#last;
    this.#connection.closeSync();
  }
}

/** Adds rows through DuckDB's appender; inside a transaction they belong to it. */
export async function appendRows(
  connection: DuckDBConnection,
  table: string,
  rows: readonly (readonly DuckDBValue[])[],
): Promise<void> {
  if (rows.length === 0) return;
  await withAppender(connection, table, (appender) => {
    const writer = DuckDBDataChunkWriter.forAppender(appender);
    for (const row of rows) writer.appendRow(row);
    writer.flush();
  });
}

/** Hands what was appended to the transaction, or nothing of it when the task throws. */
export async function withAppender(
  connection: DuckDBConnection,
  table: string,
  task: (appender: DuckDBAppender) => void,
): Promise<void> {
  const appender = await connection.createAppender(table);
  try {
    task(appender);
  } catch (thrown) {
    // Closing flushes, and after the rollback that would commit the rows by themselves.
    appender.clear();
    appender.closeSync();
    throw thrown;
  }
  appender.closeSync();
}

export async function selectRows(
  connection: DuckDBConnection,
  sql: string,
  parameters: Parameters = {},
): Promise<readonly Row[]> {
  return (await connection.runAndReadAll(sql, parameters)).getRowObjects();
}

interface Waiting {
  readonly run: (connection: DuckDBConnection) => void;
}

/** A few connections for queries, so that a slow one holds up neither intake nor all other readers. */
export class ReaderPool {
  readonly #idle: DuckDBConnection[];
  readonly #all: readonly DuckDBConnection[];
  readonly #waiting = new BoundedQueue<Waiting>({ limit: 64 });
  readonly #clock: Clock;
  readonly #timeout_ms: number;

  private constructor(options: {
    connections: readonly DuckDBConnection[];
    clock: Clock;
    timeout_ms: number;
  }) {
    this.#all = options.connections;
    this.#idle = [...options.connections];
    this.#clock = options.clock;
    this.#timeout_ms = options.timeout_ms;
  }

  static async open(options: {
    instance: DuckDBInstance;
    size: number;
    clock: Clock;
    timeout_ms: number;
  }): Promise<ReaderPool> {
    const connections = await Promise.all(
      Array.from({ length: options.size }, () => options.instance.connect()),
    );
    return new ReaderPool({ ...options, connections });
  }

  /** STORE_BUSY when too many already wait, STORE_TIMEOUT when the query takes too long. */
  async query(sql: string, parameters: Parameters = {}): Promise<readonly Row[]> {
    const connection = await this.#take();
    let late = false;
    const cancel = this.#clock.after(this.#timeout_ms, () => {
      late = true;
      connection.interrupt();
    });
    try {
      return await selectRows(connection, sql, parameters);
    } catch (thrown) {
      if (!late) throw storeError(thrown);
      throw new CodedError({
        code: "STORE_TIMEOUT",
        message: `the query took longer than ${this.#timeout_ms} ms`,
        remedy: "ask for a shorter range",
      });
    } finally {
      cancel();
      this.#give(connection);
    }
  }

  #take(): Promise<DuckDBConnection> {
    const free = this.#idle.pop();
    if (free !== undefined) return Promise.resolve(free);
    return new Promise((run, reject) => {
      if (this.#waiting.offer({ run })) return;
      reject(new CodedError({ code: "STORE_BUSY", message: "too many queries wait; try again" }));
    });
  }

  #give(connection: DuckDBConnection): void {
    const next = this.#waiting.poll();
    if (next === undefined) this.#idle.push(connection);
    else next.run(connection);
  }

  close(): void {
    for (const connection of this.#all) connection.closeSync();
  }
}

function storeError(thrown: unknown): CodedError {
  return new CodedError({ code: "STORE_FAILED", message: messageOf(thrown), cause: thrown });
}

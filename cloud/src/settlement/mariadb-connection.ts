import { CodedError, messageOf } from "@voltfog/runtime";
import { type Connection, createConnection, type RowDataPacket } from "mysql2/promise";
import type { ExportValue } from "./export-row.ts";
import type { SqlConnection } from "./sql-connection.ts";

export interface MariadbAddress {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  /** Authority of the server's certificate, PEM; undefined for a plain connection on this machine. */
  readonly authority: string | undefined;
}

const connect_ms = 5000;
const statement_ms = 30_000;

/**
 * Connects to MariaDB or MySQL. SETTLEMENT_UNREACHABLE while it is down or starting, SETTLEMENT_REFUSED where
 * user, password or database are wrong, SETTLEMENT_DISK_FULL, SETTLEMENT_FAILED with its own words for
 * everything else.
 */
export async function openMariadb(address: MariadbAddress): Promise<SqlConnection> {
  const { host, port, database, user, password, authority } = address;
  const connection = await guarded(() =>
    createConnection({
      ...{ host, port, database, user, password, connectTimeout: connect_ms },
      ...{ supportBigNumbers: true, dateStrings: true, multipleStatements: false },
      ...(authority === undefined ? {} : { ssl: { ca: authority, rejectUnauthorized: true } }),
    }),
  );
  // An idle connection that the server ends would otherwise end this process.
  connection.on("error", () => {});
  try {
    await guarded(() => connection.query("set session sql_mode = 'STRICT_ALL_TABLES'"));
    const [row] = await selected(
      connection,
      "select @@innodb_flush_log_at_trx_commit as flushed",
      [],
    );
    return connectionOn(connection, Number(row?.["flushed"]) === 1);
  } catch (thrown) {
    connection.destroy();
    throw thrown;
  }
}

function connectionOn(connection: Connection, isDurable: boolean): SqlConnection {
  return {
    isDurable,
    begin: () => guarded(() => connection.beginTransaction()),
    commit: () => guarded(() => connection.commit()),
    async run(sql, values) {
      await guarded(() => connection.execute({ sql, timeout: statement_ms }, [...values]));
    },
    select: (sql, values) => selected(connection, sql, values),
    close: () => connection.destroy(),
  };
}

async function selected(
  connection: Connection,
  sql: string,
  values: readonly ExportValue[],
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const question = { sql, timeout: statement_ms };
  const [rows] = await guarded(() => connection.execute<RowDataPacket[]>(question, [...values]));
  return rows;
}

async function guarded<T>(task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (thrown) {
    throw refusalOf(thrown);
  }
}

/** Error numbers of the server (MariaDB knowledge base, "error codes"). */
const refusedNumbers = new Set([1044, 1045, 1049, 1142, 1143, 1698]);
const fullNumbers = new Set([1021, 1041, 1114]);
const awayNumbers = new Set([1040, 1053, 1077, 1078, 1927]);
/** Of the operating system and of the connection: the server is not there, or no longer. */
const awayCodes =
  /^(ECONNREFUSED|ECONNRESET|ENOENT|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|PROTOCOL_CONNECTION_LOST|PROTOCOL_SEQUENCE_TIMEOUT)$/;

function refusalOf(thrown: unknown): CodedError {
  const { code, errno } = thrown as { code?: unknown; errno?: unknown };
  const message = `settlement database: ${messageOf(thrown)}`;
  const number = typeof errno === "number" ? errno : 0;
  const of = (kind: string, remedy: string): CodedError =>
    new CodedError({ code: kind, message, remedy, cause: thrown });
  // "Errcode: 28" is ENOSPC in the words of the storage engine, under several numbers.
  if (fullNumbers.has(number) || /Errcode: 28\b/.test(message)) {
    return of(
      "SETTLEMENT_DISK_FULL",
      "make room where the database lies; the export goes on by itself",
    );
  }
  if (refusedNumbers.has(number)) {
    return of(
      "SETTLEMENT_REFUSED",
      "correct settlementUrl and settlementLogin, or grant what is missing",
    );
  }
  const isAway = awayNumbers.has(number) || awayCodes.test(String(code));
  if (isAway || /closed state|connection is closed/i.test(message)) {
    return of(
      "SETTLEMENT_UNREACHABLE",
      "start the database, or correct settlementUrl; nothing is lost meanwhile",
    );
  }
  return of("SETTLEMENT_FAILED", "read the database's own log");
}

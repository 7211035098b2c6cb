import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { CodedError, messageOf } from "@voltfog/runtime";
import { replaceFileSync } from "@voltfog/runtime/node";
import { selectRows } from "./connections.ts";
import {
  merged,
  rollUpColumns,
  rollUpLevels,
  sampleAsRollUp,
  settle,
  startOf,
} from "./roll-ups.ts";
import { numberAt, textAt, whole } from "./row-values.ts";

/** A stretch of time as Parquet files in a folder: what is in it, by file. */
export interface Archive {
  readonly version: 1;
  readonly from_ms: number;
  /** Exclusive. */
  readonly to_ms: number;
  /** Rows by file. */
  readonly rows: Readonly<Record<string, number>>;
}

export interface Imported {
  readonly samples: number;
  /** Samples that were there already. */
  readonly known: number;
}

const manifestName = "archive.json";
const manifestMax_bytes = 65_536;

/**
 * Writes samples, their roll-ups and the entries with their signed frames (every cell, one blob per frame)
 * of a stretch of time as Parquet, compressed with Zstandard. The folder must be new or empty:
 * ARCHIVE_EXISTS. The manifest comes last: a folder without one is an export that did not end.
 */
export async function exportArchive(
  connection: DuckDBConnection,
  options: { folder: string; from_ms: number; to_ms: number },
): Promise<Archive> {
  const { folder, from_ms, to_ms } = options;
  mkdirSync(folder, { recursive: true });
  if (existsSync(join(folder, manifestName))) {
    throw new CodedError({
      code: "ARCHIVE_EXISTS",
      message: `${folder} already holds an archive`,
      remedy: "name a new folder",
    });
  }
  const range = (column: string): string =>
    `${column} >= ${whole(from_ms)} and ${column} < ${whole(to_ms)}`;
  const sources: Readonly<Record<string, string>> = {
    samples: `select * from pack_samples where ${range("wall_ms")} order by vehicle_id, wall_ms`,
    entries: `select * from final_entries where ${range("accepted_ms")} order by unit_id, log_index`,
    ...Object.fromEntries(
      rollUpLevels.map(({ table }) => [
        table,
        `select vehicle_id, start_ms, ${merged} from ${table} where ${range("start_ms")}
          group by vehicle_id, start_ms order by vehicle_id, start_ms`,
      ]),
    ),
  };
  await settle(connection);
  const rows: Record<string, number> = {};
  for (const [name, select] of Object.entries(sources)) {
    const file = join(folder, `${name}.parquet`);
    const [copied] = await selectRows(
      connection,
      `copy (${select}) to ${quoted(file)} (format parquet, compression zstd)`,
    );
    rows[name] = copied === undefined ? 0 : Number(copied["Count"]);
  }
  const archive: Archive = { version: 1, from_ms, to_ms, rows };
  replaceFileSync(join(folder, manifestName), `${JSON.stringify(archive, null, 2)}\n`);
  return archive;
}

/**
 * Takes an archive's samples in. One that is there already, by vehicle, stream, sequence and index, is
 * passed over, so a repeat changes nothing. A roll-up is made anew only where that does not lose samples.
 * ARCHIVE_INVALID where the folder holds no whole archive of ours.
 */
export async function importArchive(
  connection: DuckDBConnection,
  folder: string,
): Promise<Imported> {
  requireManifest(folder);
  const file = quoted(join(folder, "samples.parquet"));
  await requireColumns(connection, { file, folder });
  await settle(connection);
  await connection.run(`create or replace temp table incoming as
    select distinct on (vehicle_id, stream, sequence, sample_index) * from read_parquet(${file}) a
    anti join settled_samples b using (vehicle_id, stream, sequence, sample_index)`);
  const [counted] = await selectRows(
    connection,
    `select (select count(*) from incoming) as samples, (select count(*) from read_parquet(${file})) as offered`,
  );
  const samples = counted === undefined ? 0 : numberAt(counted, "samples");
  const offered = counted === undefined ? 0 : numberAt(counted, "offered");
  await connection.run(
    "insert into settled_samples select * from incoming order by vehicle_id, wall_ms",
  );
  for (const { table, step_ms } of rollUpLevels) {
    await rollUpAgain(connection, { table, step_ms });
  }
  await connection.run("drop table incoming");
  if (samples > 0) {
    // Counted as no longer removed. Charts of that time stay at whole minutes: others may still be missing.
    await connection.run("insert into removed values (0, 0, $samples::bigint)", {
      samples: whole(-samples),
    });
  }
  return { samples, known: offered - samples };
}

/** Of the steps that samples came to: from all single samples, where these are no fewer than were counted. */
async function rollUpAgain(
  connection: DuckDBConnection,
  { table, step_ms }: { table: string; step_ms: number },
): Promise<void> {
  const start = startOf("wall_ms", step_ms);
  await connection.run(`create or replace temp table again as
    with touched as (select distinct vehicle_id, ${start} as start_ms from incoming),
    counted as (select vehicle_id, start_ms, sum(samples) as known from ${table}
      semi join touched using (vehicle_id, start_ms) group by vehicle_id, start_ms),
    fresh as (select vehicle_id, start_ms, ${merged} from (
        select s.vehicle_id, ${start} as start_ms, ${sampleAsRollUp} from settled_samples s
      ) semi join touched using (vehicle_id, start_ms) group by vehicle_id, start_ms)
    select fresh.* from fresh left join counted using (vehicle_id, start_ms)
    where samples >= coalesce(known, 0)`);
  await connection.run(`delete from ${table} where exists (select 1 from again
    where again.vehicle_id = ${table}.vehicle_id and again.start_ms = ${table}.start_ms)`);
  await connection.run(`insert into ${table} select vehicle_id, start_ms, ${rollUpColumns} from again
    order by vehicle_id, start_ms`);
  await connection.run("drop table again");
}

async function requireColumns(
  connection: DuckDBConnection,
  { file, folder }: { file: string; folder: string },
): Promise<void> {
  const columnsOf = async (source: string): Promise<string> => {
    const rows = await selectRows(connection, `describe select * from ${source}`);
    return rows
      .map((row) => `${textAt(row, "column_name")} ${textAt(row, "column_type")}`)
      .join(", ");
  };
  const own = await columnsOf("settled_samples");
  const offered = await columnsOf(`read_parquet(${file})`).catch((thrown: unknown) => {
    throw invalid(folder, messageOf(thrown));
  });
  if (offered !== own) throw invalid(folder, `samples.parquet has the columns ${offered}`);
}

function requireManifest(folder: string): void {
  let archive: { version?: unknown } | null;
  try {
    const bytes = readFileSync(join(folder, manifestName));
    if (bytes.length > manifestMax_bytes) throw new Error(`${manifestName} is too large`);
    archive = JSON.parse(bytes.toString("utf8")) as { version?: unknown } | null;
  } catch (thrown) {
    throw invalid(folder, messageOf(thrown));
  }
  if (archive?.version !== 1) throw invalid(folder, `${manifestName} is of no version known here`);
}

function invalid(folder: string, detail: string): CodedError {
  return new CodedError({
    code: "ARCHIVE_INVALID",
    message: `${folder}: ${detail}`,
    remedy: "name a folder that `voltfog store export` has written",
  });
}

function quoted(path: string): string {
  return `'${path.replaceAll("'", "''")}'`;
}

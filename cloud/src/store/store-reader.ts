import { existsSync } from "node:fs";
import { join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { CodedError, messageOf } from "@voltfog/runtime";
import { selectRows } from "./connections.ts";
import { numberAt, numberOrNullAt, textAt } from "./row-values.ts";

/** An accepted frame as the store has it. */
export interface StoredFrameTime {
  /** Lower-case hex. */
  readonly commitment: string;
  readonly stored_ms: number;
}

/** An event with the moment its unit recorded it and the one it was seen to be final here. */
export interface StoredEventTime {
  readonly id: string;
  readonly recorded_ms: number;
  readonly final_ms: number | null;
}

/** Reads a stopped cloud's store without its process, to count what a run left behind. */
export interface StoreReader {
  samplesStored(): Promise<number>;
  /** Each frame once, also where two logs hold it. */
  frames(): Promise<readonly StoredFrameTime[]>;
  /** Each event once. */
  events(): Promise<readonly StoredEventTime[]>;
  close(): Promise<void>;
}

const readOnly = Object.fromEntries([["access_mode", "READ_ONLY"]]);

/**
 * Samples that came in: those kept, and those that retention removed since. Where they are in another
 * engine, what the entries say. A file that only an older program has opened lacks the newer tables.
 */
async function countSql(connection: DuckDBConnection): Promise<string> {
  const [version] = await selectRows(connection, "select version from store_version");
  if (version === undefined || numberAt(version, "version") < 3) {
    return "select count(*) as count from samples";
  }
  const [series] = await selectRows(connection, "select engine from series_engine");
  return series === undefined || textAt(series, "engine") === "duckdb"
    ? `select (select count(*) from pack_samples)
        + (select coalesce(sum(samples), 0)::bigint from removed) as count`
    : `select coalesce(sum(sample_count), 0)::bigint as count from entries
        where kind = 'frame' and not duplicate and frame is not null`;
}

/** Opens `<folder>/telemetry.duckdb` read-only. STORE_UNREADABLE where there is none or a process has it. */
export async function openStoreReader(folder: string): Promise<StoreReader> {
  const path = join(folder, "telemetry.duckdb");
  try {
    if (!existsSync(path)) throw new Error("there is no such file");
    const instance = await DuckDBInstance.create(path, readOnly);
    const connection = await instance.connect();
    return {
      async samplesStored() {
        const [row] = await selectRows(connection, await countSql(connection));
        return row === undefined ? 0 : numberAt(row, "count");
      },
      async frames() {
        const rows = await selectRows(
          connection,
          "select commitment, stored_ms from frames where not duplicate",
        );
        return rows.map((row) => ({
          commitment: textAt(row, "commitment"),
          stored_ms: numberAt(row, "stored_ms"),
        }));
      },
      async events() {
        const rows = await selectRows(
          connection,
          "select id, min(recorded_ms) as recorded_ms, min(final_ms) as final_ms from events group by id",
        );
        return rows.map((row) => ({
          id: textAt(row, "id"),
          recorded_ms: numberAt(row, "recorded_ms"),
          final_ms: numberOrNullAt(row, "final_ms"),
        }));
      },
      async close() {
        connection.closeSync();
        instance.closeSync();
      },
    };
  } catch (thrown) {
    throw new CodedError({
      code: "STORE_UNREADABLE",
      message: `${path}: ${messageOf(thrown)}`,
      remedy: "stop the cloud process first",
      cause: thrown,
    });
  }
}

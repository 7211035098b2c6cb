import type { DuckDBConnection } from "@duckdb/node-api";
import { CodedError } from "@voltfog/runtime";
import { selectRows } from "./connections.ts";
import { numberAt, textAt } from "./row-values.ts";
import type { SeriesEngine } from "./sample-series.ts";
import { schemaSql, schemaVersion } from "./schema.ts";
import { upgrade } from "./upgrade.ts";

/**
 * Makes what is missing, brings an earlier version up to this one, and holds the file to the engine that it
 * began with. Throws for a later version and for another engine.
 */
export async function prepareTables(
  connection: DuckDBConnection,
  engine: SeriesEngine,
): Promise<void> {
  await connection.run("begin");
  for (const sql of schemaSql) await connection.run(sql);
  const [stored] = await selectRows(connection, "select version from store_version");
  if (stored === undefined)
    await connection.run(`insert into store_version values (${schemaVersion})`);
  else await upgrade(connection, numberAt(stored, "version"));
  await claimEngine(connection, engine);
  await connection.run("commit");
}

/** A store opened with another engine than before would show no past, and nobody would be told. */
async function claimEngine(connection: DuckDBConnection, engine: SeriesEngine): Promise<void> {
  const [stored] = await selectRows(connection, "select engine from series_engine");
  if (stored === undefined) {
    await connection.run("insert into series_engine values ($engine)", { engine });
  } else if (textAt(stored, "engine") !== engine) {
    const kept = textAt(stored, "engine");
    throw new CodedError({
      code: "STORE_UNREADABLE",
      message: `its samples are in ${kept}, the configuration says ${engine}`,
      remedy: `set store to ${kept} (voltfog up --influx for influxdb), or name another data folder`,
    });
  }
}

import { existsSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import type { Logger } from "@voltfog/runtime";
import {
  clearErasureOrders,
  type FrameErasure,
  isOrdered,
  readErasureOrders,
  syncFolderSync,
} from "@voltfog/runtime/node";
import { selectRows } from "./connections.ts";
import {
  merged,
  rollUpColumns,
  rollUpLevels,
  sampleAsRollUp,
  settle,
  startOf,
} from "./roll-ups.ts";
import { textAt, whole } from "./row-values.ts";

const telemetryFile = "telemetry.duckdb";
/** What stands where a vehicle's id was, in rows that the tree of a log is counted by. */
const erasedId = "erased";

/**
 * Carries out the erasures that wait for the cloud, before its databases are open. DuckDB keeps deleted
 * rows in its file until it needs the room, so each database is copied whole into a new file that takes
 * the old one's place; the write-ahead log is gone with it. A crash on the way leaves orders and old
 * files there, and the next start does it again.
 */
export async function eraseFromStores(o: { dataDir: string; logger: Logger }): Promise<void> {
  const { dataDir, logger } = o;
  const orders = readErasureOrders(dataDir);
  if (orders.length === 0) return;
  for (const name of databasesIn(dataDir)) {
    // A copy for backups is made again by itself.
    if (name.endsWith(".copy.duckdb")) rmSync(join(dataDir, name));
    else await eraseInDatabase({ folder: dataDir, name, orders });
  }
  clearErasureOrders(dataDir);
  logger.info("frames erased by order", { orders: orders.length });
}

function databasesIn(dataDir: string): readonly string[] {
  if (!existsSync(dataDir)) return [];
  return readdirSync(dataDir).filter((name) => name.endsWith(".duckdb"));
}

async function eraseInDatabase(o: {
  folder: string;
  name: string;
  orders: readonly FrameErasure[];
}): Promise<void> {
  const path = join(o.folder, o.name);
  const draft = `${path}.erasing`;
  rmSync(draft, { force: true });
  rmSync(`${draft}.wal`, { force: true });
  const instance = await DuckDBInstance.create(path);
  try {
    const connection = await instance.connect();
    await connection.run("set threads = 1");
    await connection.run("begin");
    for (const order of o.orders) {
      if (o.name === telemetryFile) await eraseFrames(connection, order);
      if (order.isWhole) await eraseVehicle(connection, order.vehicleId);
    }
    await connection.run("commit");
    await copyTo(connection, draft);
    connection.closeSync();
  } finally {
    instance.closeSync();
  }
  renameSync(draft, path);
  rmSync(`${path}.wal`, { force: true });
  syncFolderSync(o.folder);
}

async function copyTo(connection: DuckDBConnection, path: string): Promise<void> {
  const [current] = await selectRows(connection, "select current_database() as name");
  const source = current === undefined ? "" : textAt(current, "name").replaceAll('"', '""');
  await connection.run(`attach '${path.replaceAll("'", "''")}' as rewritten`);
  await connection.run(`copy from database "${source}" to rewritten`);
  await connection.run("detach rewritten");
}

/** Signed frames, samples, what they came to in roll-ups, and events that rest on them. */
async function eraseFrames(connection: DuckDBConnection, order: FrameErasure): Promise<void> {
  const isMeant = `vehicle_id = $vehicle and ($whole or
    (($stream is null or stream = $stream) and sequence between $from::bigint and $to::bigint))`;
  const parameters = {
    vehicle: order.vehicleId,
    stream: order.stream,
    from: whole(order.from),
    to: whole(order.to),
    whole: order.isWhole,
  };
  await settle(connection);
  await connection.run(
    `create or replace temp table going as select * from settled_samples where ${isMeant}`,
    parameters,
  );
  await connection.run(`delete from settled_samples where ${isMeant}`, parameters);
  for (const level of rollUpLevels) await rollUpWithout(connection, level);
  await connection.run("drop table going");
  await connection.run(
    `update entries set frame = null, origin = null, source = null, alarm = null, wall_ms = null
      where ${isMeant}`,
    parameters,
  );
  await eraseEvents(connection, order);
}

/** The steps of time that the erased samples were in, from the samples that are left. */
async function rollUpWithout(
  connection: DuckDBConnection,
  { table, step_ms }: { table: string; step_ms: number },
): Promise<void> {
  const start = startOf("wall_ms", step_ms);
  await connection.run(
    `create or replace temp table touched as select distinct vehicle_id, ${start} as start_ms from going`,
  );
  await connection.run(`delete from ${table} where exists (select 1 from touched
    where touched.vehicle_id = ${table}.vehicle_id and touched.start_ms = ${table}.start_ms)`);
  await connection.run(`insert into ${table} select vehicle_id, start_ms, ${rollUpColumns} from (
    select vehicle_id, start_ms, ${merged} from (
      select s.vehicle_id, ${start} as start_ms, ${sampleAsRollUp} from settled_samples s
    ) semi join touched using (vehicle_id, start_ms) group by vehicle_id, start_ms)`);
  await connection.run("drop table touched");
}

async function eraseEvents(connection: DuckDBConnection, order: FrameErasure): Promise<void> {
  const rows = await selectRows(
    connection,
    "select id, event from event_rows where vehicle_id = $vehicle",
    { vehicle: order.vehicleId },
  );
  for (const row of rows) {
    const { frame } = JSON.parse(textAt(row, "event")) as {
      frame?: { stream: string; sequence: number };
    };
    if (frame === undefined || !isOrdered(order, frame)) continue;
    await connection.run("delete from event_rows where id = $id", { id: textAt(row, "id") });
  }
}

/**
 * Whatever else names the vehicle. Rows of `entries` stay without its id: a log's tree and counts are made of
 * them.
 */
async function eraseVehicle(connection: DuckDBConnection, vehicle: string): Promise<void> {
  const tables = await selectRows(
    connection,
    `select c.table_name as name from information_schema.columns c
      join information_schema.tables t on c.table_name = t.table_name
      where c.column_name = 'vehicle_id' and t.table_type = 'BASE TABLE'`,
  );
  for (const row of tables) {
    const name = textAt(row, "name");
    const isCounted = name === "entries" || name === "unlinked";
    const sql = isCounted
      ? `update "${name}" set vehicle_id = '${erasedId}' where vehicle_id = $vehicle`
      : `delete from "${name}" where vehicle_id = $vehicle`;
    await connection.run(sql, { vehicle });
  }
}

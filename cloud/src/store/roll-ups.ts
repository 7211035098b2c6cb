import type { DuckDBConnection } from "@duckdb/node-api";

/** The tables that keep extremes of whole steps of UTC, finest first. */
export const rollUpLevels = [
  { table: "minutes", step_ms: 60_000 },
  { table: "hours", step_ms: 3_600_000 },
  { table: "days", step_ms: 86_400_000 },
] as const;

const measured = [
  { name: "voltage", column: "pack_voltage_V" },
  { name: "current", column: "pack_current_A" },
  { name: "soc", column: "soc" },
] as const;

/** Of a roll-up: what it counts and spans, then its measures. Rows of one step add up by {@link merged}. */
const countColumns: readonly string[] = ["samples", "first_ms", "last_ms"];
const measureColumns: readonly string[] = [
  ...measured.flatMap(({ name }) => [`${name}_min`, `${name}_sum`, `${name}_max`]),
  "cell_min",
  "cell_sum",
  "cell_max",
  "temperature_min",
  "temperature_max",
];

export const rollUpColumns: string = [...countColumns, ...measureColumns].join(", ");

/** One sample as the roll-up of itself. */
export const sampleAsRollUp: string = [
  "1::bigint as samples, wall_ms as first_ms, wall_ms as last_ms",
  ...measured.map(
    ({ name, column }) =>
      `${column} as ${name}_min, ${column}::double as ${name}_sum, ${column} as ${name}_max`,
  ),
  "cell_min_mV as cell_min, cell_mean_mV::double as cell_sum, cell_max_mV as cell_max",
  "temperature_min_degC as temperature_min, temperature_max_degC as temperature_max",
].join(", ");

/** Roll-ups of a group as one: counts and sums add, extremes stay. */
export const merged: string = [...countColumns, ...measureColumns]
  .map((name) => `${functionOf(name)}(${name})${name === "samples" ? "::bigint" : ""} as ${name}`)
  .join(", ");

function functionOf(column: string): "sum" | "min" | "max" {
  if (column === "samples" || column.endsWith("_sum")) return "sum";
  return column === "first_ms" || column.endsWith("_min") ? "min" : "max";
}

const types: Readonly<Record<string, string>> = {
  samples: "bigint",
  first: "bigint",
  last: "bigint",
};

/**
 * Samples come into `samples` as they arrive. When there are many, they move as one sorted run into
 * `settled_samples`, where a vehicle's stretch of time lies together, and are added to the roll-ups. Each
 * sample is in exactly one of the two, and in the roll-ups exactly when it is settled, however late it
 * came. A step may have several roll-up rows, which add up.
 */
export const rollUpSchema: readonly string[] = [
  `create table if not exists settled_samples as select * from samples limit 0`,
  ...rollUpLevels.map(
    ({ table }) =>
      `create table if not exists ${table}(vehicle_id varchar, start_ms bigint, ${[
        ...countColumns,
        ...measureColumns,
      ]
        .map((name) => `${name} ${typeOf(name)}`)
        .join(", ")})`,
  ),
  `create or replace view pack_samples as
    select * from settled_samples union all select * from samples`,
  "create table if not exists removed(samples_before_ms bigint, frames_before_ms bigint, samples bigint)",
];

function typeOf(column: string): string {
  const known = types[column.replace(/_ms$/, "")];
  return known ?? (column.endsWith("_sum") ? "double" : "float");
}

/** Moves everything that came since the last time, in the caller's transaction. */
export async function settle(connection: DuckDBConnection): Promise<void> {
  await connection.run(`create or replace temp table settling as
    select vehicle_id, start_ms, ${merged} from (
      select vehicle_id, ${startOf("wall_ms", 60_000)} as start_ms, ${sampleAsRollUp} from samples
    ) group by vehicle_id, start_ms`);
  for (const { table, step_ms } of rollUpLevels) {
    await connection.run(`insert into ${table}
      select vehicle_id, start_ms, ${merged} from (
        select vehicle_id, ${startOf("start_ms", step_ms)} as start_ms, ${rollUpColumns} from settling
      ) group by vehicle_id, start_ms order by vehicle_id, start_ms`);
  }
  await connection.run(
    "insert into settled_samples select * from samples order by vehicle_id, wall_ms",
  );
  await connection.run("delete from samples");
  await connection.run("drop table settling");
}

export function startOf(column: string, step_ms: number): string {
  return `${column} // ${step_ms} * ${step_ms}`;
}

import { rollUpSchema } from "./roll-ups.ts";

/**
 * Grows by one with each change of the tables. A store of an earlier version is brought up to this one
 * when it is opened (see upgrade.ts); one of a later version is refused.
 */
export const schemaVersion = 4;

/**
 * Rows are only ever added: an entry becomes final because a row of `finality` covers its place in
 * the log, so raising a million rows costs one insert, and a crash leaves no half-raised range.
 * The views give readers the columns they expect. `entries.entry` is the log entry as the unit
 * signed for it; the tree is rebuilt from this column, so what is final is what is stored.
 * `unlinked` has a row for each taken entry whose unit did not know the frame before it, and
 * `link_closings` one more once that frame is stored from any log.
 */
export const schemaSql: readonly string[] = [
  "create table if not exists store_version(version integer)",
  "create table if not exists series_engine(engine varchar)",
  `create table if not exists positions(
    unit_id varchar, size bigint, tree blob, event_cursor bigint)`,
  `create table if not exists entries(
    unit_id varchar, log_index bigint, kind varchar, code varchar, vehicle_id varchar,
    stream varchar, sequence bigint, commitment blob, sample_count integer, duplicate boolean,
    origin varchar, source varchar, alarm varchar, wall_ms bigint, accepted_ms bigint,
    stored_ms bigint, entry blob, frame blob)`,
  `create table if not exists samples(
    vehicle_id varchar, stream varchar, sequence bigint, sample_index utinyint, wall_ms bigint,
    pack_voltage_V float, pack_current_A float, soc float,
    cell_min_mV usmallint, cell_mean_mV float, cell_max_mV usmallint,
    cell_min_index usmallint, cell_max_index usmallint,
    temperature_min_degC float, temperature_max_degC float, temperature_max_index usmallint)`,
  ...rollUpSchema,
  `create table if not exists gaps(
    vehicle_id varchar, unit_id varchar, log_index bigint, stream varchar, first_sequence bigint,
    last_sequence bigint, sample_count bigint, from_ms bigint, to_ms bigint, cause varchar)`,
  `create table if not exists unlinked(
    unit_id varchar, log_index bigint, vehicle_id varchar, stream varchar, sequence bigint,
    previous blob, follows bigint, accepted_ms bigint)`,
  `create table if not exists link_closings(
    unit_id varchar, log_index bigint, by_unit_id varchar, by_log_index bigint, closed_ms bigint)`,
  `create table if not exists event_rows(
    cursor bigint, id varchar, unit_id varchar, class varchar, state varchar, level utinyint,
    vehicle_id varchar, function_id varchar, value_unit varchar, at_ms bigint, recorded_ms bigint, salt varchar,
    event varchar)`,
  `create table if not exists event_finality(
    id varchar, height bigint, result_index bigint, final_ms bigint)`,
  `create table if not exists blocks(
    height bigint, hash varchar, time_ms bigint, final_ms bigint, proposer varchar, round integer,
    transactions integer, checkpoints integer, events integer, signers varchar,
    size_bytes bigint, block blob, certificate blob)`,
  "create table if not exists results(height bigint, result_index bigint, bytes blob)",
  `create table if not exists transactions(
    hash blob, result_index bigint, sender blob, module utinyint, code varchar)`,
  "create table if not exists epochs(epoch bigint, first_height bigint, members varchar)",
  "create table if not exists snapshots(height bigint, bytes blob)",
  `create table if not exists checkpoints(
    unit_id varchar, size bigint, root blob, height bigint, result_index bigint, final_ms bigint)`,
  `create table if not exists finality(
    unit_id varchar, size bigint, height bigint, result_index bigint, final_ms bigint, tree blob)`,
  `create table if not exists incidents(
    id bigint, code varchar, unit_id varchar, sentence varchar, first_ms bigint, last_ms bigint,
    count bigint)`,
  `create or replace view final_entries as
    select e.*, f.height as final_height, f.final_ms as final_ms
    from entries e asof left join finality f on e.unit_id = f.unit_id and e.log_index < f.size`,
  `create or replace view links as
    select u.*, c.by_unit_id, c.by_log_index, c.closed_ms from unlinked u
    left join link_closings c on u.unit_id = c.unit_id and u.log_index = c.log_index`,
  `create or replace view frames as
    select vehicle_id, stream, sequence, lower(hex(commitment)) as commitment, unit_id, log_index,
      sample_count, wall_ms, accepted_ms, stored_ms, final_height, final_ms, duplicate
    from final_entries where kind = 'frame'`,
  `create or replace view events as
    select e.*, f.height as final_height, f.result_index, f.final_ms
    from event_rows e left join event_finality f on e.id = f.id`,
];

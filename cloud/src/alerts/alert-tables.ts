/** Alerts, what is to be delivered about them, and how far the events were looked at. */
export const alertTables: readonly string[] = [
  `create table if not exists alerts(
    id bigint, key varchar, vehicle_id varchar, state varchar, level integer, opened_ms bigint,
    last_ms bigint, closed_ms bigint, body varchar)`,
  `create table if not exists deliveries(
    id bigint, receiver varchar, alert_id bigint, news varchar, created_ms bigint, attempts integer,
    next_ms bigint, state varchar, ended_ms bigint, error varchar, body varchar)`,
  // Of deliveries to the chain; files of before 2026-11 lack them.
  "alter table deliveries add column if not exists lane varchar",
  "alter table deliveries add column if not exists rests_on varchar",
  "alter table deliveries add column if not exists event_id varchar",
  "create table if not exists alert_cursors(source varchar, position bigint)",
];

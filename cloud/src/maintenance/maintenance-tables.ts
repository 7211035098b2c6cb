/**
 * Daily figures, what they start from, and how far the logs were looked at. A row of `daily_indicators` is
 * never changed: another version of the estimator, or samples that became final later, give a new row, and
 * readers take the newest issue of a version. `indicator_states` holds what a next day starts from, for the
 * last days of each vehicle only.
 */
export const maintenanceTables: readonly string[] = [
  `create table if not exists daily_indicators(
    vehicle_id varchar, day varchar, estimator varchar, estimator_version varchar, issued_ms bigint,
    origin varchar, finality varchar, samples bigint, soh double, anomaly_score double,
    safety_score double, full_cycles double, indicators varchar)`,
  `create table if not exists indicator_states(
    vehicle_id varchar, estimator_version varchar, day varchar, state varchar)`,
  "create table if not exists packs(vehicle_id varchar, pack varchar)",
  "create table if not exists maintenance_cursors(log varchar, size bigint)",
  "create table if not exists open_days(vehicle_id varchar, day_ms bigint)",
  "create table if not exists loaded(source varchar, vehicle_id varchar)",
];

import type { CarriedState, DailyIndicators } from "@voltfog/battery";
import type { DataOrigin } from "@voltfog/messages";
import { numberAt, numberOrNullAt, textAt, whole } from "../store/row-values.ts";
import type { SideDatabase, SideTransaction } from "../store/side-database.ts";
import type { PackSetting } from "./pack-settings.ts";

/** A day's figures without what only the estimator reads. */
export type DayFigures = Omit<DailyIndicators, "carried">;

/** One row as it was issued. */
export interface IssuedDay {
  readonly vehicleId: string;
  readonly issued_ms: number;
  readonly origin: DataOrigin;
  /** `final`: every sample behind it is in final frames; `none`: no record stands behind it. */
  readonly finality: "final" | "none";
  readonly samples: number;
  readonly figures: DayFigures;
}

/** One week of a fleet, from its Monday on. */
export interface FleetWeek {
  /** YYYY-MM-DD. */
  readonly week: string;
  /** With figures that week, and how many of those are simulated. */
  readonly vehicles: number;
  readonly simulated: number;
  readonly days: number;
  /** Tenth, half and nine tenths of the vehicle days lie below; null where no health is known. */
  readonly sohLow: number | null;
  readonly sohMedian: number | null;
  readonly sohHigh: number | null;
  /** Vehicles with a day as far from the fleet as an alarm, and with a high safety score. */
  readonly anomalous: number;
  readonly unsafe: number;
  readonly fullCycles: number;
}

const statesKept_d = 40;

/** Daily figures of every vehicle and version on the disk. Throws the database's codes. */
export class IndicatorStore {
  readonly #database: SideDatabase;

  constructor(database: SideDatabase) {
    this.#database = database;
  }

  /** Adds rows of one vehicle in order of days; none is ever changed. Also settles open days, and opens the rest. */
  issue(
    issued: readonly { readonly row: Omit<IssuedDay, "figures">; readonly day: DailyIndicators }[],
    days: {
      readonly vehicleId: string;
      readonly done_ms: readonly number[];
      readonly rest_ms: readonly number[];
    },
  ): Promise<void> {
    const { vehicleId, done_ms, rest_ms } = days;
    return this.#database.transaction(async (transaction) => {
      await appendIssued(transaction, issued);
      for (const listed of [done_ms, rest_ms]) {
        if (listed.length === 0) continue;
        await transaction.run(
          `delete from open_days where vehicle_id = $vehicle
            and list_contains($days::bigint[], day_ms)`,
          { vehicle: vehicleId, days: `[${listed.join(",")}]` },
        );
      }
      await transaction.append(
        "open_days",
        rest_ms.map((day_ms) => [vehicleId, whole(day_ms)]),
      );
    });
  }

  /**
   * Opens every day that frames told of and that older versions of the estimator alone have figures of, so that
   * this one issues them too. Once per version: asked again it does nothing.
   */
  reopenFor(version: string): Promise<void> {
    const source = `estimator ${version}`;
    return this.#database.transaction(async (transaction) => {
      const done = await transaction.select("select 1 from loaded where source = $source", {
        source,
      });
      if (done.length > 0) return;
      await transaction.run(
        `insert into open_days
          select vehicle_id, epoch_ms(cast(day as timestamp)) as at_ms from daily_indicators
          where finality = 'final' group by vehicle_id, day
          having max(cast(estimator_version as integer)) < $version::integer
          except select vehicle_id, day_ms from open_days`,
        { version: Number(version) },
      );
      await transaction.append("loaded", [[source, ""]]);
    });
  }

  /** The newest issue of each day by one version, oldest day first. */
  async history(query: {
    vehicleId: string;
    version?: string;
    from?: string;
    to?: string;
  }): Promise<readonly IssuedDay[]> {
    const rows = await this.#database.query(
      `select * from daily_indicators where vehicle_id = $vehicle
        and ($version::varchar is null or estimator_version = $version)
        and day >= $from and day <= $to
        qualify row_number() over (partition by day, estimator, estimator_version
          order by issued_ms desc) = 1
        order by day, estimator_version`,
      {
        vehicle: query.vehicleId,
        version: query.version ?? null,
        from: query.from ?? "",
        to: query.to ?? "9999-12-31",
      },
    );
    return rows.map(issuedOf);
  }

  /** The last days of every vehicle by its newest version, up to `days` each, oldest first. */
  async newest(days: number): Promise<readonly IssuedDay[]> {
    const rows = await this.#database.query(
      `with ends as (
          select vehicle_id, cast(max(day) as date) as last from daily_indicators group by vehicle_id),
        near as (
          select d.* from daily_indicators d join ends e on d.vehicle_id = e.vehicle_id
            and cast(d.day as date) > e.last - (2 * $days::integer)),
        latest as (
          select * from near qualify row_number() over (
            partition by vehicle_id, day order by estimator_version desc, issued_ms desc) = 1),
        recent as (
          select * from latest qualify row_number() over (
            partition by vehicle_id order by day desc) <= $days::integer)
        select * from recent order by vehicle_id, day`,
      { days },
    );
    return rows.map(issuedOf);
  }

  /** Weeks of the fleet, or of these vehicles, from one day on: by the newest version of each day. */
  async weeks(query: {
    from: string;
    vehicleIds?: readonly string[];
  }): Promise<readonly FleetWeek[]> {
    const { vehicleIds } = query;
    const among = vehicleIds === undefined ? "" : "and list_contains($ids::varchar[], vehicle_id)";
    const rows = await this.#database.query(
      `with latest as (
          select * exclude (indicators) from daily_indicators where day >= $from ${among}
            qualify row_number() over (
              partition by vehicle_id, day order by estimator_version desc, issued_ms desc) = 1)
        select strftime(date_trunc('week', cast(day as date)), '%Y-%m-%d') as week,
          count(distinct vehicle_id) as vehicles, count(*) as days,
          count(distinct vehicle_id) filter (where origin = 'simulated') as simulated,
          quantile_cont(soh, 0.1) as low, median(soh) as middle, quantile_cont(soh, 0.9) as high,
          count(distinct vehicle_id) filter (where anomaly_score > 1) as anomalous,
          count(distinct vehicle_id) filter (where safety_score > 0.5) as unsafe,
          sum(full_cycles) as full_cycles
        from latest group by week order by week`,
      {
        from: query.from,
        ...(vehicleIds === undefined ? {} : { ids: `[${vehicleIds.join(",")}]` }),
      },
    );
    return rows.map((row) => ({
      week: textAt(row, "week"),
      vehicles: numberAt(row, "vehicles"),
      simulated: numberAt(row, "simulated"),
      days: numberAt(row, "days"),
      sohLow: numberOrNullAt(row, "low"),
      sohMedian: numberOrNullAt(row, "middle"),
      sohHigh: numberOrNullAt(row, "high"),
      anomalous: numberAt(row, "anomalous"),
      unsafe: numberAt(row, "unsafe"),
      fullCycles: numberAt(row, "full_cycles"),
    }));
  }

  async hasVehicle(vehicleId: string): Promise<boolean> {
    const rows = await this.#database.query(
      "select 1 from daily_indicators where vehicle_id = $vehicle limit 1",
      { vehicle: vehicleId },
    );
    return rows.length > 0;
  }

  /** What the day after `before` starts from, by one version; undefined where none is kept. */
  async stateBefore(query: {
    vehicleId: string;
    version: string;
    before: string;
  }): Promise<{ readonly day: string; readonly state: CarriedState } | undefined> {
    const [row] = await this.#database.query(
      `select day, state from indicator_states where vehicle_id = $vehicle
        and estimator_version = $version and day < $before order by day desc limit 1`,
      { vehicle: query.vehicleId, version: query.version, before: query.before },
    );
    if (row === undefined) return undefined;
    return { day: textAt(row, "day"), state: JSON.parse(textAt(row, "state")) as CarriedState };
  }

  async cursors(): Promise<ReadonlyMap<string, number>> {
    const rows = await this.#database.query("select log, size from maintenance_cursors");
    return new Map(rows.map((row) => [textAt(row, "log"), numberAt(row, "size")]));
  }

  /** Moves the cursor of a log and opens the days behind it, together. */
  openDays(o: {
    log: string;
    size: number;
    days: readonly { readonly vehicleId: string; readonly day_ms: number }[];
  }): Promise<void> {
    return this.#database.transaction(async (transaction) => {
      await transaction.run("delete from maintenance_cursors where log = $log", { log: o.log });
      await transaction.append("maintenance_cursors", [[o.log, whole(o.size)]]);
      const known = await transaction.select("select vehicle_id, day_ms from open_days");
      const open = new Set(
        known.map((row) => `${textAt(row, "vehicle_id")} ${numberAt(row, "day_ms")}`),
      );
      await transaction.append(
        "open_days",
        o.days
          .filter(({ vehicleId, day_ms }) => !open.has(`${vehicleId} ${day_ms}`))
          .map(({ vehicleId, day_ms }) => [vehicleId, whole(day_ms)]),
      );
    });
  }

  /** The vehicle with the oldest open day that has ended, and all its ended ones. */
  async nextOpen(
    ended_ms: number,
  ): Promise<{ readonly vehicleId: string; readonly days_ms: readonly number[] } | undefined> {
    const rows = await this.#database.query(
      `select vehicle_id, day_ms from open_days where day_ms < $ended::bigint
        and vehicle_id = (select vehicle_id from open_days where day_ms < $ended::bigint
          order by day_ms, vehicle_id limit 1) order by day_ms`,
      { ended: whole(ended_ms) },
    );
    const [first] = rows;
    if (first === undefined) return undefined;
    return {
      vehicleId: textAt(first, "vehicle_id"),
      days_ms: rows.map((row) => numberAt(row, "day_ms")),
    };
  }

  /** The pack that came with loaded data; undefined where the settings say it. */
  async packOf(vehicleId: string): Promise<PackSetting | undefined> {
    const [row] = await this.#database.query("select pack from packs where vehicle_id = $vehicle", {
      vehicle: vehicleId,
    });
    return row === undefined ? undefined : (JSON.parse(textAt(row, "pack")) as PackSetting);
  }

  /** Vehicles of a source that are loaded already. */
  async loaded(source: string): Promise<ReadonlySet<string>> {
    const rows = await this.#database.query(
      "select vehicle_id from loaded where source = $source",
      {
        source,
      },
    );
    return new Set(rows.map((row) => textAt(row, "vehicle_id")));
  }

  /** All of one vehicle's history at once, with its pack and the mark that it is here. */
  load(o: {
    source: string;
    vehicleId: string;
    pack: PackSetting;
    issued: readonly { readonly row: Omit<IssuedDay, "figures">; readonly day: DailyIndicators }[];
  }): Promise<void> {
    return this.#database.transaction(async (transaction) => {
      await appendIssued(transaction, o.issued);
      await transaction.append("packs", [[o.vehicleId, JSON.stringify(o.pack)]]);
      await transaction.append("loaded", [[o.source, o.vehicleId]]);
    });
  }
}

async function appendIssued(
  transaction: SideTransaction,
  issued: readonly { readonly row: Omit<IssuedDay, "figures">; readonly day: DailyIndicators }[],
): Promise<void> {
  await transaction.append(
    "daily_indicators",
    issued.map(({ row, day: { carried: _, ...figures } }) => [
      ...[row.vehicleId, figures.day, figures.estimator.name, figures.estimator.version],
      ...[whole(row.issued_ms), row.origin, row.finality, whole(row.samples)],
      ...[figures.soh?.value ?? null, figures.anomalyScore, figures.safetyScore],
      ...[figures.fullCycles, JSON.stringify(figures)],
    ]),
  );
  const recent = issued.slice(-statesKept_d);
  for (const { row, day } of recent) {
    const place = { vehicle: row.vehicleId, version: day.estimator.version, day: day.day };
    await transaction.run(
      `delete from indicator_states where vehicle_id = $vehicle and estimator_version = $version
        and day = $day`,
      place,
    );
  }
  await transaction.append(
    "indicator_states",
    recent.map(({ row, day }) => [
      ...[row.vehicleId, day.estimator.version, day.day, JSON.stringify(day.carried)],
    ]),
  );
  const last = recent.at(-1);
  if (last === undefined) return;
  const oldest = new Date(Date.parse(last.day.day) - statesKept_d * 86_400_000);
  await transaction.run("delete from indicator_states where vehicle_id = $vehicle and day < $day", {
    vehicle: last.row.vehicleId,
    day: oldest.toISOString().slice(0, 10),
  });
}

function issuedOf(row: Parameters<typeof textAt>[0]): IssuedDay {
  return {
    vehicleId: textAt(row, "vehicle_id"),
    issued_ms: numberAt(row, "issued_ms"),
    origin: textAt(row, "origin") as DataOrigin,
    finality: textAt(row, "finality") as IssuedDay["finality"],
    samples: numberAt(row, "samples"),
    figures: JSON.parse(textAt(row, "indicators")) as DayFigures,
  };
}

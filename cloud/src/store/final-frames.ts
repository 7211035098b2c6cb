import type { ReaderPool } from "./connections.ts";
import { bytesAt, numberAt, textAt, textOrNullAt, whole } from "./row-values.ts";

/** How far a log is final here. */
export interface FinalLog {
  /** The log's name. */
  readonly unitId: string;
  readonly size: number;
}

/** A vehicle and a UTC day, by its midnight. */
export interface VehicleDay {
  readonly vehicleId: string;
  readonly day_ms: number;
}

/** A frame with samples that a final checkpoint covers. */
export interface FinalFrame {
  readonly unitId: string;
  readonly logIndex: number;
  readonly frame: Uint8Array;
  readonly origin: string | null;
}

/** Where a reader of one day's frames stands: behind this place in this log. */
export interface FramePlace {
  readonly unitId: string;
  readonly logIndex: number;
}

export interface FinalFrameQuery {
  readonly vehicleId: string;
  readonly from_ms: number;
  readonly to_ms: number;
  readonly after: FramePlace | undefined;
  readonly limit: number;
}

/** Reads what is final; throws the store's codes. */
export interface FinalReader {
  /** How far each log is final. */
  logs(): Promise<readonly FinalLog[]>;
  /** The days that frames between two places of a log tell of. */
  days(range: { unitId: string; from: number; to: number }): Promise<readonly VehicleDay[]>;
  /** Final frames of a vehicle whose newest sample is of a stretch of time: a page, behind a place. */
  frames(query: FinalFrameQuery): Promise<readonly FinalFrame[]>;
}

export function finalReader(readers: ReaderPool): FinalReader {
  return {
    logs: () => queryFinalLogs(readers),
    days: (range) => queryFrameDays(readers, range),
    frames: (query) => queryFinalFrames(readers, query),
  };
}

const day_ms = 86_400_000;

async function queryFinalLogs(readers: ReaderPool): Promise<readonly FinalLog[]> {
  const rows = await readers.query(
    "select unit_id, max(size) as size from finality group by unit_id order by unit_id",
  );
  return rows.map((row) => ({ unitId: textAt(row, "unit_id"), size: numberAt(row, "size") }));
}

async function queryFrameDays(
  readers: ReaderPool,
  range: { unitId: string; from: number; to: number },
): Promise<readonly VehicleDay[]> {
  const rows = await readers.query(
    `select distinct vehicle_id, wall_ms // ${day_ms} as day from entries
      where unit_id = $unitId and log_index >= $from::bigint and log_index < $to::bigint
      and kind = 'frame' and not duplicate and sample_count > 0 and wall_ms is not null`,
    { unitId: range.unitId, from: whole(range.from), to: whole(range.to) },
  );
  return rows.map((row) => ({
    vehicleId: textAt(row, "vehicle_id"),
    day_ms: numberAt(row, "day") * day_ms,
  }));
}

async function queryFinalFrames(
  readers: ReaderPool,
  query: FinalFrameQuery,
): Promise<readonly FinalFrame[]> {
  const { unitId = "", logIndex = -1 } = query.after ?? {};
  const rows = await readers.query(
    `select e.unit_id, e.log_index, e.frame, e.origin from entries e
      join (select unit_id, max(size) as size from finality group by unit_id) f
        on e.unit_id = f.unit_id and e.log_index < f.size
      where e.vehicle_id = $vehicleId and e.kind = 'frame' and not e.duplicate
        and e.sample_count > 0 and e.frame is not null
        and e.wall_ms >= $from::bigint and e.wall_ms < $to::bigint
        and (e.unit_id, e.log_index) > ($unitId, $logIndex::bigint)
      order by e.unit_id, e.log_index limit $limit::bigint`,
    {
      ...{ vehicleId: query.vehicleId, from: whole(query.from_ms), to: whole(query.to_ms) },
      ...{ unitId, logIndex: whole(logIndex), limit: whole(query.limit) },
    },
  );
  return rows.map((row) => ({
    unitId: textAt(row, "unit_id"),
    logIndex: numberAt(row, "log_index"),
    frame: bytesAt(row, "frame"),
    origin: textOrNullAt(row, "origin"),
  }));
}

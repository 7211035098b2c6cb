import type { AlarmClass, Stream } from "@voltfog/messages";
import { toHex } from "@voltfog/runtime";
import type { FinalityView, FrameView } from "../api/responses.ts";
import type { ReaderPool, Row } from "./connections.ts";
import {
  bytesAt,
  flagAt,
  numberAt,
  numberOrNullAt,
  textAt,
  textOrNullAt,
  whole,
} from "./row-values.ts";
import type { SampleSeries } from "./sample-series.ts";
import type { FrameAt, VehicleTotals } from "./telemetry-store.ts";

export function finalityOf(row: Row): FinalityView {
  const finalHeight = numberOrNullAt(row, "final_height");
  const finality = finalHeight === null ? "logged" : "final";
  return { finality, finalHeight, final_ms: numberOrNullAt(row, "final_ms") };
}

/** Of numbers that a stream has, most are taken frames; refused ones and gaps take some. */
const reachPerFrame = 4;

/**
 * Newest first, by the stream's own numbers. `newest` is about the stream's last number: a wrong one costs
 * time, not rows.
 */
export async function queryFrames(
  readers: ReaderPool,
  query: { vehicleId: string; stream: Stream; before: number; limit: number },
  newest: number,
): Promise<readonly FrameView[]> {
  // Numbers grow with a log, so a few of the last ones are found in a few blocks of it.
  const since = Math.min(query.before, newest + 1) - reachPerFrame * query.limit;
  const near = await framesSince(readers, { ...query, since });
  if (near.length >= query.limit || since <= 0) return near;
  return await framesSince(readers, { ...query, since: 0 });
}

async function framesSince(
  readers: ReaderPool,
  query: { vehicleId: string; stream: Stream; before: number; limit: number; since: number },
): Promise<readonly FrameView[]> {
  const rows = await readers.query(
    `select e.*, case when e.kind = 'refused' then null when l.log_index is null then 'linked'
        when l.closed_ms is null then 'open' else 'closed' end as link
      from (
        select * exclude (entry, frame) from final_entries where vehicle_id = $vehicleId
        and stream = $stream and sequence < $before::bigint and sequence >= $since::bigint
        order by sequence desc, accepted_ms desc limit $limit::bigint
      ) e left join links l on e.unit_id = l.unit_id and e.log_index = l.log_index
      order by e.sequence desc, e.accepted_ms desc`,
    {
      vehicleId: query.vehicleId,
      stream: query.stream,
      before: whole(query.before),
      since: whole(query.since),
      limit: whole(query.limit),
    },
  );
  return rows.map(frameView);
}

function frameView(row: Row): FrameView {
  return {
    vehicleId: textAt(row, "vehicle_id"),
    kind: textAt(row, "kind") as FrameView["kind"],
    stream: textAt(row, "stream") as Stream,
    sequence: numberAt(row, "sequence"),
    commitment: toHex(bytesAt(row, "commitment")),
    unitId: textAt(row, "unit_id"),
    logIndex: numberAt(row, "log_index"),
    samples: numberAt(row, "sample_count"),
    code: textOrNullAt(row, "code"),
    alarm: textOrNullAt(row, "alarm") as AlarmClass | null,
    wall_ms: numberOrNullAt(row, "wall_ms"),
    accepted_ms: numberAt(row, "accepted_ms"),
    stored_ms: numberAt(row, "stored_ms"),
    duplicate: flagAt(row, "duplicate"),
    link: textOrNullAt(row, "link") as FrameView["link"],
    ...finalityOf(row),
  };
}

export async function queryFrameAt(
  readers: ReaderPool,
  series: SampleSeries,
  query: { vehicleId: string; at_ms: number },
): Promise<FrameAt | undefined> {
  const sample = await series.newestAt(query);
  if (sample === undefined) return undefined;
  const [row] = await readers.query(
    `select unit_id, commitment, frame, final_height, final_ms from final_entries
      where vehicle_id = $vehicleId and stream = $stream and sequence = $sequence::bigint
      and kind = 'frame' and not duplicate and frame is not null limit 1`,
    {
      vehicleId: query.vehicleId,
      stream: sample.stream,
      sequence: whole(sample.sequence),
    },
  );
  if (row === undefined) return undefined;
  return {
    frame: bytesAt(row, "frame"),
    sampleIndex: sample.sampleIndex,
    commitment: toHex(bytesAt(row, "commitment")),
    unitId: textAt(row, "unit_id"),
    ...finalityOf(row),
  };
}

const totalsSql = `select e.vehicle_id, count(*) filter (where frame_kind) as frames,
    count(*) filter (where frame_kind and is_final) as frames_final,
    coalesce(sum(sample_count) filter (where frame_kind), 0)::bigint as samples,
    coalesce(sum(sample_count) filter (where frame_kind and is_final), 0)::bigint as samples_final
  from (
    select vehicle_id, sample_count, kind = 'frame' and not duplicate as frame_kind,
      log_index < coalesce(f.size, 0) as is_final
    from entries left join (select unit_id, max(size) as size from finality group by unit_id) f
      on entries.unit_id = f.unit_id
  ) e group by e.vehicle_id order by e.vehicle_id`;

const newestSql = `select e.vehicle_id, e.unit_id, e.accepted_ms, e.frame from entries e
  join (
    select arg_max({'unit': unit_id, 'at': log_index}, wall_ms) as newest from entries
    where kind = 'frame' and sample_count > 0 and frame is not null group by vehicle_id
  ) n on e.unit_id = n.newest.unit and e.log_index = n.newest.at`;

const gapTotalsSql = `select vehicle_id, count(*) as declared, sum(sample_count)::bigint as missing
  from gaps group by vehicle_id`;

const linkTotalsSql = `select vehicle_id, count(*) filter (where closed_ms is null) as open,
    count(closed_ms) as closed from links group by vehicle_id`;

/** One pass over the entries; the samples table is not touched, so a start stays quick. */
export async function queryVehicleTotals(readers: ReaderPool): Promise<readonly VehicleTotals[]> {
  const [totals, newest, gaps, links] = await Promise.all([
    readers.query(totalsSql),
    readers.query(newestSql),
    readers.query(gapTotalsSql),
    readers.query(linkTotalsSql),
  ]);
  const newestOf = new Map(newest.map((row) => [textAt(row, "vehicle_id"), row]));
  const gapsOf = new Map(gaps.map((row) => [textAt(row, "vehicle_id"), row]));
  const linksOf = new Map(links.map((row) => [textAt(row, "vehicle_id"), row]));
  return totals.map((row) => {
    const vehicleId = textAt(row, "vehicle_id");
    const frame = newestOf.get(vehicleId);
    const gap = gapsOf.get(vehicleId);
    const link = linksOf.get(vehicleId);
    return {
      vehicleId,
      frames: { logged: numberAt(row, "frames"), final: numberAt(row, "frames_final") },
      samples: { logged: numberAt(row, "samples"), final: numberAt(row, "samples_final") },
      gaps: gap === undefined ? 0 : numberAt(gap, "declared"),
      samplesMissing: gap === undefined ? 0 : numberAt(gap, "missing"),
      links: {
        open: link === undefined ? 0 : numberAt(link, "open"),
        closed: link === undefined ? 0 : numberAt(link, "closed"),
      },
      newest:
        frame === undefined
          ? null
          : {
              unitId: textAt(frame, "unit_id"),
              accepted_ms: numberAt(frame, "accepted_ms"),
              frame: bytesAt(frame, "frame"),
            },
    };
  });
}

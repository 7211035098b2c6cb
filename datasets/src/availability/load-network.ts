import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { NetworkHistoryBuilder, type NetworkPoint } from "@voltfog/forecasting";
import { CodedError, messageOf } from "@voltfog/runtime";
import { belibNetwork } from "./belib-network.ts";
import { esbNetwork } from "./esb-network.ts";
import type { LoadedNetwork, NetworkSource, StatusRow } from "./network-source.ts";

/** The datasets whose formats are read. */
export const networkSources: readonly NetworkSource[] = [belibNetwork, esbNetwork];

/** The text of a file, unpacked where its name ends in .gz; DATA_UNREADABLE. */
export function readDataText(file: string): string {
  try {
    const bytes = readFileSync(file);
    return (file.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
  } catch (thrown) {
    throw new CodedError({
      code: "DATA_UNREADABLE",
      message: `${file}: ${messageOf(thrown)}`,
      remedy: "name a CSV file that is there, plain or .gz",
      cause: thrown,
    });
  }
}

/**
 * A status file as a network. Its format is told by its header; DATA_INVALID with the line for anything
 * else. Points that the list does not know are kept, without traits.
 */
export function loadNetwork(o: { file: string; points: readonly NetworkPoint[] }): LoadedNetwork {
  const lines = readDataText(o.file).split(/\r?\n/);
  const source = sourceOf(o.file, lines[0] ?? "");
  const rows = statusRows({ file: o.file, lines, source });
  const points = withUnlisted(o.points, rows);
  const places = new Map(points.map(({ id }, place) => [id, place]));
  const builder = new NetworkHistoryBuilder({
    classes: source.classes,
    pointIds: points.map(({ id }) => id),
  });
  for (const row of rows) builder.add(row);
  const history = builder.build();
  const snapshotPlaces = new Map(history.snapshots.map(({ at_ms }, place) => [at_ms, place]));
  return {
    source,
    points,
    history,
    rows: rows.map(({ at_ms, pointId }) => ({
      snapshot: snapshotPlaces.get(at_ms) ?? 0,
      point: places.get(pointId) ?? 0,
    })),
  };
}

/** The source whose status files have this header. */
function sourceOf(file: string, header: string): NetworkSource {
  const source = networkSources.find(({ statusColumns }) => statusColumns.join() === header);
  if (source !== undefined) return source;
  const known = networkSources.map(({ statusColumns }) => statusColumns.join()).join("; ");
  throw new CodedError({
    code: "DATA_INVALID",
    message: `${file}: the header is ${JSON.stringify(header.slice(0, 200))}`,
    remedy: `the formats known have the columns ${known}`,
  });
}

function statusRows(o: {
  file: string;
  lines: readonly string[];
  source: NetworkSource;
}): StatusRow[] {
  const rows: StatusRow[] = [];
  for (let i = 1; i < o.lines.length; i++) {
    const line = o.lines[i] ?? "";
    if (line === "" && i === o.lines.length - 1) break;
    const row = o.source.readRow(line.split(","));
    if (row === undefined || !o.source.classes.includes(row.status)) {
      throw new CodedError({
        code: "DATA_INVALID",
        message: `${o.file}, line ${i + 1}: ${JSON.stringify(line.slice(0, 200))}`,
        remedy: `a line has ${o.source.statusColumns.join(", ")}, with a status that the network says`,
      });
    }
    rows.push(row);
  }
  if (rows.length > 0) return rows;
  throw new CodedError({
    code: "DATA_INVALID",
    message: `${o.file} has no rows`,
    remedy: "name a file with at least one snapshot",
  });
}

function withUnlisted(
  listed: readonly NetworkPoint[],
  rows: readonly StatusRow[],
): readonly NetworkPoint[] {
  const known = new Set(listed.map(({ id }) => id));
  const others = new Set(rows.map(({ pointId }) => pointId).filter((id) => !known.has(id)));
  return [
    ...listed,
    ...[...others].map(
      (id): NetworkPoint => ({
        id,
        groups: [id, id, ""],
        power_kW: 0,
        outlet: 0,
        price_EURperkWh: 0,
      }),
    ),
  ];
}

import type { Outcome } from "@voltfog/runtime";
import type { PlugType } from "../recommendation/charger-site.ts";
import type { StatusClass } from "../status/status-class.ts";
import type { DecodedFeed, FeedProblem } from "./charger-feed.ts";
import {
  feedJson,
  feedText,
  isRow,
  isWithin,
  type JsonRow,
  problem,
  type RowReading,
  readFeedRows,
} from "./feed-rows.ts";

/** What the point list says of a charge point and the live rows do not. */
export interface KnownPoint {
  readonly types: readonly PlugType[];
  /** 0 where unknown. */
  readonly power_kW: number;
}

/** The words of the dataset's column statut_pdc. */
const statuses: ReadonlyMap<string, StatusClass> = new Map([
  ["Disponible", "available"],
  ["Occupé (en charge)", "charging"],
  ["Réservé", "reserved"],
  ["En maintenance", "maintenance"],
  ["En cours de mise en service", "commissioning"],
  ["Mise en service planifiée", "planned"],
  ["Supprimé", "removed"],
  ["Inconnu", "unknown"],
  ["Pas implémenté", "unknown"],
]);

/** Paris and around it, generously. */
const paris = { latitudes: [48, 49.5], longitudes: [1, 4] } as const;
/**
 * The live dataset of Belib' in Paris open data, as `/exports/json` (a list) or a page of `/records`
 * (`{total_count, results}`). The rows say neither power nor plugs: those come from `known`, by point, and
 * are 0 and empty for a point that is not in it. The dataset has no time of its own: the snapshot's is the
 * time of receipt.
 */
export function decodeBelibFeed(
  bytes: Uint8Array,
  received_ms: number,
  known: ReadonlyMap<string, KnownPoint> = new Map(),
): Outcome<DecodedFeed, FeedProblem> {
  const json = feedJson(bytes);
  if (!json.ok) return json;
  const page: JsonRow = isRow(json.value) ? json.value : { results: json.value };
  const [rows, total] = [page["results"], page["total_count"]];
  if (!Array.isArray(rows)) return problem("FEED_SCHEMA", "results");
  return readFeedRows(rows, {
    at_ms: received_ms,
    totalRows: Number.isSafeInteger(total) ? (total as number) : 0,
    idColumn: "id_pdc",
    statusColumn: "statut_pdc",
    read: (row) => readRow(row, known),
  });
}

function readRow(row: JsonRow, known: ReadonlyMap<string, KnownPoint>): RowReading {
  const pointId = feedText(row["id_pdc"]);
  if (pointId === undefined) return { column: "id_pdc" };
  const word = feedText(row["statut_pdc"]);
  if (word === undefined) return { column: "statut_pdc" };
  const place = row["coordonneesxy"];
  const { lat, lon } = (isRow(place) ? place : {}) as { lat?: unknown; lon?: unknown };
  if (!isWithin(paris, lat, lon)) return { column: "coordonneesxy" };
  const status = statuses.get(word.normalize("NFC"));
  const updated_ms = instantOf(row["last_updated"]);
  const { types, power_kW } = known.get(pointId) ?? { types: [], power_kW: 0 };
  return {
    isStatusKnown: status !== undefined,
    record: {
      pointId,
      siteId: siteOf(pointId),
      name: feedText(row["adresse_station"]) ?? "unnamed place",
      ...{ latitude: lat as number, longitude: lon as number, types, power_kW, price_EURperkWh: 0 },
      status: status ?? "unknown",
      ...(updated_ms === undefined ? {} : { updated_ms }),
    },
  };
}

/** "FR*V75*E9001*01*1" stands at the station "FR*V75*E9001*01". */
function siteOf(pointId: string): string {
  const end = pointId.lastIndexOf("*");
  return end > 0 ? pointId.slice(0, end) : pointId;
}

/** A time with its zone, as Opendatasoft writes it; undefined for anything else. */
function instantOf(value: unknown): number | undefined {
  if (typeof value !== "string" || value.length > 40) return undefined;
  if (!/^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)$/.test(value)) return undefined;
  const time_ms = Date.parse(value);
  return time_ms >= 0 ? time_ms : undefined;
}

import { type NetworkPoint, type StatusClass, statusClasses } from "@voltfog/forecasting";
import { parse } from "csv-parse/sync";
import type { NetworkSource, StatusRow } from "./network-source.ts";

const plugs = ["plug_ef", "plug_t2", "plug_ccs", "plug_chademo", "plug_t3"];
const classes: readonly StatusClass[] = [
  "available",
  "charging",
  "maintenance",
  "planned",
  "unknown",
];
/** About a kilometre in Paris. */
const block_deg = { latitude: 0.01, longitude: 0.015 };

/** Belib' in Paris: snapshots at most three times a day, so the only honest horizon is the next one. */
export const belibNetwork: NetworkSource = {
  name: "belib",
  folder: "belib_pdc_2023",
  statusFile: "status.csv.gz",
  pointsFile: "points.csv",
  classes,
  zone_min: 60,
  halfLives: [1.5, 4, 12],
  horizons_min: ["next"],
  trainTo_ms: Date.parse("2023-02-09T00:00Z"),
  statusColumns: ["snapshot_utc", "id_pdc", "status", "last_updated_utc"],
  readPoints: (text) =>
    (parse(text, { columns: true }) as Readonly<Record<string, string>>[]).map(belibPoint),
  readRow: ([time = "", pointId = "", status = "", updated = ""]): StatusRow | undefined => {
    const at_ms = Date.parse(time);
    const known = statusClasses.find((one) => one === status);
    if (Number.isNaN(at_ms) || pointId === "" || known === undefined) return undefined;
    const updated_ms = Date.parse(updated);
    return Number.isNaN(updated_ms)
      ? { at_ms, pointId, status: known }
      : { at_ms, pointId, status: known, updated_ms };
  },
  timeText: (at_ms) => `${new Date(at_ms).toISOString().slice(0, 16)}Z`,
};

function belibPoint(row: Readonly<Record<string, string>>): NetworkPoint {
  const id = row["id_pdc"] ?? "";
  const [latitude, longitude] = [Number(row["lat"]), Number(row["lon"])];
  const block = `${Math.round(latitude / block_deg.latitude)},${Math.round(longitude / block_deg.longitude)}`;
  return {
    id,
    groups: [row["station_id"] || id, block, row["insee"] ?? ""],
    power_kW: Number(row["power_kw"]) || 0,
    outlet: plugs.reduce((sum, plug, i) => sum + (row[plug] === "1" ? 2 ** i : 0), 0),
    price_EURperkWh: 0,
  };
}

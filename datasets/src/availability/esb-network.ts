import type { NetworkPoint, StatusClass } from "@voltfog/forecasting";
import { parse } from "csv-parse/sync";
import type { NetworkSource, StatusRow } from "./network-source.ts";

const outlets = ["StandardType2", "CHAdeMO", "ComboCCS", "FastAC43"];
/** The feed's letters; partly occupied stands as charging, the nearest of the common classes. */
const letters: Readonly<Record<string, StatusClass>> = {
  A: "available",
  P: "charging",
  O: "occupied-not-charging",
  S: "maintenance",
  C: "unknown",
};
/** About 17 km in Ireland. */
const district_deg = { latitude: 0.15, longitude: 0.25 };

/** ESB ecars in Ireland, every 15 minutes; it stands in for networks that publish no history. */
export const esbNetwork: NetworkSource = {
  name: "esb",
  folder: "esb_ireland_2018_11",
  statusFile: "status_15min.csv.gz",
  pointsFile: "points.csv",
  classes: Object.values(letters),
  zone_min: 0,
  halfLives: [8, 48, 384],
  horizons_min: [15, 60, 180, 360, 1440],
  statusColumns: ["ts_local", "point", "status"],
  readPoints: (text) =>
    (parse(text, { columns: true }) as Readonly<Record<string, string>>[]).map(esbPoint),
  readRow: ([time = "", pointId = "", letter = ""]): StatusRow | undefined => {
    const at_ms = Date.parse(`${time}Z`);
    const status = letters[letter];
    if (Number.isNaN(at_ms) || pointId === "" || status === undefined) return undefined;
    return { at_ms, pointId, status };
  },
  timeText: (at_ms) => new Date(at_ms).toISOString().slice(0, 16),
};

function esbPoint(row: Readonly<Record<string, string>>): NetworkPoint {
  const [latitude, longitude] = [Number(row["lat"]), Number(row["lon"])];
  const district = `${Math.round(latitude / district_deg.latitude)},${Math.round(longitude / district_deg.longitude)}`;
  return {
    id: row["point"] ?? "",
    groups: [row["cp_id"] ?? "", `${latitude},${longitude}`, district],
    power_kW: 0,
    outlet: outlets.indexOf(row["connector"] ?? ""),
    price_EURperkWh: 0,
  };
}

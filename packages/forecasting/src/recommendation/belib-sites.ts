import type { ChargerSite, Plug, PlugType } from "./charger-site.ts";

const columns: readonly (readonly [string, PlugType])[] = [
  ["plug_t2", "type2"],
  ["plug_ccs", "ccs"],
  ["plug_chademo", "chademo"],
  ["plug_ef", "schuko"],
  ["plug_t3", "type3"],
];

type PointRow = Readonly<Record<string, string>>;

/**
 * Sites from the rows of the Belib' point list: plugs at one position are one site. Rows without a position
 * are left out, and plugs whose type is not said count as type 2, which every Belib' post has.
 */
export function belibSites(rows: readonly PointRow[]): readonly ChargerSite[] {
  const byPosition = new Map<string, { first: PointRow; plugs: Plug[] }>();
  for (const row of rows) {
    const [id, latitude, longitude] = [row["id_pdc"], Number(row["lat"]), Number(row["lon"])];
    if (!id || !row["lat"] || !row["lon"]) continue;
    if (!Number.isFinite(latitude) || !Number.isFinite(longitude)) continue;
    const position = `${latitude} ${longitude}`;
    const site = byPosition.get(position) ?? { first: row, plugs: [] };
    byPosition.set(position, site);
    site.plugs.push(plugOf(id, row));
  }
  return [...byPosition.values()].map(({ first, plugs }) => ({
    id: first["station_id"] || (plugs[0]?.id ?? ""),
    name: first["address"] || "unnamed place",
    latitude: Number(first["lat"]),
    longitude: Number(first["lon"]),
    plugs,
    price_EURperkWh: 0,
  }));
}

function plugOf(id: string, row: PointRow): Plug {
  const types = columns.flatMap(([column, type]) => (row[column] === "1" ? [type] : []));
  const power_kW = Number(row["power_kw"]);
  return {
    id,
    types: types.length === 0 ? ["type2"] : types,
    power_kW: Number.isFinite(power_kW) ? power_kW : 0,
  };
}

import { changed, numberField, readCsvTable, timeField_ms } from "./csv-table.ts";
import { readDatasetFile } from "./dataset-files.ts";

/** One charge point of the Belib network in Paris. Attributes that the source leaves out are null. */
export interface BelibPoint {
  readonly pointId: string;
  readonly stationId: string | null;
  readonly place: { readonly latitude: number; readonly longitude: number } | null;
  readonly address: string | null;
  /** INSEE code of the municipality. */
  readonly municipality: string | null;
  readonly power_kW: number | null;
  readonly plugs: readonly BelibPlug[] | null;
  /** Points at the same station. */
  readonly stationPoints: number | null;
  /** yyyy-mm-dd. */
  readonly commissioned: string | null;
}

export type BelibPlug = "ef" | "t2" | "ccs" | "chademo" | "t3";

export type BelibState = "available" | "charging" | "maintenance" | "unknown" | "planned";

/** What one charge point said in one snapshot. */
export interface BelibStatus {
  readonly snapshot_ms: number;
  readonly pointId: string;
  readonly state: BelibState;
  /**
   * When the operator last wrote the record. Not the time of the change: a third of the rows carry the
   * nightly batch time, so a row's own value must not predict its own state.
   */
  readonly lastUpdated_ms: number;
}

const dataset = "belib_pdc_2023";
const plugs: readonly BelibPlug[] = ["ef", "t2", "ccs", "chademo", "t3"];
const states: readonly string[] = [
  "available",
  "charging",
  "maintenance",
  "unknown",
  "planned",
] satisfies BelibState[];
const pointColumns = [
  "id_pdc",
  "station_id",
  "lat",
  "lon",
  "address",
  "insee",
  "arrondissement",
  "power_kw",
  "plug_ef",
  "plug_t2",
  "plug_ccs",
  "plug_chademo",
  "plug_t3",
  "station_n_pdc",
  "commissioned",
] as const;
const statusColumns = ["snapshot_utc", "id_pdc", "status", "last_updated_utc"] as const;

/** The 2,097 charge points, from the unchanged file. */
export async function openBelibPoints(options: { root: string }): Promise<readonly BelibPoint[]> {
  const name = "points.csv";
  const content = await readDatasetFile({ root: options.root, id: dataset, file: name });
  const number = (text: string): number | null =>
    text === "" ? null : numberField({ name, text });
  const text = (field: string): string | null => (field === "" ? null : field);
  return readCsvTable({ name, content, columns: pointColumns }).map((row) => {
    const latitude = number(row.lat);
    const longitude = number(row.lon);
    return {
      pointId: row.id_pdc,
      stationId: text(row.station_id),
      place: latitude === null || longitude === null ? null : { latitude, longitude },
      address: text(row.address),
      municipality: text(row.insee),
      power_kW: number(row.power_kw),
      plugs: row.plug_t2 === "" ? null : plugs.filter((plug) => row[`plug_${plug}`] === "1"),
      stationPoints: number(row.station_n_pdc),
      commissioned: text(row.commissioned),
    };
  });
}

/** The states of all points in 26 snapshots, in the file's order, from the unchanged file. */
export async function openBelibStatus(options: { root: string }): Promise<readonly BelibStatus[]> {
  const name = "status.csv.gz";
  const content = await readDatasetFile({ root: options.root, id: dataset, file: name });
  return readCsvTable({ name, content, columns: statusColumns }).map((row) => {
    if (!isState(row.status)) throw changed(name, `status ${JSON.stringify(row.status)}`);
    return {
      snapshot_ms: timeField_ms({ name, text: row.snapshot_utc }),
      pointId: row.id_pdc,
      state: row.status,
      lastUpdated_ms: timeField_ms({ name, text: row.last_updated_utc }),
    };
  });
}

function isState(text: string): text is BelibState {
  return states.includes(text);
}

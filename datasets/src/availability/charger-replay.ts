import {
  belibSites,
  NetworkHistoryBuilder,
  type ReplayFile,
  replayStatuses,
  statusClasses,
} from "@voltfog/forecasting";
import { parse } from "csv-parse/sync";
import { openBelibStatus } from "../belib.ts";
import { readDatasetFile } from "../dataset-files.ts";
import { datasetEntry } from "../manifest.ts";

const dataset = "belib_pdc_2023";
/** Paris in winter. */
const zone_min = 60;

/** The recorded statuses of Belib' as a feed to replay, from the unchanged files of the dataset. */
export async function chargerReplay({ root }: { root: string }): Promise<ReplayFile> {
  const bytes = await readDatasetFile({ root, id: dataset, file: "points.csv" });
  const rows: Readonly<Record<string, string>>[] = parse(Buffer.from(bytes), { columns: true });
  const points = belibSites(rows).flatMap((site) =>
    site.plugs.map(({ id, types, power_kW }) => ({
      ...{ pointId: id, siteId: site.id, name: site.name, types, power_kW },
      ...{ latitude: site.latitude, longitude: site.longitude },
      price_EURperkWh: site.price_EURperkWh,
    })),
  );
  const builder = new NetworkHistoryBuilder({
    classes: statusClasses,
    pointIds: points.map(({ pointId }) => pointId),
  });
  for (const { snapshot_ms: at_ms, pointId, state: status } of await openBelibStatus({ root })) {
    builder.add({ at_ms, pointId, status });
  }
  const { attribution, licence } = datasetEntry(dataset);
  return {
    version: 1,
    network: "belib",
    title: "Belib', Paris",
    attribution: `${attribution} (${licence})`.slice(0, 300),
    zone_min,
    points,
    snapshots: builder
      .build()
      .snapshots.map(({ at_ms, statuses }) => ({ at_ms, statuses: replayStatuses(statuses) })),
  };
}

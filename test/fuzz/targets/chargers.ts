import { utf8 } from "@voltfog/runtime";
import { decodeBelibFeed } from "../../../packages/forecasting/src/feeds/belib-feed.ts";
import type { FeedDecoder } from "../../../packages/forecasting/src/feeds/charger-feed.ts";
import { decodeVoltFeed } from "../../../packages/forecasting/src/feeds/volt-feed.ts";
import type { FuzzTarget } from "../target.ts";

const belibRow = {
  ...{ id_pdc: "FR*V75*E9001*01*1", statut_pdc: "Disponible", adresse_station: "4 Quai" },
  ...{ last_updated: "2023-02-09T17:19:00+01:00", coordonneesxy: { lon: 2.34, lat: 48.85 } },
};
const station = {
  ...{ id: 42, siteId: 3, caption: "Kose", latitude: 59.184, longitude: 25.167, comingSoon: false },
  stationSockets: [
    {
      ...{ id: 7, socketStatusId: "AVAILABLE", maximumPower: 50, inMaintenance: false },
      ...{ reserved: false, stationModelSocketSocketTypeId: "TYPE_COMBO_GERMANY" },
      socketPrices: [{ kwhPrice: 0.37, currency: "EUR" }],
    },
  ],
};

function feed(name: string, decode: FeedDecoder, seeds: readonly unknown[]): FuzzTarget {
  return {
    name,
    seeds: () => seeds.map((seed) => utf8(JSON.stringify(seed))),
    run(input) {
      const decoded = decode(input, 1000);
      if (!decoded.ok) return;
      const { records, totalRows } = decoded.value;
      if (records.length > totalRows) throw new Error("more records than rows");
      for (const { latitude, longitude, power_kW, price_EURperkWh } of records) {
        const isPlace = Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180;
        if (!isPlace || !(power_kW >= 0) || !(price_EURperkWh >= 0)) throw new Error("impossible");
      }
    },
  };
}

export const targets: readonly FuzzTarget[] = [
  feed("belib-feed", decodeBelibFeed, [[belibRow], { total_count: 1, results: [belibRow] }]),
  feed("volt-feed", decodeVoltFeed, [[station], { success: true, data: station }]),
];

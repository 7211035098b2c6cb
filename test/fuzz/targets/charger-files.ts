import {
  decodeChargerReport,
  decodeReplayFile,
  decodeSnapshots,
  encodeSnapshots,
} from "@voltfog/forecasting";
import { utf8 } from "@voltfog/runtime";
import { codec, type FuzzTarget } from "../target.ts";

const plug = {
  ...{ id: "p", types: ["type2"], power_kW: 7, status: "available", usual: 0.4 },
  shares: { available: 0.9, charging: 0.1 },
};
const site = {
  ...{ id: "s", name: "Quai 1", latitude: 48.85, longitude: 2.35, price_EURperkWh: 0 },
  plugs: [plug],
};
const report = {
  ...{ version: 1, count: 1, network: "n", title: "t", attribution: "", origin: "live" },
  ...{
    zone_min: 60,
    at_ms: 0,
    shown_ms: 0,
    horizon_min: 60,
    forecast: "baseline",
    forecastNote: "",
  },
  suspicion: "",
  sites: [site],
};
const point = {
  ...{ pointId: "p", siteId: "s", name: "Quai 1", latitude: 48.85, longitude: 2.35 },
  ...{ types: ["type2"], power_kW: 7, price_EURperkWh: 0 },
};
const replay = {
  ...{ version: 1, network: "n", title: "t", attribution: "", zone_min: 60 },
  ...{ points: [point], snapshots: [{ at_ms: 5, statuses: "0" }] },
};
const statuses = Uint8Array.of(0, 1, 2);

function parsed(input: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(input));
  } catch {
    return undefined;
  }
}

/** What is read of networks of chargers but for their feeds: files, and what units say. */
export const targets: readonly FuzzTarget[] = [
  {
    name: "charger-report",
    seeds: () => [utf8(JSON.stringify(report))],
    run: (input) => void decodeChargerReport(parsed(input)),
  },
  {
    name: "charger-replay",
    seeds: () => [utf8(JSON.stringify(replay))],
    run: (input) => void decodeReplayFile(new TextDecoder().decode(input)),
  },
  codec({
    name: "charger-history",
    decode: decodeSnapshots,
    encode: encodeSnapshots,
    seeds: () => [
      encodeSnapshots([
        { at_ms: 1000, statuses },
        { at_ms: 2000, statuses, updated_ms: Float64Array.of(1000, Number.NaN, 2000) },
      ]),
    ],
  }),
];

import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeChargerReport } from "./charger-report.ts";

const plug = {
  id: "p",
  types: ["type2"],
  power_kW: 7,
  status: "available",
  usual: 0.4,
  shares: {},
};
const site = {
  ...{ id: "s", name: "Quai 1", latitude: 48.85, longitude: 2.35, price_EURperkWh: 0 },
  plugs: [plug],
};
const report = {
  ...{ version: 1, count: 1, network: "n", title: "t", attribution: "", origin: "live" },
  ...{ zone_min: 60, at_ms: 0, shown_ms: 0, horizon_min: 60, forecast: "baseline" },
  ...{ forecastNote: "", suspicion: "", sites: [site] },
};

test("what a unit writes is read", () => {
  expect(decodeChargerReport(report)).toEqual({ ok: true, value: report });
});

test.each([
  ["version", { ...report, version: 2 }],
  ["origin", { ...report, origin: "guessed" }],
  ["at_ms", { ...report, at_ms: Number.NaN }],
  ["sites", { ...report, sites: {} }],
  ["sites[0].latitude", { ...report, sites: [{ ...site, latitude: 91 }] }],
  [
    "sites[0].plugs[0].status",
    { ...report, sites: [{ ...site, plugs: [{ ...plug, status: "open" }] }] },
  ],
  [
    "sites[0].plugs[0].shares",
    { ...report, sites: [{ ...site, plugs: [{ ...plug, shares: { available: 2 } }] }] },
  ],
  ["not an object", null],
])("a wrong %s is refused with its place", (detail, value) => {
  expect(decodeChargerReport(value)).toEqual({
    ok: false,
    problem: { code: "REPORT_INVALID", detail },
  });
});

test("no value makes the decoder throw", () => {
  fc.assert(
    fc.property(fc.anything(), fc.constantFrom(...Object.keys(report)), (value, key) => {
      decodeChargerReport(value);
      decodeChargerReport({ ...report, [key]: value });
      decodeChargerReport({ ...report, sites: [{ ...site, plugs: [{ ...plug, [key]: value }] }] });
    }),
  );
});

import fc from "fast-check";
import { expect, test } from "vitest";
import type { FeedRecord } from "../feeds/charger-feed.ts";
import { type StatusClass, statusClasses } from "../status/status-class.ts";
import { ChargerForecast } from "./charger-forecast.ts";
import { decodeChargerReport } from "./charger-report.ts";

const hour_ms = 3_600_000;

function record(pointId: string, status: StatusClass, siteId = "site"): FeedRecord {
  return {
    ...{ pointId, siteId, status, name: "Quai 1", latitude: 48.85, longitude: 2.35 },
    ...{ types: ["type2"], power_kW: 7, price_EURperkWh: 0 },
  };
}

test("a point that was always free is probably free, and usually not taken", () => {
  const forecast = new ChargerForecast({ zone_min: 60 });
  for (let hour = 0; hour < 30; hour++) {
    const records = [
      record("calm", "available"),
      record("busy", hour % 3 ? "charging" : "available"),
    ];
    expect(forecast.observe({ at_ms: hour * hour_ms, records })).toBe(true);
  }
  const [site] = forecast.sites();
  const [calm, busy] = site?.plugs ?? [];
  expect(calm?.shares.available).toBeGreaterThan(0.8);
  expect(busy?.shares.charging).toBeGreaterThan(0.3);
  expect(busy?.usual).toBeGreaterThan((calm?.usual ?? 1) + 0.2);
  expect(forecast.horizon_min).toBe(60);
});

test("a snapshot that is not later than the newest changes nothing", () => {
  const forecast = new ChargerForecast({ zone_min: 0 });
  forecast.observe({ at_ms: 1000, records: [record("a", "available")] });
  expect(forecast.observe({ at_ms: 1000, records: [record("a", "charging")] })).toBe(false);
  expect(forecast.observe({ at_ms: Number.NaN, records: [] })).toBe(false);
  expect(forecast.sites()[0]?.plugs[0]?.status).toBe("available");
});

test("a point that comes later is followed from then on, and the others are remembered", () => {
  const forecast = new ChargerForecast({ zone_min: 0 });
  for (let hour = 0; hour < 20; hour++) {
    forecast.observe({ at_ms: hour * hour_ms, records: [record("old", "charging")] });
  }
  const usual = forecast.sites()[0]?.plugs[0]?.usual ?? 0;
  forecast.observe({
    at_ms: 20 * hour_ms,
    records: [record("old", "charging"), record("new", "available", "other")],
  });
  const [first, second] = forecast.sites();
  expect(first?.plugs[0]?.usual).toBeGreaterThan(0.9 * usual);
  expect(second?.plugs[0]?.status).toBe("available");
});

test("whatever a feed says, every report decodes and its shares sum to one", () => {
  const records = fc.array(
    fc.record({ id: fc.integer({ min: 0, max: 9 }), status: fc.constantFrom(...statusClasses) }),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(fc.array(records, { minLength: 1, maxLength: 8 }), (feed) => {
      const forecast = new ChargerForecast({ zone_min: 60 });
      for (const [i, said] of feed.entries()) {
        const now = said.map(({ id, status }) => record(`p${id}`, status, `s${id % 3}`));
        forecast.observe({ at_ms: i * hour_ms, records: now });
      }
      const sites = forecast.sites();
      const report = {
        ...{ version: 1, count: 1, network: "n", title: "t", attribution: "", origin: "live" },
        ...{ zone_min: 60, at_ms: 0, shown_ms: 0, horizon_min: 60, forecast: "baseline" },
        ...{ forecastNote: "", suspicion: "", sites },
      };
      expect(decodeChargerReport(JSON.parse(JSON.stringify(report)))).toMatchObject({ ok: true });
      for (const { shares } of sites.flatMap(({ plugs }) => plugs)) {
        const sum = Object.values(shares).reduce((total, share) => total + share, 0);
        expect(Math.abs(sum - 1)).toBeLessThan(0.006);
      }
    }),
  );
});

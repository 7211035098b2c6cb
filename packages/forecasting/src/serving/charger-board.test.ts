import { beforeEach, expect, test } from "vitest";
import type { DriverRequest } from "../recommendation/recommend.ts";
import { ChargerBoard } from "./charger-board.ts";
import type { ChargerReport, ReportedPlug, ReportedSite } from "./charger-report.ts";

const shown_ms = 1_700_000_000_000;
const at_ms = 1_675_000_000_000;

function site(
  id: string,
  north_deg: number,
  statuses: readonly ReportedPlug["status"][],
): ReportedSite {
  const plugs = statuses.map(
    (status, i): ReportedPlug => ({
      ...{ id: `${id}-${i}`, types: ["type2"], power_kW: 22, status, usual: 0.4 },
      shares: { available: 1 },
    }),
  );
  return { id, name: id, latitude: 48.85 + north_deg, longitude: 2.35, price_EURperkWh: 0, plugs };
}

const report: ChargerReport = {
  ...{ version: 1, count: 1, network: "belib", title: "Belib'", attribution: "", zone_min: 60 },
  ...{
    origin: "replayed",
    at_ms,
    shown_ms,
    horizon_min: 60,
    forecast: "baseline",
    forecastNote: "",
    suspicion: "",
  },
  sites: [
    site("near", 0.01, ["available", "available"]),
    site("far", 0.02, ["available"]),
    site("broken", 0.001, ["maintenance", "unknown"]),
  ],
};
const request: DriverRequest = {
  ...{ position: { latitude: 48.85, longitude: 2.35 }, at_ms, soc: 0.3, targetSoc: 0.8 },
  ...{ capacity_kWh: 60, range_km: 300, power_kW: 11, hour_EUR: 20, arrivalSocMin: 0.1 },
  wish: { types: ["type2"], powerMin_kW: 0 },
};

let board: ChargerBoard;
beforeEach(() => {
  board = new ChargerBoard();
  board.take(report);
});

test("a replay's present goes on from the recorded time, a live network's is the wall's", () => {
  expect(board.feed(shown_ms + 60_000)).toMatchObject({ now_ms: at_ms + 60_000, age_s: 60 });
  board.take({ ...report, origin: "live", at_ms: shown_ms - 5000 });
  expect(board.feed(shown_ms)).toMatchObject({ now_ms: shown_ms, age_s: 5, isStale: false });
});

test("a feed that says nothing for a quarter of an hour is stale, and says so", () => {
  expect(board.feed(shown_ms + 899_000)).toMatchObject({ isStale: false, note: null });
  const stale = board.feed(shown_ms + 1_200_000);
  expect(stale).toMatchObject({ isStale: true });
  expect(stale?.note).toContain("20 min");
});

test("a feed that cannot be true is suspect, with the reason", () => {
  board.take({ ...report, suspicion: "every plug is free" });
  expect(board.feed(shown_ms)).toMatchObject({
    isSuspect: true,
    note: "The feed cannot be true: every plug is free.",
  });
});

test("before the first report nothing is known", () => {
  expect(new ChargerBoard().feed(shown_ms)).toBeUndefined();
});

test("what is out of service is never advised, however near", () => {
  const { found } = board.advise(request);
  expect(found.map(({ site: { id } }) => id)).toEqual(["near", "far"]);
});

test("drivers on the way push others elsewhere until they cancel", () => {
  const arrival_ms = at_ms + 60_000;
  for (const driver of ["ann", "bea"]) board.promise(driver, { siteId: "near", arrival_ms });
  expect(board.advise(request).found[0]?.site.id).toBe("far");
  expect(board.cancel("ann")).toBe(true);
  expect(board.cancel("bea")).toBe(true);
  expect(board.cancel("bea")).toBe(false);
  expect(board.advise(request).found[0]?.site.id).toBe("near");
});

test("a driver's own way is no load for that driver, and stays for the others", () => {
  const arrival_ms = at_ms + 60_000;
  for (const driver of ["ann", "bea"]) board.promise(driver, { siteId: "near", arrival_ms });
  expect(board.advise(request, "ann").found[0]?.site.id).toBe("near");
  expect(board.advise(request, "cid").found[0]?.site.id).toBe("far");
});

test("where nothing is in reach the driver learns what state of charge would do", () => {
  const { found, none } = board.advise({ ...request, soc: 0.09 });
  expect(found).toEqual([]);
  expect(none).toMatchObject({ code: "NO_CHARGER_IN_REACH" });
  expect(none?.message).toMatch(/needs 1\d % to arrive with 10 %; the car has 9 %/);
  const away = board.advise({ ...request, position: { latitude: 59.4, longitude: 24.7 } });
  expect(away.none?.message).toContain("more than a full battery reaches");
});

test("where no plug fits the driver learns that", () => {
  const { none } = board.advise({ ...request, wish: { types: ["ccs"], powerMin_kW: 0 } });
  expect(none).toMatchObject({ code: "NO_FITTING_CHARGER", bestArrivalSoc: null });
});

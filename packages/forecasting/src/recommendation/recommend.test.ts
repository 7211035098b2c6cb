import { expect, test } from "vitest";
import type { ChargerSite } from "./charger-site.ts";
import { PromisedArrivals } from "./promised-arrivals.ts";
import {
  bestArrivalSoc,
  type DriverRequest,
  type RecommendOptions,
  recommend,
  type SiteState,
} from "./recommend.ts";
import { streetEstimate } from "./travel-time.ts";

const noon_ms = Date.UTC(2023, 4, 5, 10);

/** A site so many degrees of latitude north of the driver. */
function site(id: string, north_deg: number, price_EURperkWh = 0.3): ChargerSite {
  const plugs = [1, 2].map((n) => ({ id: `${id}-${n}`, types: ["type2"] as const, power_kW: 22 }));
  return { id, name: id, latitude: 48.85 + north_deg, longitude: 2.35, plugs, price_EURperkWh };
}

const request: DriverRequest = {
  position: { latitude: 48.85, longitude: 2.35 },
  at_ms: noon_ms,
  soc: 0.3,
  targetSoc: 0.8,
  capacity_kWh: 60,
  range_km: 300,
  power_kW: 11,
  wish: { types: ["type2"], powerMin_kW: 0 },
  hour_EUR: 20,
  arrivalSocMin: 0.1,
};

function options(known: Readonly<Record<string, Partial<SiteState>>>): RecommendOptions {
  return {
    travelTime: streetEstimate({ zone_min: 120 }),
    promised: new PromisedArrivals(),
    stateOf: (one) => {
      const state = known[one.id];
      return (
        state && {
          ...{ site: one, inService: 2, taken: 0, known_ms: noon_ms, usual: 0.4 },
          ...{ stay_min: 100, power_kW: 22, ...state },
        }
      );
    },
  };
}

test("of two free sites the nearer is better, and its parts sum up to its cost", () => {
  const found = recommend(
    request,
    [site("far", 0.05), site("near", 0.01)],
    options({ near: {}, far: {} }),
  );
  expect(found.map((one) => one.site.id)).toEqual(["near", "far"]);
  for (const { parts, cost_min } of found) {
    const sum_min = Object.values(parts).reduce((sum, part: number) => sum + part, 0);
    expect(cost_min).toBeCloseTo(sum_min, 9);
  }
});

test("a full site next door loses against a free one further on", () => {
  const known = { near: { taken: 2 }, far: {} };
  const found = recommend(request, [site("near", 0.01), site("far", 0.03)], options(known));
  expect(found[0]?.site.id).toBe("far");
  expect(found[1]?.parts.wait_min).toBeGreaterThan(10);
  expect(found[1]?.free).toBeLessThan(0.5);
});

test("drivers who were sent before are load: the third is sent elsewhere", () => {
  const sites = [site("near", 0.01), site("far", 0.02)];
  const state = options({ near: { known_ms: noon_ms - 300_000 }, far: {} });
  const chosen = ["ann", "bea", "cid"].map((driver) => {
    const best = recommend(request, sites, state)[0];
    const { site: taken, arrival_ms } = best ?? expect.fail("nothing found");
    state.promised.promise(driver, { siteId: taken.id, arrival_ms });
    return taken.id;
  });
  expect(chosen[0]).toBe("near");
  expect(chosen).toContain("far");
});

test("what cannot be reached with the asked reserve is never recommended, however free", () => {
  const weak = { ...request, soc: 0.12 };
  const far = site("far", 0.06);
  expect(recommend(weak, [far], options({ far: {} }))).toEqual([]);
  expect(bestArrivalSoc(weak, [far], options({ far: {} }))).toBeLessThan(0.1);
  expect(bestArrivalSoc(weak, [], options({}))).toBeUndefined();
});

test("what nothing is known of, or is out of service, is left out", () => {
  const sites = [site("unknown", 0.01), site("closed", 0.01), site("open", 0.02)];
  const found = recommend(request, sites, options({ closed: { inService: 0 }, open: {} }));
  expect(found.map((one) => one.site.id)).toEqual(["open"]);
});

test("money counts by what an hour is worth to the driver", () => {
  const sites = [site("dear", 0.01, 0.6), site("cheap", 0.03, 0.2)];
  const state = options({ dear: {}, cheap: {} });
  const bestAt = (hour_EUR: number): string | undefined =>
    recommend({ ...request, hour_EUR }, sites, state)[0]?.site.id;
  expect(bestAt(500)).toBe("dear");
  expect(bestAt(10)).toBe("cheap");
});

test("a stronger plug saves time and costs wear", () => {
  const car = { ...request, power_kW: 150 };
  const state = options({ slow: { power_kW: 22 }, fast: { power_kW: 120 } });
  const found = recommend(car, [site("slow", 0.01), site("fast", 0.01)], state);
  const [fast, slow] = found;
  expect(fast?.site.id).toBe("fast");
  expect(fast?.parts.wear_min).toBeGreaterThan(slow?.parts.wear_min ?? 0);
  expect(fast?.parts.charging_min).toBeLessThan(slow?.parts.charging_min ?? 0);
});

import { expect, test } from "vitest";
import type { ChargerSite } from "../recommendation/charger-site.ts";
import { DriverBenchmark } from "./driver-benchmark.ts";

/** A hundred sites of two plugs on a grid over the city. */
const sites: readonly ChargerSite[] = Array.from({ length: 100 }, (_, i) => ({
  id: `site-${i}`,
  name: `Site ${i}`,
  latitude: 48.82 + 0.008 * Math.floor(i / 10),
  longitude: 2.27 + 0.014 * (i % 10),
  plugs: [1, 2].map((n) => ({ id: `${i}-${n}`, types: ["type2"], power_kW: 7 })),
  price_EURperkWh: 0,
}));
const settings = { seed: 7, utilisation: 0.6, requestsPerHour: 25, hours: 2 };

test("the same seed gives the same outcome, another seed another", () => {
  const run = (seed: number) =>
    new DriverBenchmark(sites, { ...settings, seed }).run("nearest-available-now");
  expect(run(7)).toEqual(run(7));
  expect(run(8)).not.toEqual(run(7));
});

test("advice beats the nearest charger, and nobody beats the one who knows the future by much", () => {
  const benchmark = new DriverBenchmark(sites, settings);
  const reach = (name: Parameters<typeof benchmark.run>[0]) => benchmark.run(name).reach_min;
  expect(reach("ours")).toBeLessThan(reach("nearest"));
  expect(reach("ours")).toBeLessThan(reach("nearest-available-now"));
  expect(reach("clairvoyant")).toBeLessThan(1.02 * reach("ours"));
});

test("plugs are taken about as often as asked", () => {
  const { utilisation, drivers } = new DriverBenchmark(sites, settings).run("clairvoyant");
  expect(utilisation).toBeGreaterThan(0.5);
  expect(utilisation).toBeLessThan(0.7);
  expect(drivers).toBeGreaterThan(25);
});

test("more drivers than plugs is refused with a code", () => {
  expect(() => new DriverBenchmark(sites, { ...settings, requestsPerHour: 100 })).toThrow(
    expect.objectContaining({ code: "DEMAND_TOO_HIGH" }),
  );
});

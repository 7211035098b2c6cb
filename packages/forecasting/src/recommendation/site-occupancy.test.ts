import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SiteOccupancy } from "./site-occupancy.ts";

const site = (plugs: number, taken: number, usual = 0.5): SiteOccupancy =>
  new SiteOccupancy({ plugs, taken, stay_min: 60, usual });

describe("how a site fills and empties", () => {
  it("is as the feed says at first, and as usual after long", () => {
    const full = site(4, 4);
    expect(full.free).toBe(0);
    full.pass(5);
    expect(full.free).toBeGreaterThan(0.2);
    const empty = site(4, 0);
    full.pass(5000);
    empty.pass(5000);
    expect(full.free).toBeCloseTo(empty.free, 6);
  });

  it("follows the closed form of a single plug", () => {
    const plug = site(1, 1, 0.3);
    plug.pass(45);
    // π = 0.7 free, arrivals a = 0.3/0.7 per stay, so the rate of relaxation is (1 + a) per stay.
    const decay = Math.exp((-45 / 60) * (1 + 0.3 / 0.7));
    expect(plug.free).toBeCloseTo(0.7 * (1 - decay), 6);
  });

  it("makes whoever comes wait for those before", () => {
    const two = site(2, 2);
    expect(two.wait_min).toBeCloseTo(30);
    two.arrive();
    expect(two.wait_min).toBeCloseTo(60);
    expect(two.waitsLonger(0)).toBe(1);
    expect(two.waitsLonger(60)).toBeCloseTo(Math.exp(-2) * 3, 6);
  });

  it("is a distribution whatever happens", () => {
    const step = fc.oneof(
      fc.constant("arrive" as const),
      fc.double({ min: 0, max: 1000, noNaN: true }),
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 12 }),
        fc.integer({ min: 0, max: 15 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.array(step, { maxLength: 12 }),
        (plugs, taken, usual, steps) => {
          const occupancy = site(plugs, taken, usual);
          for (const one of steps) one === "arrive" ? occupancy.arrive() : occupancy.pass(one);
          expect(occupancy.free).toBeGreaterThanOrEqual(0);
          expect(occupancy.free).toBeLessThanOrEqual(1);
          expect(occupancy.wait_min).toBeGreaterThanOrEqual(0);
          expect(occupancy.waitsLonger(5)).toBeLessThanOrEqual(1);
          if (plugs > 0) expect(occupancy.waitsLonger(0) + occupancy.free).toBeCloseTo(1, 6);
        },
      ),
    );
  });
});

import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { costOf } from "../money.ts";
import { renderContract, standardTemplate, templateHash } from "./contract-template.ts";
import {
  deliveredMax_Wh,
  marginOf,
  metersAgree,
  settleDeviation,
  tariffPrice,
} from "./deviation.ts";
import { freeSlots, placeEnergy, type Slot, shared } from "./idle-time.ts";

const hour_ms = 3_600_000;
const minute = fc.nat(1439);

/** Sorted and apart, as a listing must have them. */
const windows = fc
  .uniqueArray(minute, { minLength: 2, maxLength: 8 })
  .map((minutes) => minutes.toSorted((a, b) => a - b))
  .map((minutes) =>
    minutes.flatMap((from_min, i) => {
      const to_min = minutes[i + 1];
      return i % 2 === 0 && to_min !== undefined ? [{ from_min, to_min }] : [];
    }),
  );

function minutesOf(slots: readonly Slot[]): Set<number> {
  const minutes = new Set<number>();
  for (const { from_ms, to_ms } of slots) {
    for (let at = from_ms / 60_000; at < to_ms / 60_000; at++) minutes.add(at);
  }
  return minutes;
}

describe("idle time", () => {
  it("is every minute of a window that is not booked, and no other", () => {
    const slot = fc.tuple(minute, minute).map(([a, b]) => ({
      from_ms: Math.min(a, b) * 60_000,
      to_ms: (Math.max(a, b) + 1) * 60_000,
    }));
    fc.assert(
      fc.property(windows, fc.array(slot, { maxLength: 4 }), slot, (idle, wanted, within) => {
        const booked: Slot[] = [];
        for (const one of wanted) if (!booked.some((other) => shared(one, other))) booked.push(one);
        const free = minutesOf(freeSlots({ windows: idle, booked, within }));
        const taken = minutesOf(booked);
        const asked = minutesOf([within]);
        const expected = Array.from({ length: 1440 }, (_, at) => at).filter(
          (at) =>
            idle.some(({ from_min, to_min }) => from_min <= at && at < to_min) &&
            asked.has(at) &&
            !taken.has(at),
        );
        expect([...free].toSorted((x, y) => x - y)).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  it("takes the earliest slot that holds all, else the one that holds the most", () => {
    const free = [
      { from_ms: 0, to_ms: hour_ms },
      { from_ms: 2 * hour_ms, to_ms: 5 * hour_ms },
      { from_ms: 6 * hour_ms, to_ms: 9 * hour_ms },
    ];
    const place = (energy_Wh: number): unknown => placeEnergy({ free, energy_Wh, power_W: 7000 });
    expect(place(7000)).toEqual({ slot: { from_ms: 0, to_ms: hour_ms }, energy_Wh: 7000 });
    expect(place(14_000)).toEqual({
      slot: { from_ms: 2 * hour_ms, to_ms: 4 * hour_ms },
      energy_Wh: 14_000,
    });
    expect(place(90_000)).toMatchObject({ energy_Wh: 21_000 });
    expect(placeEnergy({ free: [{ from_ms: 0, to_ms: 9 }], energy_Wh: 500, power_W: 7000 })).toBe(
      undefined,
    );
  });
});

describe("a deviation", () => {
  const price = fc.integer({ min: 0, max: 10 ** 9 });
  it("shares out exactly what was locked, and nobody owes anything", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000 }),
        price,
        price,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.boolean(),
        (energy_Wh, pricePerKWh, cataloguePricePerKWh, share, isOwnersFault) => {
          const cost = costOf({ energy_Wh, pricePerKWh });
          const margin = marginOf({ energy_Wh, cataloguePricePerKWh });
          const delivered_Wh = Math.floor(share * deliveredMax_Wh(energy_Wh));
          const settled = settleDeviation({
            energy_Wh,
            cost,
            margin,
            delivered_Wh,
            cataloguePricePerKWh,
            isOwnersFault,
          });
          expect(settled.paid + settled.returned).toBe(cost + margin);
          expect(Math.min(settled.paid, settled.returned)).toBeGreaterThanOrEqual(0);
          expect(delivered_Wh + settled.toGrid_Wh - settled.fromGrid_Wh).toBe(energy_Wh);
          if (isOwnersFault && delivered_Wh === 0) expect(settled.paid).toBe(0);
        },
      ),
    );
  });

  it("is at the catalogue price, in both directions", () => {
    const terms = {
      energy_Wh: 10_000,
      cost: 3_000_000,
      margin: 400_000,
      cataloguePricePerKWh: 200_000,
      isOwnersFault: false,
    };
    // A tenth more: bought from the grid for 0.2 each; as agreed; a tenth less: sold to it for 0.2 each.
    expect(settleDeviation({ ...terms, delivered_Wh: 11_000 }).paid).toBe(3_200_000);
    expect(settleDeviation({ ...terms, delivered_Wh: 10_000 }).paid).toBe(3_000_000);
    expect(settleDeviation({ ...terms, delivered_Wh: 9000 }).paid).toBe(2_800_000);
    const dear = { ...terms, cataloguePricePerKWh: 900_000, delivered_Wh: 9000 };
    expect(settleDeviation(dear).paid).toBe(2_700_000);
    expect(settleDeviation({ ...terms, delivered_Wh: 9000, isOwnersFault: true }).paid).toBe(
      2_700_000,
    );
  });

  it("is one when the meters differ by more than 50 Wh and 2 %", () => {
    expect(metersAgree(1000, 950)).toBe(true);
    expect(metersAgree(949, 1000)).toBe(false);
    expect(metersAgree(10_000, 9800)).toBe(true);
    expect(metersAgree(10_000, 9799)).toBe(false);
  });
});

describe("a fixed tariff and a template", () => {
  it("has its peak from the first minute to before the last", () => {
    const tariff = {
      valleyPricePerKWh: 1,
      peakPricePerKWh: 2,
      peakFrom_min: 17 * 60,
      peakTo_min: 21 * 60,
    };
    const at = (hour: number): number => tariffPrice(tariff, 86_400_000 * 20_000 + hour * hour_ms);
    expect([at(16.99), at(17), at(20.99), at(21)]).toEqual([1, 2, 2, 1]);
  });

  it("names what was agreed, and has a hash that any change changes", () => {
    const text = renderContract(standardTemplate, {
      contractId: "c1",
      buyer: "b1",
      owner: "o1",
      pile: "p1",
      energy_Wh: 7000,
      cost: 2_100_000,
      margin: 140_000,
      from_ms: 0,
      to_ms: hour_ms,
      cataloguePricePerKWh: 200_000,
    });
    expect(text).toContain("From 1970-01-01T00:00:00.000Z to 1970-01-01T01:00:00.000Z");
    expect(text).not.toMatch(/[{}]/);
    const hash = templateHash(standardTemplate, crypto);
    expect(templateHash(`${standardTemplate} `, crypto)).not.toEqual(hash);
  });
});

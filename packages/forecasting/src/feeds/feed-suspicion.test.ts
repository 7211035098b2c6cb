import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { StatusClass } from "../status/status-class.ts";
import { type FeedSummary, feedSuspicion, summariseFeed } from "./feed-suspicion.ts";

const hour_ms = 3_600_000;
const day_ms = 24 * hour_ms;

function summary(
  at_ms: number,
  statuses: readonly StatusClass[],
  updated_ms?: number,
): FeedSummary {
  const place = { name: "n", latitude: 48.8, longitude: 2.3, types: [], power_kW: 0 };
  return summariseFeed({
    at_ms,
    records: statuses.map((status, i) => ({
      ...{ ...place, pointId: `p${i}`, siteId: "s", price_EURperkWh: 0, status },
      ...(updated_ms === undefined ? {} : { updated_ms }),
    })),
  });
}

/** A hundred points of which every third is taken; who is, turns with the hour. */
function busy(hour: number): readonly StatusClass[] {
  return Array.from({ length: 100 }, (_, i) => ((i + hour) % 3 === 0 ? "charging" : "available"));
}
const history = Array.from({ length: 48 }, (_, hour) => summary(hour * hour_ms, busy(hour)));
const now_ms = 2 * day_ms;

describe("a feed that lies", () => {
  test.each([
    ["all the same", new Array<StatusClass>(100).fill("available"), /All 100 .* available/],
    [
      "nearly all free",
      [...new Array<StatusClass>(97).fill("available"), ...new Array(3).fill("charging")],
      /3 of 100 .* taken, where 33/,
    ],
    [
      "nearly all taken",
      [...new Array<StatusClass>(90).fill("charging"), ...new Array(10).fill("available")],
      /10 of 100 .* free, where 67/,
    ],
    ["most of it gone", busy(0).slice(0, 40), /Only 40 of the usual 100/],
  ] as const)("is found out: %s", (_, statuses, reason) => {
    expect(feedSuspicion(summary(now_ms, statuses), history)).toMatch(reason);
  });

  test("is found out when time stands still", () => {
    const frozen = [0, 30, 60].map((step) => summary(now_ms + step * 60_000, busy(4)));
    expect(feedSuspicion(frozen[1] as FeedSummary, [...history, ...frozen.slice(0, 1)])).toBe(
      undefined,
    );
    expect(feedSuspicion(frozen[2] as FeedSummary, [...history, ...frozen.slice(0, 2)])).toMatch(
      "No charge point has changed for 60 min with 33 taken",
    );
    expect(feedSuspicion(summary(47 * hour_ms, busy(0)), history)).toMatch("not later");
    expect(feedSuspicion(summary(now_ms, busy(0), now_ms - 40 * hour_ms), history)).toMatch("40 h");
  });

  test("all the same is found out without history", () => {
    expect(feedSuspicion(summary(0, new Array(20).fill("unknown")), [])).toMatch("All 20");
  });
});

describe("an honest feed", () => {
  test("is not suspect, whoever is taken, at shares that were seen", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom<StatusClass>("charging", "available", "available"), {
          ...{ minLength: 100, maxLength: 100 },
        }),
        (statuses) => {
          const free = statuses.filter((one) => one === "available").length;
          fc.pre(free >= 30 && free <= 90);
          expect(feedSuspicion(summary(now_ms, statuses), history)).toBeUndefined();
        },
      ),
    );
  });

  test("of few points may say anything", () => {
    const few = fc.array(fc.constantFrom<StatusClass>("charging", "available", "maintenance"), {
      maxLength: 19,
    });
    fc.assert(
      fc.property(few, (statuses) => {
        expect(feedSuspicion(summary(now_ms, statuses), [])).toBeUndefined();
      }),
    );
  });
});

test("the order of points does not change a summary", () => {
  const record = { ...{ siteId: "s", name: "n", latitude: 48.8, longitude: 2.3, types: [] } };
  const rows = fc.uniqueArray(fc.string({ maxLength: 8 }), { maxLength: 30 });
  fc.assert(
    fc.property(rows, (ids) => {
      const records = ids.map((pointId) => ({
        ...{ ...record, pointId, power_kW: 0, price_EURperkWh: 0, status: "available" as const },
      }));
      const turned = { at_ms: 1, records: records.toReversed() };
      expect(summariseFeed(turned)).toEqual(summariseFeed({ at_ms: 1, records }));
    }),
  );
});

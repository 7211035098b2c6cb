import { expect, test } from "vitest";
import type { AdviceFeature, ChargePoint, ChargerDetail, ChargerStatus } from "../api/shapes.ts";
import { chance, chosenState, type Notice, nextBest, noticeAfter } from "./chosen-watch.ts";

const name = "Quai";

function point(status: ChargerStatus, more: Partial<ChargePoint> = {}): ChargePoint {
  return { id: "p", status, types: ["type2"], power_kW: 22, shares: {}, ...more };
}

function advised(id: string, free = 0.9): AdviceFeature {
  const parts = {
    travel_min: 7,
    wait_min: 0,
    charging_min: 30,
    price_min: 0,
    reliability_min: 0,
    wear_min: 0,
  };
  return {
    id,
    geometry: { coordinates: [2, 48] },
    properties: {
      rank: 1,
      name: id,
      cost_min: 40,
      parts,
      distance_km: 2,
      free,
      arrival_ms: 0,
      arrivalSoc: 0.2,
      energy_kWh: 30,
      price_EUR: null,
      plugs: 3,
      freeNow: 2,
      power_kW: 22,
      known_ms: 0,
      reason: "",
    },
  };
}

/** Plays what the charger says, round by round; gives the notice after each. */
function heard(
  rounds: readonly { free: number; inService?: number; instead?: AdviceFeature | undefined }[],
): (Notice | undefined)[] {
  let notice: Notice | undefined;
  let before: { free: number; inService: number } | undefined;
  return rounds.map(({ free, inService = 3, instead = advised("Other") }) => {
    const now = { free, inService };
    notice = noticeAfter(notice, { name, before, now, instead });
    before = now;
    return notice;
  });
}

test("only plugs that fit the car count", () => {
  const points = [
    point("available"),
    point("charging"),
    point("occupied-not-charging"),
    point("maintenance"),
    point("unknown"),
    point("available", { types: ["chademo"] }),
    point("available", { power_kW: 3 }),
  ];
  const detail = { points } as unknown as ChargerDetail;
  expect(chosenState(detail, { plugs: ["type2", "ccs"], powerMin_kW: 11 })).toEqual({
    inService: 3,
    free: 1,
  });
});

test("the next best is the first of the list that is not the chosen one", () => {
  const list = [advised("a"), advised("b")];
  expect(nextBest(list, "a")?.id).toBe("b");
  expect(nextBest(list, "c")?.id).toBe("a");
  expect(nextBest(list.slice(0, 1), "a")).toBeUndefined();
});

test("a charger that stays as it is gives no notice", () => {
  expect(heard([{ free: 2 }, { free: 2 }])).toEqual([undefined, undefined]);
});

test("a charger that gets busier is told politely, with the next best", () => {
  const [, notice] = heard([{ free: 2 }, { free: 1 }]);
  expect(notice).toMatchObject({ urgency: "polite", instead: { id: "Other" } });
  expect(notice?.text).toContain("1 of 3 fitting plugs");
});

test("a charger that becomes full interrupts, once, and names the next best", () => {
  const [, full, still] = heard([{ free: 1 }, { free: 0 }, { free: 0 }]);
  expect(full?.urgency).toBe("assertive");
  expect(full?.text).toContain("Next best: Other, free with 90 % when you arrive in 7 min");
  expect(still, "nothing is said twice").toBe(full);
});

test("a charger that was full when it was chosen is told too", () => {
  expect(heard([{ free: 0 }])[0]?.urgency).toBe("assertive");
});

test("a new offer for the same loss is told politely", () => {
  const [, full, again] = heard([{ free: 1 }, { free: 0 }, { free: 0, instead: advised("Third") }]);
  expect(full?.instead?.id).toBe("Other");
  expect(again).toMatchObject({ urgency: "polite", instead: { id: "Third" } });
});

test("a notice that was put away stays away while the loss is the same", () => {
  const full = { free: 0, inService: 3 };
  const put = { name, before: full, now: full, instead: advised("Third") };
  expect(noticeAfter(undefined, put)).toBeUndefined();
  const out = noticeAfter(undefined, { ...put, now: { free: 0, inService: 0 } });
  expect(out?.urgency).toBe("assertive");
});

test("a charger that goes out of service interrupts, also after it was full", () => {
  const [, , out] = heard([{ free: 1 }, { free: 0 }, { free: 0, inService: 0 }]);
  expect(out?.urgency).toBe("assertive");
  expect(out?.text).toContain("out of service");
});

test("without another charger in reach the notice says so", () => {
  const notice = noticeAfter(undefined, {
    name,
    before: { free: 1, inService: 1 },
    now: { free: 0, inService: 1 },
    instead: undefined,
  });
  expect(notice?.text).toContain("No other charger is known to be in reach");
});

test("a plug that becomes free again is told, and ends the warning", () => {
  const [, , again, more] = heard([{ free: 1 }, { free: 0 }, { free: 1 }, { free: 3 }]);
  expect(again).toMatchObject({ urgency: "polite", instead: undefined });
  expect(again?.text).toContain("free again");
  expect(more).toBeUndefined();
});

test("no forecast is shown as certain", () => {
  expect([0, 0.5, 1].map(chance)).toEqual(["1 %", "50 %", "99 %"]);
});

import fc from "fast-check";
import { expect, test } from "vitest";
import type { Alert, AlertFinding, AlertNews } from "./alert.ts";
import { judgeFinding, returns_ms } from "./judge-finding.ts";

const finding: AlertFinding = {
  ...{ key: "k", ruleId: "safety", vehicleId: "car-1", level: 1, at_ms: 1000 },
  ...{ value: 61, limit: 60, unit: "degC", sentence: "hot", runbook: "thermal-alert" },
  ...{ cause: { kind: "event", eventId: "e" }, origin: "replayed" },
};

/** Follows findings as the desk does; gives the last alert and what was told. */
function follow(
  findings: readonly (Partial<AlertFinding> & { now_ms?: number; acknowledge?: true })[],
): { alert: Alert | undefined; told: AlertNews[]; alerts: number } {
  let alert: Alert | undefined;
  let alerts = 0;
  const told: AlertNews[] = [];
  for (const { now_ms, acknowledge, ...changes } of findings) {
    if (acknowledge === true && alert !== undefined) {
      alert = { ...alert, state: "acknowledged", acknowledged_ms: 5, acknowledgedBy: "ada" };
      continue;
    }
    const asked = { ...finding, ...changes };
    const judged = judgeFinding(alert, asked, now_ms ?? asked.at_ms);
    if (judged === undefined) continue;
    if (judged.news === "raised") alerts += 1;
    alert = { ...judged.alert, id: alerts };
    if (judged.news !== undefined) told.push(judged.news);
  }
  return { alert, told, alerts };
}

test("a condition that is found a hundred times is one alert, told once", () => {
  const { alert, told } = follow(Array.from({ length: 100 }, (_, i) => ({ at_ms: 1000 + i })));
  expect(told).toEqual(["raised"]);
  expect(alert).toMatchObject({ state: "open", times: 100, first_ms: 1000, last_ms: 1099 });
});

test("one that grows is told again, and needs to be acknowledged again", () => {
  const steps = [{}, { acknowledge: true as const }, { level: 2, at_ms: 2000 }];
  const { alert, told } = follow(steps);
  expect(told).toEqual(["raised", "worse"]);
  expect(alert).toMatchObject({ state: "open", level: 2, acknowledgedBy: null, opened_ms: 2000 });
});

test("one that ends is closed and told; one that comes back at once is the same, untold", () => {
  const steps = [{}, { level: 0, at_ms: 2000 }, { at_ms: 3000 }, { level: 0, at_ms: 4000 }];
  const { alert, told, alerts } = follow(steps);
  expect(told).toEqual(["raised", "closed", "closed"]);
  expect(alerts).toBe(1);
  expect(alert).toMatchObject({ state: "closed", times: 2 });
  const later = follow([...steps, { at_ms: 5000 + returns_ms }]);
  expect(later.alerts).toBe(2);
  expect(later.told.at(-1)).toBe("raised");
});

test("late news of before, and the end of what never began, change nothing", () => {
  const { alert, told } = follow([{ at_ms: 5000 }, { level: 0, at_ms: 4000 }]);
  expect(alert?.state).toBe("open");
  expect(told).toEqual(["raised"]);
  expect(follow([{ level: 0 }]).alert).toBeUndefined();
});

test("whatever comes, an alert is closed exactly while its condition is over, and its level never falls", () => {
  const steps = fc.array(fc.record({ level: fc.integer({ min: 0, max: 3 }), gap: fc.nat(2e6) }));
  fc.assert(
    fc.property(steps, (list) => {
      let at_ms = 1000;
      let level = 0;
      const findings = list.map((step) => {
        at_ms += step.gap;
        return { level: step.level, at_ms };
      });
      for (let count = 1; count <= findings.length; count++) {
        const { alert, alerts } = follow(findings.slice(0, count));
        const stands = (findings[count - 1]?.level ?? 0) > 0;
        if (alert === undefined) expect(stands).toBe(false);
        else expect(alert.state === "closed").toBe(!stands);
        if (alert !== undefined && alerts === 1) {
          expect(alert.level).toBeGreaterThanOrEqual(level);
          level = alert.level;
        }
      }
    }),
  );
});

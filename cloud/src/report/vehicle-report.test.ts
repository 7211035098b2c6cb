import { expect, test } from "vitest";
import type { HealthAnswer } from "../api/maintenance-schemas.ts";
import { type ReportFacts, vehicleReport } from "./vehicle-report.ts";

const interval = (value: number) => ({ value, low: value - 0.02, high: value + 0.02 });
const dayNames = Array.from({ length: 60 }, (_, at) =>
  new Date(Date.UTC(2026, 0, 1 + at)).toISOString().slice(0, 10),
);

function healthOf(changes: Partial<HealthAnswer> = {}): HealthAnswer {
  const days = ["1", "2"].flatMap((version) =>
    dayNames.map((day, at) => ({
      ...{ day, estimator: "rest-to-rest", version, issued_ms: 0, samples: 48, covered_s: 80_000 },
      ...({ origin: "simulated", finality: "none" } as const),
      soh: at === 30 ? null : interval(0.9 - at / 1000),
      cellHealth: interval(0.91 - at / 1000),
      resistance_Ohm: interval(0.0011),
      ...{ imbalance_mV: 9, temperatureSpread_K: 2, timeHot_s: 0, timeCold_s: 0 },
      ...{ timeHighSoc_s: 0, timeLowSoc_s: 0, fastChargeShare: 0.1, throughput_Ah: 100 },
      ...{ fullCycles: 0.5, distance_km: null, anomalyScore: 0.4, safetyScore: 0 },
      remainingLife_d: interval(500),
      ...{ remainingLifeCycles: null, isRecalibrated: false },
    })),
  );
  return {
    ...{ vehicleId: "car-1", origin: "simulated", days, known: {} },
    attributions: [
      {
        ...{ from: "2026-01-31", to: "2026-02-28", total: -0.0121, ageing: -0.009 },
        ...{ temperature: 0.002, imbalance: -0.004, recalibration: 0, estimator: 0 },
        unexplained: -0.0011,
      },
    ],
    forecast: [0, 1, 2].map((step) => ({
      day: new Date(Date.UTC(2026, 2 + step, 1)).toISOString().slice(0, 10),
      cellHealth: interval(0.85 - step / 100),
    })),
    warranty: {
      ...{ status: "at-risk", asked: 0.8, margin: interval(0.05), ends_d: 900 },
      crossing_d: { value: 700, low: 350, high: null },
    },
    quality: {
      ...{ firstDay: "2026-01-01", lastDay: "2026-03-01", days: 60, daysMissing: 0 },
      gaps: [
        {
          ...{ stream: "telemetry", from_ms: Date.UTC(2026, 0, 5), to_ms: Date.UTC(2026, 0, 5, 3) },
          ...{ samples: 12, firstSequence: 4, lastSequence: 5, cause: "tunnel", unitId: "unit-1" },
        },
      ],
    },
    ...changes,
  };
}

function reportText(changes: Partial<ReportFacts> = {}): string {
  const facts: ReportFacts = {
    ...{ health: healthOf(), ranked: undefined, horizon_d: 60, alerts: [], orders: [] },
    ...{ frame: undefined, figuresHash: "ab".repeat(32), made_ms: Date.UTC(2026, 2, 2, 9, 5) },
    figuresAddress: "/v1/vehicles/car-1/health?format=csv",
    ...changes,
  };
  const file = Buffer.from(vehicleReport(facts)).toString("latin1");
  return [...file.matchAll(/\(((?:[^()\\]|\\.)*)\) Tj/g)].map(([, text]) => text).join("\n");
}

test("figures come as text with their interval and how they are known", () => {
  const text = reportText();
  expect(text).toContain("Battery report: car-1");
  expect(text).toMatch(/State of health\n84\.1 %\n82\.1 % to 86\.1 %\nestimated by/);
  expect(text).toContain("forecast, if use goes on");
  expect(text).toContain("Made 2026-03-02 09:05 UTC");
  expect(text).toContain("ab".repeat(32));
});

test("data that was not measured is said so before any figure, and measured data has no such line", () => {
  const text = reportText();
  expect(text).toContain("simulated, not measured on the road");
  expect(text.indexOf("simulated, not measured")).toBeLessThan(text.indexOf("Figures\n"));
  expect(reportText({ health: healthOf({ origin: "measured" }) })).not.toContain("not measured");
});

test("causes, gaps with their cause, and what is not known are all said", () => {
  const text = reportText();
  expect(text).toMatch(
    /2026-02-28\n\\2261\.21\n\\2260\.90\n\+0\.20\n\\2260\.40\n0\.00\n0\.00\n\\2260\.11/,
  );
  expect(text).toMatch(/2026-01-05 00:00\n2026-01-05 03:00\ntunnel\n12/);
  expect(text).toContain("No final frame of this vehicle is in a log");
  const bare = reportText({ health: healthOf({ warranty: null, forecast: [], attributions: [] }) });
  expect(bare).toContain("Not known yet");
  expect(bare).toContain("The first split comes");
});

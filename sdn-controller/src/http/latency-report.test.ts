import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readLatencyReports } from "./latency-report.ts";

const knownUnits = new Set(["unit-1"]);

function code(body: unknown): string | undefined {
  const report = readLatencyReports({ body, knownUnits });
  return report.ok ? undefined : report.problem.code;
}

function withLatency(latency_ms: unknown): unknown {
  return { vehicleId: "vehicle-01", latencies: [{ unitId: "unit-1", latency_ms }] };
}

describe("readLatencyReports", () => {
  it("takes latencies from 0 ms to a minute", () => {
    for (const latency_ms of [0, 0.25, 60_000])
      expect(code(withLatency(latency_ms))).toBeUndefined();
  });

  it("takes the reports of several vehicles, with the round trip of their own connection", () => {
    const latencies = [{ unitId: "unit-1", latency_ms: 2, mqtt_ms: 7 }];
    const reports = ["vehicle-01", "vehicle-02"].map((vehicleId) => ({ vehicleId, latencies }));
    expect(readLatencyReports({ body: { reports }, knownUnits })).toEqual({
      ok: true,
      value: reports,
    });
    expect(code({ reports: [] })).toBe("REPORT_MALFORMED");
    expect(code({ reports: [...reports, withLatency(-1)] })).toBe("LATENCY_INVALID");
    const wrong = [{ unitId: "unit-1", latency_ms: 2, mqtt_ms: Number.NaN }];
    expect(code({ vehicleId: "vehicle-01", latencies: wrong })).toBe("LATENCY_INVALID");
  });

  it.each([Number.NaN, -1, -0.001, 60_001, 1e300, Number.POSITIVE_INFINITY, null, "5", [5]])(
    "refuses a latency of %j",
    (latency_ms) => {
      expect(code(withLatency(latency_ms))).toBe("LATENCY_INVALID");
    },
  );

  it("refuses unknown units, odd vehicles, and reports of another form", () => {
    const latencies = [{ unitId: "unit-1", latency_ms: 1 }];
    expect(
      code({ vehicleId: "vehicle-01", latencies: [{ unitId: "unit-9", latency_ms: 1 }] }),
    ).toBe("UNIT_UNKNOWN");
    expect(code({ vehicleId: "No Vehicle", latencies })).toBe("VEHICLE_INVALID");
    expect(code({ vehicleId: "vehicle-01", latencies: [] })).toBe("REPORT_MALFORMED");
    expect(code({ vehicleId: "vehicle-01", latencies, more: 1 })).toBe("REPORT_MALFORMED");
    const many = Array.from({ length: 65 }, () => latencies[0]);
    expect(code({ vehicleId: "vehicle-01", latencies: many })).toBe("REPORT_MALFORMED");
  });

  it("never throws, whatever was sent", () => {
    fc.assert(
      fc.property(fc.anything(), (body) => {
        expect(code(body)).toBeDefined();
      }),
    );
  });
});

import { accepted, identifierPattern, type Outcome, type Problem, refused } from "@voltfog/runtime";

/** Latencies to a handful of units as one vehicle measured them. */
export interface LatencyReport {
  readonly vehicleId: string;
  readonly latencies: readonly { readonly unitId: string; readonly latency_ms: number }[];
}

export interface LatencyReportProblem extends Problem {
  readonly code: "REPORT_MALFORMED" | "VEHICLE_INVALID" | "UNIT_UNKNOWN" | "LATENCY_INVALID";
  readonly detail: string;
}

/** Longer than any connection lives; a report of more is a broken clock, not a slow network. */
export const latencyMax_ms = 60_000;
const latenciesMax = 64;

/** The whole report, or the reason why none of it counts. */
export function readLatencyReport(options: {
  body: unknown;
  knownUnits: ReadonlySet<string>;
}): Outcome<LatencyReport, LatencyReportProblem> {
  const body = recordOf(options.body, ["vehicleId", "latencies"]);
  if (body === undefined || !Array.isArray(body.latencies)) {
    return refusal("REPORT_MALFORMED", "send {vehicleId, latencies:[{unitId, latency_ms}]}");
  }
  const { vehicleId, latencies } = body;
  if (typeof vehicleId !== "string" || !identifierPattern.test(vehicleId)) {
    return refusal("VEHICLE_INVALID", "vehicleId is no vehicle's id");
  }
  if (latencies.length === 0 || latencies.length > latenciesMax) {
    return refusal(
      "REPORT_MALFORMED",
      `${latencies.length} latencies, from 1 to ${latenciesMax} are taken`,
    );
  }
  const read: { unitId: string; latency_ms: number }[] = [];
  for (const item of latencies) {
    const one = readOne(item, options.knownUnits);
    if (!one.ok) return one;
    read.push(one.value);
  }
  return accepted({ vehicleId, latencies: read });
}

function readOne(
  item: unknown,
  knownUnits: ReadonlySet<string>,
): Outcome<{ unitId: string; latency_ms: number }, LatencyReportProblem> {
  const fields = recordOf(item, ["unitId", "latency_ms"]);
  if (fields === undefined) return refusal("REPORT_MALFORMED", "a latency is {unitId, latency_ms}");
  const { unitId, latency_ms } = fields;
  if (typeof unitId !== "string" || !knownUnits.has(unitId)) {
    return refusal("UNIT_UNKNOWN", `known units are ${[...knownUnits].join(", ")}`);
  }
  const isPlausible =
    typeof latency_ms === "number" && latency_ms >= 0 && latency_ms <= latencyMax_ms;
  if (!isPlausible) {
    const detail = `latency_ms to ${unitId} is ${JSON.stringify(latency_ms)}, but must be from 0 to ${latencyMax_ms}`;
    return refusal("LATENCY_INVALID", detail.slice(0, 200));
  }
  return accepted({ unitId, latency_ms });
}

function recordOf<const K extends string>(
  value: unknown,
  keys: readonly K[],
): { [Key in K]: unknown } | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const names = Object.keys(value);
  const isExact = names.length === keys.length && keys.every((key) => Object.hasOwn(value, key));
  return isExact ? (value as { [Key in K]: unknown }) : undefined;
}

function refusal(
  code: LatencyReportProblem["code"],
  detail: string,
): { ok: false; problem: LatencyReportProblem } {
  return refused({ code, detail });
}

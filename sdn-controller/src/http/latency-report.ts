import { accepted, identifierPattern, type Outcome, type Problem, refused } from "@voltfog/runtime";

/** Latencies to a handful of units as one vehicle measured them. */
export interface LatencyReport {
  readonly vehicleId: string;
  readonly latencies: readonly MeasuredLatency[];
}

export interface MeasuredLatency {
  readonly unitId: string;
  readonly latency_ms: number;
  /** From a publish to its acknowledgement; null where it was not measured. */
  readonly mqtt_ms: number | null;
}

export interface LatencyReportProblem extends Problem {
  readonly code: "REPORT_MALFORMED" | "VEHICLE_INVALID" | "UNIT_UNKNOWN" | "LATENCY_INVALID";
  readonly detail: string;
}

/** Longer than any connection lives; a report of more is a broken clock, not a slow network. */
export const latencyMax_ms = 60_000;
const latenciesMax = 64;

const reportsMax = 1000;

/** The whole of one vehicle's report or of several ({reports: [...]}), or the reason why none of it counts. */
export function readLatencyReports(options: {
  body: unknown;
  knownUnits: ReadonlySet<string>;
}): Outcome<readonly LatencyReport[], LatencyReportProblem> {
  const several = recordOf(options.body, ["reports"]);
  if (several === undefined) {
    const one = readReport(options.body, options.knownUnits);
    return one.ok ? accepted([one.value]) : one;
  }
  const { reports } = several;
  if (!Array.isArray(reports) || reports.length === 0 || reports.length > reportsMax) {
    return refusal("REPORT_MALFORMED", `from 1 to ${reportsMax} reports are taken`);
  }
  const read: LatencyReport[] = [];
  for (const report of reports) {
    const one = readReport(report, options.knownUnits);
    if (!one.ok) return one;
    read.push(one.value);
  }
  return accepted(read);
}

function readReport(
  given: unknown,
  knownUnits: ReadonlySet<string>,
): Outcome<LatencyReport, LatencyReportProblem> {
  const body = recordOf(given, ["vehicleId", "latencies"]);
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
  const read: MeasuredLatency[] = [];
  for (const item of latencies) {
    const one = readOne(item, knownUnits);
    if (!one.ok) return one;
    read.push(one.value);
  }
  return accepted({ vehicleId, latencies: read });
}

function readOne(
  item: unknown,
  knownUnits: ReadonlySet<string>,
): Outcome<MeasuredLatency, LatencyReportProblem> {
  const fields =
    recordOf(item, ["unitId", "latency_ms"]) ?? recordOf(item, ["unitId", "latency_ms", "mqtt_ms"]);
  if (fields === undefined) return refusal("REPORT_MALFORMED", "a latency is {unitId, latency_ms}");
  const { unitId, latency_ms, mqtt_ms = null } = fields as Partial<Record<string, unknown>>;
  if (typeof unitId !== "string" || !knownUnits.has(unitId)) {
    return refusal("UNIT_UNKNOWN", `known units are ${[...knownUnits].join(", ")}`);
  }
  const wrong = [latency_ms, ...(mqtt_ms === null ? [] : [mqtt_ms])].find(
    (one) => !isPlausible(one),
  );
  if (isPlausible(latency_ms) && wrong === undefined) {
    return accepted({ unitId, latency_ms, mqtt_ms: mqtt_ms as number | null });
  }
  const said = JSON.stringify(isPlausible(latency_ms) ? wrong : latency_ms);
  const detail = `latency_ms to ${unitId} is ${said}, but must be from 0 to ${latencyMax_ms}`;
  return refusal("LATENCY_INVALID", detail.slice(0, 200));
}

/** NaN, infinities and negative times are none. */
function isPlausible(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= latencyMax_ms;
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

import type { FastifyInstance } from "fastify";
import { type HealthDay, healthOf } from "../maintenance/health-view.ts";
import type { FleetWeek } from "../maintenance/indicator-store.ts";
import { type ApiContext, notFound } from "./api-context.ts";
import {
  type HealthAnswer,
  healthSchema,
  known,
  type QualityView,
  weekSchema,
} from "./maintenance-schemas.ts";
import type { GapView } from "./responses.ts";
import { fleetOf } from "./route-guard.ts";
import { identifier, type JsonSchema, listOf, parameters } from "./schema.ts";
import {
  formatParameter,
  intervalColumns,
  numberColumn,
  sendTable,
  type TableFormat,
  tableAnswers,
  tableOf,
  textColumn,
} from "./table-answer.ts";

const tags = ["maintenance"];
const day_ms = 86_400_000;
/** Three years of days. */
const gapsMax_ms = 3 * 366 * day_ms;
const day: JsonSchema = { type: "string", pattern: "^\\d{4}-\\d{2}-\\d{2}$" };
const range = {
  from: { ...day, default: "1970-01-01", description: "first day" },
  to: { ...day, default: "9999-12-31", description: "last day" },
};

/** How packs are over time, one by one and together. */
export function healthRoutes(app: FastifyInstance, context: ApiContext): void {
  vehicleRoute(app, context);
  trendsRoute(app, context);
}

function vehicleRoute(app: FastifyInstance, context: ApiContext): void {
  const { care } = context;
  interface Query {
    readonly from: string;
    readonly to: string;
    readonly format: TableFormat;
  }
  app.get<{ Params: { id: string }; Querystring: Query }>("/v1/vehicles/:id/health", {
    schema: {
      tags,
      summary: "A pack's health over time",
      description:
        "Daily figures by every version of the estimator (a newer one stands beside the older, which is never changed), why the state of health changed from month to month, a forecast with interval, the warranty (Regulation (EU) 2024/1257), and what data is missing. `known` says how each figure is known.",
      params: parameters({ id: identifier }, ["id"]),
      querystring: parameters({ ...range, format: formatParameter }),
      response: tableAnswers("the health", healthSchema, [404]),
    },
    handler: async ({ params: { id }, query: { from, to, format } }, reply) => {
      const health = await healthAnswer(context, { id, from, to });
      if (format === "json") return health;
      const table = daysTable(health.days);
      return sendTable(reply, { format, name: `${id}-health`, table, database: care.database });
    },
  });
}

/** All that is told of a vehicle's days. NO_HEALTH where it has none. */
export async function healthAnswer(
  { care, store }: Pick<ApiContext, "care" | "store">,
  { id, from, to }: { id: string; from: string; to: string },
): Promise<HealthAnswer> {
  const health = await healthOf(care.indicators, { vehicleId: id, from, to });
  if (health === undefined) throw notFound("NO_HEALTH", `${id} has no figures of any day yet`);
  const first_ms = Date.parse(health.days[0]?.day ?? from);
  const last_ms = Date.parse(health.days.at(-1)?.day ?? from) + day_ms;
  const since_ms = Math.max(first_ms, last_ms - gapsMax_ms);
  const gaps = await store.gaps({ vehicleId: id, from_ms: since_ms, to_ms: last_ms });
  return { ...health, known, quality: qualityOf(health.days, gaps) };
}

function trendsRoute(app: FastifyInstance, { care, fleets }: ApiContext): void {
  app.get<{ Querystring: { from: string; format: TableFormat } }>("/v1/fleet/trends", {
    schema: {
      tags,
      summary: "The fleet's health over time",
      description:
        "Week by week: state of health (tenth, half, nine tenths of the vehicle days lie below), vehicles unlike the fleet, throughput; how many of the vehicles are simulated.",
      querystring: parameters({ from: range.from, format: formatParameter }),
      response: tableAnswers("the weeks", listOf(weekSchema)),
    },
    handler: async (request, reply) => {
      const { from, format } = request.query;
      const vehicleIds = fleets.vehiclesOf(fleetOf(request));
      const weeks = await care.indicators.weeks({
        from,
        ...(vehicleIds === undefined ? {} : { vehicleIds }),
      });
      if (format === "json") return weeks;
      const table = weeksTable(weeks);
      return sendTable(reply, { format, name: "fleet-trends", table, database: care.database });
    },
  });
}

function qualityOf(days: readonly HealthDay[], gaps: readonly GapView[]): QualityView {
  const named = [...new Set(days.map((one) => one.day))];
  const [firstDay = "", lastDay = firstDay] = [named[0], named.at(-1)];
  const span = firstDay === "" ? 0 : (Date.parse(lastDay) - Date.parse(firstDay)) / day_ms + 1;
  return { firstDay, lastDay, days: named.length, daysMissing: span - named.length, gaps };
}

/** A row for each day and version. */
export function daysTable(days: readonly HealthDay[]): ReturnType<typeof tableOf> {
  const figures = [
    ...(["samples", "covered_s", "imbalance_mV", "temperatureSpread_K", "timeHot_s"] as const),
    ...(["timeCold_s", "timeHighSoc_s", "timeLowSoc_s", "fastChargeShare"] as const),
    ...(["throughput_Ah", "fullCycles", "distance_km", "anomalyScore", "safetyScore"] as const),
  ] as const;
  return tableOf(days, [
    textColumn("day", (one) => one.day),
    textColumn("estimator", ({ estimator }) => estimator),
    textColumn("version", ({ version }) => version),
    numberColumn("issued_ms", ({ issued_ms }) => issued_ms),
    textColumn("origin", ({ origin }) => origin),
    textColumn("finality", ({ finality }) => finality),
    ...intervalColumns<HealthDay>("soh", ({ soh }) => soh),
    ...intervalColumns<HealthDay>("cellHealth", ({ cellHealth }) => cellHealth),
    ...intervalColumns<HealthDay>("resistance_Ohm", (one) => one.resistance_Ohm),
    ...intervalColumns<HealthDay>("remainingLife_d", (one) => one.remainingLife_d),
    ...figures.map((name) => numberColumn<HealthDay>(name, (one) => one[name])),
  ]);
}

function weeksTable(weeks: readonly FleetWeek[]): ReturnType<typeof tableOf> {
  const figures = [
    ...(["vehicles", "simulated", "days", "sohLow", "sohMedian", "sohHigh"] as const),
    ...(["anomalous", "unsafe", "fullCycles"] as const),
  ] as const;
  return tableOf(weeks, [
    textColumn("week", ({ week }) => week),
    ...figures.map((name) => numberColumn<FleetWeek>(name, (one) => one[name])),
  ]);
}

import type { FastifyInstance, FastifyReply } from "fastify";
import type { RankedView, RankingView, SlotView } from "../maintenance/maintenance-desk.ts";
import { runbook } from "../maintenance/runbook.ts";
import type { ApiContext } from "./api-context.ts";
import { planSchema, rankingSchema, runbookSchema } from "./maintenance-schemas.ts";
import { fleetOf } from "./route-guard.ts";
import { answers, listOf, parameters, wholeFrom } from "./schema.ts";
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

/** Which vehicles need somebody, when, and what to do. */
export function maintenanceRoutes(app: FastifyInstance, context: ApiContext): void {
  rankingRoute(app, context);
  planRoute(app, context);
  app.get("/v1/maintenance/runbook", {
    schema: {
      tags,
      summary: "What to do about each kind of alert",
      description: "One entry for each class of event and each usual rule, by the alert's runbook.",
      querystring: parameters({}),
      response: answers("the runbook", listOf(runbookSchema)),
    },
    handler: () => runbook,
  });
}

function rankingRoute(app: FastifyInstance, { care, fleets }: ApiContext): void {
  app.get<{ Querystring: { limit: number; format: TableFormat } }>("/v1/maintenance/ranking", {
    schema: {
      tags,
      summary: "Vehicles by what looking at them saves",
      description:
        "Probability that a fault fails within the horizon (forecast, with interval) times its cost, less the inspection's; corrected by what outcomes of work orders taught. Simulated vehicles say so.",
      querystring: parameters({
        limit: wholeFrom({ minimum: 1, maximum: 10_000, default: 1000, description: "at most" }),
        format: formatParameter,
      }),
      response: tableAnswers("the ranking", rankingSchema),
    },
    handler: async (request, reply) => {
      const { limit, format } = request.query;
      const fleet = fleetOf(request);
      const ranking = await care.maintenance.ranking();
      const vehicles = ranking.vehicles
        .filter(({ vehicleId }) => fleets.sees(fleet, vehicleId))
        .slice(0, limit);
      if (format === "json") return { ...ranking, vehicles } satisfies RankingView;
      return send(reply, { format, name: "ranking", table: rankingTable(vehicles), care });
    },
  });
}

function planRoute(app: FastifyInstance, { care, fleets }: ApiContext): void {
  app.get<{ Querystring: { format: TableFormat } }>("/v1/maintenance/plan", {
    schema: {
      tags,
      summary: "What to do when and where",
      description:
        "The cheapest way to place open work orders, and inspections that pay, on the places of the depots in the next thirty days. A slot without an order is a suggestion.",
      querystring: parameters({ format: formatParameter }),
      response: tableAnswers("the plan", planSchema),
    },
    handler: async (request, reply) => {
      const { format } = request.query;
      const fleet = fleetOf(request);
      const sees = (vehicleId: string): boolean => fleets.sees(fleet, vehicleId);
      const plan = await care.maintenance.plan();
      const slots = plan.slots.filter(({ vehicleId }) => sees(vehicleId));
      if (format === "json") return { ...plan, slots, unplaced: plan.unplaced.filter(sees) };
      return send(reply, { format, name: "plan", table: planTable(slots), care });
    },
  });
}

function send(
  reply: FastifyReply,
  o: Omit<Parameters<typeof sendTable>[1], "database"> & Pick<ApiContext, "care">,
): Promise<FastifyReply> {
  const { care, ...table } = o;
  return sendTable(reply, { ...table, database: care.database });
}

function rankingTable(vehicles: readonly RankedView[]): ReturnType<typeof tableOf> {
  return tableOf(vehicles, [
    textColumn("vehicleId", ({ vehicleId }) => vehicleId),
    ...intervalColumns<RankedView>("faultProbability", (one) => one.faultProbability),
    numberColumn("expectedCost_EUR", (one) => one.expectedCost_EUR),
    textColumn("because", ({ because }) => because),
    textColumn("day", ({ day }) => day),
    numberColumn("soh", ({ soh }) => soh),
    numberColumn("anomalyScore", ({ anomalyScore }) => anomalyScore),
    numberColumn("safetyScore", ({ safetyScore }) => safetyScore),
    numberColumn("remainingLife_d", (one) => one.remainingLife_d),
    numberColumn("openOrder", ({ openOrder }) => openOrder),
    textColumn("origin", ({ origin }) => origin),
    textColumn("finality", ({ finality }) => finality),
    textColumn("estimator", ({ estimator }) => estimator),
  ]);
}

function planTable(slots: readonly SlotView[]): ReturnType<typeof tableOf> {
  return tableOf(slots, [
    textColumn("date", ({ date }) => date),
    textColumn("depotId", ({ depotId }) => depotId),
    textColumn("vehicleId", ({ vehicleId }) => vehicleId),
    numberColumn("orderId", ({ orderId }) => orderId),
    textColumn("work", ({ work }) => work),
    textColumn("because", ({ because }) => because),
    numberColumn("waitingPerDay_EUR", (one) => one.waitingPerDay_EUR),
    textColumn("origin", ({ origin }) => origin),
  ]);
}

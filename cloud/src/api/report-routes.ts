import { toHex } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import type { FastifyInstance } from "fastify";
import { csvOf } from "../maintenance/csv.ts";
import { vehicleReport } from "../report/vehicle-report.ts";
import type { ApiContext } from "./api-context.ts";
import { daysTable, healthAnswer } from "./health-routes.ts";
import { bytesAnswer, identifier, parameters } from "./schema.ts";

const listedMax = 50;

/** What a workshop, a buyer or a court is handed. */
export function reportRoutes(app: FastifyInstance, context: ApiContext): void {
  app.get<{ Params: { id: string } }>("/v1/vehicles/:id/report.pdf", {
    schema: {
      tags: ["maintenance"],
      summary: "A vehicle's health as a PDF",
      description:
        "Figures with their intervals and how each is known, state of health and forecast, causes of each change, warranty, data quality with declared gaps, alerts and work, and the hashes to check it by. Its text can be selected.",
      params: parameters({ id: identifier }, ["id"]),
      querystring: parameters({}),
      response: bytesAnswer("the report", "application/pdf", [404]),
    },
    handler: async ({ params: { id } }, reply) => {
      const bytes = await reportOf(context, id);
      return reply
        .header("content-disposition", `inline; filename="${id}-report.pdf"`)
        .type("application/pdf")
        .send(Buffer.from(bytes));
    },
  });
}

async function reportOf(context: ApiContext, id: string): Promise<Uint8Array> {
  const { care, store, clock } = context;
  const [from, to] = ["1970-01-01", "9999-12-31"];
  const page = { vehicleId: id, before: Number.MAX_SAFE_INTEGER, limit: listedMax };
  const [health, ranking, alerts, orders, frames] = await Promise.all([
    healthAnswer(context, { id, from, to }),
    care.maintenance.ranking(),
    care.alerts.alerts(page),
    care.orders.orders(page),
    store.frames({ ...page, stream: "telemetry" }),
  ]);
  // From its first to its last day, so that days that come later do not change the bytes.
  const { firstDay, lastDay } = health.quality;
  const figures = new TextEncoder().encode(csvOf(daysTable(health.days)));
  return vehicleReport({
    ...{ health, alerts, orders, horizon_d: ranking.horizon_d, made_ms: clock.wall_ms() },
    ranked: ranking.vehicles.find(({ vehicleId }) => vehicleId === id),
    frame: frames.find(({ kind, finality }) => kind === "frame" && finality === "final"),
    figuresHash: toHex(nodeCrypto.sha256(figures)),
    figuresAddress: `/v1/vehicles/${id}/health?format=csv&from=${firstDay}&to=${lastDay}`,
  });
}

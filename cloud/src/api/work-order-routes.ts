import { assert } from "@voltfog/runtime";
import type { FastifyInstance, FastifyRequest } from "fastify";
import {
  type Outcome,
  outcomes,
  type WorkKind,
  type WorkOrder,
  workKinds,
} from "../maintenance/work-order-store.ts";
import { type ApiContext, ApiRefusal, notFound, unknownVehicle } from "./api-context.ts";
import { workOrderSchema } from "./maintenance-schemas.ts";
import { fleetOf, noteAccess } from "./route-guard.ts";
import { answers, identifier, listOf, oneOf, parameters, wholeFrom } from "./schema.ts";

const tags = ["maintenance"];
const route = "/v1/maintenance/work-orders";
const idMax = Number.MAX_SAFE_INTEGER;
const note = { type: "string", maxLength: 500, description: "for people" };
const alertNumber = { type: "integer", minimum: 1, maximum: idMax, description: "that it answers" };

interface ListParameters {
  readonly vehicle?: string;
  readonly state?: WorkOrder["state"];
  readonly before: number;
  readonly limit: number;
}

interface OrderBody {
  readonly vehicleId: string;
  readonly work: WorkKind;
  readonly reason: string;
  readonly alertId?: number;
}

/** Work on vehicles: ordered, done, and what was found, which the ranking learns from. */
export function workOrderRoutes(app: FastifyInstance, context: ApiContext): void {
  listRoute(app, context);
  createRoute(app, context);
  outcomeRoute(app, context);
}

function listRoute(app: FastifyInstance, { care, fleets }: ApiContext): void {
  app.get<{ Querystring: ListParameters }>(route, {
    schema: {
      tags,
      summary: "Work orders, newest first",
      description: "For the next page, `before` takes the last id of this one.",
      querystring: parameters({
        vehicle: identifier,
        state: oneOf(["open", "done"]),
        before: wholeFrom({ minimum: 1, maximum: idMax, default: idMax, description: "lower ids" }),
        limit: wholeFrom({ minimum: 1, maximum: 500, default: 100, description: "at most" }),
      }),
      response: answers("the orders", listOf(workOrderSchema)),
    },
    handler: (request) => {
      const { vehicle, state, ...page } = request.query;
      const vehicleIds = fleets.vehiclesOf(fleetOf(request));
      return care.orders.orders({
        ...(vehicle === undefined ? {} : { vehicleId: vehicle }),
        ...(vehicleIds === undefined ? {} : { vehicleIds }),
        ...(state === undefined ? {} : { state }),
        ...page,
      });
    },
  });
}

function createRoute(app: FastifyInstance, context: ApiContext): void {
  app.post<{ Body: OrderBody }>(route, {
    schema: {
      tags,
      summary: "Order work on a vehicle",
      description:
        "It stands in the plan from now on. What the ranking says of the vehicle is kept with it, so that the outcome can be held against it.",
      querystring: parameters({}),
      body: {
        ...parameters(
          {
            vehicleId: identifier,
            work: oneOf(workKinds),
            reason: { type: "string", minLength: 1, maxLength: 500, description: "for people" },
            alertId: alertNumber,
          },
          ["vehicleId", "work", "reason"],
        ),
        examples: [{ vehicleId: "vehicle-01", work: "inspection", reason: "cell 18 leaks" }],
      },
      response: answers("the order", workOrderSchema, [404]),
    },
    handler: (request) => create(context, request),
  });
}

async function create(
  { care, views, clock }: ApiContext,
  request: FastifyRequest<{ Body: OrderBody }>,
): Promise<WorkOrder> {
  const { vehicleId, work, reason, alertId } = request.body;
  const isKnown =
    views.vehicle(vehicleId) !== undefined || (await care.indicators.hasVehicle(vehicleId));
  if (!isKnown) throw unknownVehicle(vehicleId);
  const alert = alertId === undefined ? undefined : await care.alerts.alert(alertId);
  if (alertId !== undefined && alert?.vehicleId !== vehicleId) {
    throw notFound("UNKNOWN_ALERT", "there is no such alert of this vehicle");
  }
  const { vehicles } = await care.maintenance.ranking();
  const ranked = vehicles.find((one) => one.vehicleId === vehicleId);
  const order = await care.orders.create({
    ...{ vehicleId, work, reason, alertId: alertId ?? null },
    faultProbability: ranked?.faultProbability.value ?? null,
    created_ms: clock.wall_ms(),
    createdBy: callerOf(request as FastifyRequest),
  });
  if (order !== undefined) return order;
  const message = "too many orders are open; say the outcome of some";
  throw new ApiRefusal({ statusCode: 503, code: "ORDERS_FULL", message });
}

function outcomeRoute(app: FastifyInstance, context: ApiContext): void {
  interface Asked {
    Params: { id: number };
    Body: { outcome: Outcome; note?: string };
  }
  app.post<Asked>(`${route}/:id/outcome`, {
    schema: {
      tags,
      summary: "What was found",
      description:
        "fixed: something was wrong and put right. false-alarm: nothing was. Said once; the ranking's next probabilities are corrected by it. 409 ORDER_DONE where another outcome was said.",
      params: parameters(
        { id: wholeFrom({ minimum: 1, maximum: idMax, description: "of the order" }) },
        ["id"],
      ),
      querystring: parameters({}),
      body: {
        ...parameters({ outcome: oneOf(outcomes), note }, ["outcome"]),
        examples: [{ outcome: "fixed", note: "cell 18 changed" }],
      },
      response: answers("the order as it is now", workOrderSchema, [404, 409]),
    },
    handler: async (request) => {
      const { care, fleets, audit, clock } = context;
      const { id } = request.params;
      const known = await care.orders.order(id);
      const asked = request as FastifyRequest;
      const granted = known !== undefined && fleets.sees(fleetOf(asked), known.vehicleId);
      if (known !== undefined) {
        await noteAccess(audit, { request: asked, vehicleId: known.vehicleId, granted });
      }
      if (!granted) throw notFound("UNKNOWN_ORDER", "there is no such work order");
      const { outcome, note: said = null } = request.body;
      const at_ms = clock.wall_ms();
      const closed = await care.orders.close({
        ...{ id, outcome, note: said, by: callerOf(asked), at_ms },
      });
      assert(closed !== undefined, "an order that was read is there");
      if (closed.isNew || closed.order.outcome === outcome) return closed.order;
      const message = `its outcome is ${closed.order.outcome} already`;
      throw new ApiRefusal({ statusCode: 409, code: "ORDER_DONE", message });
    },
  });
}

function callerOf(request: FastifyRequest): string {
  const id = request.caller?.id;
  assert(id !== undefined, "who orders work has a caller");
  return id;
}

import { decodePolicies } from "@voltfog/messages";
import { fence } from "../control/term-routes.ts";
import type { TermGate } from "../control/terms.ts";
import type { OrderDesk } from "../traffic/order-desk.ts";
import type { PolicyDesk } from "../traffic/policy-desk.ts";
import { readPolicyOrder } from "../traffic/policy-order.ts";
import type { App } from "./parameters.ts";

const orderMax_bytes = 4096;

/**
 * GET /v1/policies: what is in force here. PUT: in force on live connections, and durable, when it is answered 204.
 */
export function addPolicyRoutes(app: App, policies: PolicyDesk, terms: TermGate): void {
  app.get("/v1/policies", () => policies.status);
  app.put("/v1/policies", { preHandler: fence(terms) }, async (request, reply) => {
    const decoded = decodePolicies(request.body);
    if (!decoded.ok) {
      const { code, detail } = decoded.problem;
      return reply.status(400).send({ code, message: detail });
    }
    const taken = await policies.take(decoded.value);
    if (taken.ok) return reply.status(204).send();
    const { detail, ...problem } = taken.problem;
    return reply.status(409).send({ ...problem, message: detail ?? "a newer one is in force" });
  });
}

/**
 * POST of one order: 201 {eventId} when it is durable as an event of this unit, 200 with the same eventId for a
 * repeat. What was ordered is history, whoever leads by now, so no term is asked for.
 */
export function addOrderRoute(app: App, orders: Pick<OrderDesk, "take">): void {
  app.post("/v1/policies/orders", { bodyLimit: orderMax_bytes }, async (request, reply) => {
    const order = readPolicyOrder(request.body);
    const taken = order.ok ? await orders.take(order.value) : order;
    if (taken.ok) {
      const { eventId, isRepeat } = taken.value;
      return reply.status(isRepeat ? 200 : 201).send({ eventId });
    }
    const { code, detail } = taken.problem;
    return reply.status(code === "ORDER_INVALID" ? 400 : 503).send({ code, message: detail });
  });
}

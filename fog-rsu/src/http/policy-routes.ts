import { decodePolicies } from "@voltfog/messages";
import { fence } from "../control/term-routes.ts";
import type { TermGate } from "../control/terms.ts";
import type { PolicyDesk } from "../traffic/policy-desk.ts";
import type { App } from "./parameters.ts";

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

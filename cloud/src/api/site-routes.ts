import { CodedError, messageOf } from "@voltfog/runtime";
import type { FastifyInstance } from "fastify";
import { credentialOf } from "../access/identity.ts";
import { parseJson } from "../live/json-value.ts";
import { openStream } from "../live/open-stream.ts";
import { type ApiContext, ApiRefusal } from "./api-context.ts";
import { summarySchema } from "./response-schemas.ts";
import { fleetOf } from "./route-guard.ts";
import { answers, identifier, parameters } from "./schema.ts";

const timeout_ms = 5000;
const placementsMax_bytes = 16 * 1024 * 1024;

/** The start page's figures, the controller's decisions and the live feed. */
export function siteRoutes(app: FastifyInstance, context: ApiContext): void {
  app.get("/v1/summary", {
    schema: {
      tags: ["site"],
      summary: "One figure for each door",
      description:
        "How many vehicles, alerts, frames and blocks, what is final, and which data is replayed or simulated.",
      querystring: parameters({}),
      response: answers("the summary", summarySchema),
    },
    handler: (request) => context.views.summary(fleetOf(request)),
  });

  app.get("/v1/placements", {
    schema: {
      tags: ["site"],
      summary: "Who is attached where, and why",
      description: "The controller's present decisions, as it gives them.",
      querystring: parameters({}),
      response: answers("the placements", { type: "object", additionalProperties: true }, [502]),
    },
    handler: () => placements(context),
  });

  liveRoute(app, context);
}

async function placements(context: ApiContext): Promise<object> {
  const { controller, signal } = context;
  if (controller === undefined) {
    const message = "this site has no controller";
    throw new ApiRefusal({ statusCode: 503, code: "NO_CONTROLLER", message });
  }
  const reply = await controller
    .get("/v1/placements", { signal, timeout_ms, bodyMax_bytes: placementsMax_bytes })
    .catch((thrown: unknown) => {
      if (!(thrown instanceof CodedError)) throw thrown;
      const message = `the controller does not answer: ${messageOf(thrown)}`;
      throw new ApiRefusal({ statusCode: 503, code: "CONTROLLER_UNREACHABLE", message });
    });
  const body = reply.status === 200 ? parseJson(reply.body) : undefined;
  if (typeof body === "object" && body !== null) return body;
  const message = `the controller answers ${reply.status} without placements`;
  throw new ApiRefusal({ statusCode: 502, code: "CONTROLLER_FAILED", message });
}

function liveRoute(app: FastifyInstance, context: ApiContext): void {
  app.get<{ Querystring: { vehicle?: string } }>("/v1/live", {
    // A HEAD request would be a listener that nothing can be sent to, and never get its answer.
    exposeHeadRoute: false,
    schema: {
      tags: ["live"],
      summary: "The live feed",
      description:
        "Server-sent events, each a JSON object with a type: vehicle, event, block, summary, incident, missed when this client was too slow, or at last dropped with a reason: too-slow or token-ended. A vehicle comes at most once a second. With `vehicle`, only that one's.",
      querystring: parameters({ vehicle: identifier }),
      response: {
        ...answers("the feed", {}),
        200: {
          description: "the feed",
          content: { "text/event-stream": { schema: { type: "string" } } },
        },
      },
    },
    handler: (request, reply) => {
      const fleet = fleetOf(request);
      const { hub, clock } = context;
      const vehicleId = request.query.vehicle;
      const credential = credentialOf(request.headers);
      const client = openStream(reply.raw, { hub, clock, vehicleId, fleet, credential });
      if (client === undefined) {
        const message = "too many clients listen; try again";
        throw new ApiRefusal({ statusCode: 503, code: "LIVE_FULL", message });
      }
      reply.hijack();
      client.begin({ type: "summary", summary: context.views.summary(fleet) });
    },
  });
}

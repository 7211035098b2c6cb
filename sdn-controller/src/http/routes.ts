import { type Clock, identifierPattern } from "@voltfog/runtime";
import type { BackboneAccess, HttpService } from "@voltfog/runtime/node";
import type { Pipeline } from "../pipeline.ts";
import { whatIf } from "../placement/what-if.ts";
import type { PolicyDesk } from "../policy/policy-desk.ts";
import { addPolicyRoutes, addPolicyView, policyAccess } from "../policy/policy-routes.ts";
import type { SituationDesk } from "../topology/situation-desk.ts";
import type { UnitAddress } from "../topology/unit-address.ts";
import type { UnitHealth } from "../topology/unit-monitor.ts";
import { readLatencyReports } from "./latency-report.ts";
import { placementsView, topologyView, type ViewParts } from "./views.ts";
import { readWhatIf } from "./what-if-question.ts";

type App = HttpService["app"];

export interface RouteParts extends ViewParts {
  readonly addresses: readonly UnitAddress[];
  readonly pipeline: Pipeline;
  readonly situation: SituationDesk;
  readonly health: () => readonly UnitHealth[];
  /** Called after a request has changed the book. */
  readonly changed: () => void;
  readonly policies: PolicyDesk;
  readonly clock: Clock;
}

/** Who may call what over the backbone. */
export const backboneAccess: BackboneAccess = {
  "GET /v1/topology": ["cloud", "operator"],
  "GET /v1/placements": ["cloud", "operator"],
  "GET /v1/placements/history": ["cloud", "operator"],
  "POST /v1/what-if": ["cloud", "operator"],
  "GET /v1/attachments/:vehicleId": ["edge", "vehicle"],
  "POST /v1/latencies": ["edge", "vehicle"],
  ...policyAccess,
};

/** What anybody on the machine may see. */
export function addViewRoutes(app: App, parts: ViewParts & Pick<RouteParts, "policies">): void {
  app.get("/v1/topology", () => topologyView(parts));
  app.get("/v1/placements", () => placementsView(parts));
  const limit = { type: "integer", minimum: 1, maximum: 1000, default: 100 };
  const querystring = { type: "object", properties: { limit }, additionalProperties: false };
  app.get<{ Querystring: { limit: number } }>(
    "/v1/placements/history",
    { schema: { querystring } },
    (request) => ({ moves: parts.book.history.latest(request.query.limit) }),
  );
  addPolicyView(app, parts.policies);
}

/** What vehicles and the cloud ask. Refusals are JSON {code, message}. */
export function addBackboneRoutes(app: App, parts: RouteParts): void {
  addViewRoutes(app, parts);
  addWhatIfRoute(app, parts);
  addAttachmentRoute(app, parts);
  addLatencyRoute(app, parts);
  addPolicyRoutes(app, { desk: parts.policies, clock: parts.clock });
}

function addWhatIfRoute(app: App, { addresses, book, situation }: RouteParts): void {
  const knownUnits = new Set(addresses.map(({ id }) => id));
  app.post("/v1/what-if", (request, reply) => {
    const question = readWhatIf({ body: request.body, knownUnits });
    if (question.ok) return whatIf({ question: question.value, book, situation: situation.now });
    const { code, detail } = question.problem;
    return reply.status(400).send({ code, message: detail });
  });
}

function addAttachmentRoute(app: App, parts: RouteParts): void {
  const mqttUrls = new Map(parts.addresses.map((address) => [address.id, address.mqttUrl]));
  app.get<{ Params: { vehicleId: string } }>("/v1/attachments/:vehicleId", (request, reply) => {
    const { vehicleId } = request.params;
    if (!identifierPattern.test(vehicleId)) {
      return reply.status(400).send({ code: "VEHICLE_INVALID", message: "no vehicle's id" });
    }
    const retry = reply.header("retry-after", "1");
    const silence = whySilent(parts);
    if (silence !== undefined) return retry.status(503).send(silence);
    const version = parts.book.version;
    const attachment = parts.book.attach(vehicleId, parts.situation.now);
    if (parts.book.version !== version) parts.changed();
    const mqttUrl = attachment === undefined ? undefined : mqttUrls.get(attachment.unitId);
    if (attachment === undefined || mqttUrl === undefined) {
      const code = parts.book.isFull ? "VEHICLES_FULL" : "NO_UNIT";
      return retry.status(503).send({ code, message: "no live unit with room for this vehicle" });
    }
    const { unitId, reason, latency_ms, considered } = attachment;
    return reply
      .removeHeader("retry-after")
      .send({ vehicleId, unitId, mqttUrl, reason, latency_ms, considered });
  });
}

/** Why no vehicle is told anything now; undefined when the controller leads and knows that it does. */
function whySilent({
  pipeline,
  leadership,
  health,
}: RouteParts): { code: string; message: string } | undefined {
  if (!pipeline.isObserved) {
    return { code: "STARTING", message: "units are being measured; ask again in a second" };
  }
  if (leadership.role === "passive") {
    const message = `${leadership.leader ?? "nobody"} leads in term ${leadership.term}`;
    return { code: "PASSIVE", message };
  }
  if (leadership.isSure || !health().some(({ alive }) => alive)) return undefined;
  return { code: "UNSURE", message: "no unit has confirmed this controller lately" };
}

function addLatencyRoute(app: App, parts: RouteParts): void {
  const knownUnits = new Set(parts.addresses.map((address) => address.id));
  app.post("/v1/latencies", (request, reply) => {
    const reports = readLatencyReports({ body: request.body, knownUnits });
    if (!reports.ok) {
      const { code, detail } = reports.problem;
      return reply.status(400).send({ code, message: detail });
    }
    const recorded = reports.value.flatMap(({ vehicleId, latencies }) =>
      latencies.map((one) => parts.latencies.record({ vehicleId, ...one })),
    );
    if (recorded.includes(false)) {
      return reply.status(503).send({ code: "VEHICLES_FULL", message: "too many vehicles report" });
    }
    // A passive controller takes what is measured, so that it knows it when it leads, and says so.
    const silence = whySilent(parts);
    if (silence !== undefined) return reply.status(503).send(silence);
    const places = reports.value.flatMap(({ vehicleId }) => {
      const unitId = parts.book.placeOf(vehicleId);
      return unitId === undefined ? [] : [[vehicleId, unitId] as const];
    });
    return { taken: recorded.length, places: Object.fromEntries(places) };
  });
}

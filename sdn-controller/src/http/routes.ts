import { identifierPattern } from "@voltfog/runtime";
import type { BackboneAccess, HttpService } from "@voltfog/runtime/node";
import type { Pipeline } from "../pipeline.ts";
import type { PlacementBook } from "../placement/placement-book.ts";
import type { LatencyTable } from "../topology/latency-table.ts";
import type { UnitAddress } from "../topology/unit-address.ts";
import type { UnitHealth } from "../topology/unit-monitor.ts";
import { readLatencyReport } from "./latency-report.ts";

type App = HttpService["app"];

export interface RouteParts {
  readonly addresses: readonly UnitAddress[];
  readonly book: PlacementBook;
  readonly pipeline: Pipeline;
  readonly latencies: LatencyTable;
  readonly health: () => readonly UnitHealth[];
  /** Called after a request has changed the book. */
  readonly changed: () => void;
}

/** Who may call what over the backbone. */
export const backboneAccess: BackboneAccess = {
  "GET /v1/topology": ["cloud", "operator"],
  "GET /v1/placements": ["cloud", "operator"],
  "GET /v1/attachments/:vehicleId": ["edge", "vehicle"],
  "POST /v1/latencies": ["edge", "vehicle"],
};

/** What anybody on the machine may see. */
export function addViewRoutes(app: App, parts: Pick<RouteParts, "health" | "book">): void {
  app.get("/v1/topology", () => ({ units: parts.health() }));
  app.get("/v1/placements", () => placementsOf(parts.book));
}

/** What vehicles and the cloud ask. Refusals are JSON {code, message}. */
export function addBackboneRoutes(app: App, parts: RouteParts): void {
  addViewRoutes(app, parts);
  addAttachmentRoute(app, parts);
  addLatencyRoute(app, parts);
}

function placementsOf(book: PlacementBook): object {
  return {
    version: book.version,
    attachments: book.attachments.map(({ rival: _, ...shown }) => shown),
    functions: book.functionPlacements,
  };
}

function addAttachmentRoute(app: App, parts: RouteParts): void {
  const mqttUrls = new Map(parts.addresses.map((address) => [address.id, address.mqttUrl]));
  app.get<{ Params: { vehicleId: string } }>("/v1/attachments/:vehicleId", (request, reply) => {
    const { vehicleId } = request.params;
    if (!identifierPattern.test(vehicleId)) {
      return reply.status(400).send({ code: "VEHICLE_INVALID", message: "no vehicle's id" });
    }
    const retry = reply.header("retry-after", "1");
    if (!parts.pipeline.isObserved) {
      return retry
        .status(503)
        .send({ code: "STARTING", message: "units are being measured; ask again in a second" });
    }
    const version = parts.book.version;
    const attachment = parts.book.attach(vehicleId, parts.pipeline.situation());
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

function addLatencyRoute(app: App, parts: RouteParts): void {
  const knownUnits = new Set(parts.addresses.map((address) => address.id));
  app.post("/v1/latencies", (request, reply) => {
    const report = readLatencyReport({ body: request.body, knownUnits });
    if (!report.ok) {
      const { code, detail } = report.problem;
      return reply.status(400).send({ code, message: detail });
    }
    const { vehicleId, latencies } = report.value;
    const recorded = latencies.map((one) => parts.latencies.record({ vehicleId, ...one }));
    if (recorded.includes(false)) {
      return reply.status(503).send({ code: "VEHICLES_FULL", message: "too many vehicles report" });
    }
    return { vehicleId, taken: latencies.length };
  });
}

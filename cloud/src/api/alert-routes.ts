import { assert } from "@voltfog/runtime";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Alert, AlertNews } from "../alerts/alert.ts";
import type { Delivery } from "../alerts/alert-store.ts";
import { type ApiContext, notFound } from "./api-context.ts";
import { fleetOf, noteAccess } from "./route-guard.ts";
import {
  answers,
  identifier,
  type JsonSchema,
  listOf,
  nullable,
  number,
  objectOf,
  oneOf,
  parameters,
  text,
  whole,
  wholeFrom,
} from "./schema.ts";

const tags = ["alerts"];
const states = ["open", "acknowledged", "closed"] as const;
const newsTold = ["raised", "worse", "escalated", "closed"] as const;
const noticesMax = 20;
const idMax = Number.MAX_SAFE_INTEGER;

type AlertShown = Omit<Alert, "key">;
type DeliveryShown = Omit<Delivery, "body" | "alertId" | "lane" | "restsOn">;

/** The event that recorded a message about the alert. */
interface NoticeShown {
  readonly news: AlertNews;
  readonly eventId: string;
  readonly unitId: string | null;
  readonly finality: "logged" | "final";
  readonly finalHeight: number | null;
  readonly final_ms: number | null;
}

const fields: Readonly<Record<keyof AlertShown, JsonSchema>> = {
  id: whole,
  ruleId: text(),
  vehicleId: text(),
  level: whole,
  state: oneOf(states),
  first_ms: whole,
  last_ms: whole,
  opened_ms: whole,
  times: whole,
  value: number,
  limit: number,
  unit: text(),
  sentence: text(),
  runbook: text("entry of /v1/maintenance/runbook that says what to do"),
  cause: {
    anyOf: [
      objectOf({ kind: oneOf(["event"]), eventId: text() }),
      objectOf({ kind: oneOf(["indicator"]), day: text(), estimator: text() }),
    ],
  },
  origin: oneOf(["measured", "replayed", "simulated"]),
  escalated_ms: nullable(whole),
  acknowledged_ms: nullable(whole),
  acknowledgedBy: nullable(text()),
  note: nullable(text()),
  closed_ms: nullable(whole),
};

const alertSchema = objectOf<AlertShown>(fields);
const delivery = objectOf<DeliveryShown>({
  id: whole,
  receiver: text(),
  news: oneOf(newsTold),
  created_ms: whole,
  attempts: whole,
  next_ms: whole,
  state: oneOf(["waiting", "delivered", "given-up"]),
  ended_ms: nullable(whole),
  error: nullable(text()),
  eventId: { ...nullable(text()), description: "of the event that recorded it on the chain" },
});
const notice = objectOf<NoticeShown>({
  news: oneOf(newsTold),
  eventId: text("its proof is /v1/events/:id/bundle"),
  unitId: { ...nullable(text()), description: "null until the cloud has the event itself" },
  finality: oneOf(["logged", "final"]),
  finalHeight: nullable(whole),
  final_ms: nullable(whole),
});
const detailSchema = objectOf<
  AlertShown & { deliveries: readonly DeliveryShown[]; notices: readonly NoticeShown[] }
>({
  ...fields,
  deliveries: listOf(delivery),
  notices: listOf(notice),
});

const params = parameters(
  { id: wholeFrom({ minimum: 1, maximum: idMax, description: "of the alert" }) },
  ["id"],
);
type AlertRequest = FastifyRequest<{ Params: { id: number }; Body: { note?: string } }>;

interface AlertParameters {
  readonly vehicle?: string;
  readonly state?: Alert["state"];
  readonly before: number;
  readonly limit: number;
}

/** What somebody should look at: list, detail with its deliveries, acknowledgement. */
export function alertRoutes(app: FastifyInstance, context: ApiContext): void {
  listRoute(app, context);
  detailRoute(app, context);
  acknowledgeRoute(app, context);
}

function listRoute(app: FastifyInstance, { care, fleets }: ApiContext): void {
  app.get<{ Querystring: AlertParameters }>("/v1/alerts", {
    schema: {
      tags,
      summary: "Alerts, newest first",
      description:
        "One per condition, however often it was found: from rules on events of units and on daily indicators. For the next page, `before` takes the last id of this one.",
      querystring: parameters({
        vehicle: identifier,
        state: oneOf(states),
        before: wholeFrom({
          minimum: 1,
          maximum: idMax,
          default: idMax,
          description: "only lower ids",
        }),
        limit: wholeFrom({ minimum: 1, maximum: 500, default: 100, description: "at most" }),
      }),
      response: answers("the alerts", listOf(alertSchema)),
    },
    handler: (request) => {
      const { vehicle, state, ...page } = request.query;
      const vehicleIds = fleets.vehiclesOf(fleetOf(request));
      return care.alerts.alerts({
        ...(vehicle === undefined ? {} : { vehicleId: vehicle }),
        ...(vehicleIds === undefined ? {} : { vehicleIds }),
        ...(state === undefined ? {} : { state }),
        ...page,
      });
    },
  });
}

function detailRoute(app: FastifyInstance, context: ApiContext): void {
  app.get<{ Params: { id: number } }>("/v1/alerts/:id", {
    schema: {
      tags,
      summary: "One alert",
      description:
        "With every message about it: who was told, when, and what came of it; and with the newest twenty events that recorded them on the chain, each with whether it is final.",
      params,
      querystring: parameters({}),
      response: answers("the alert", detailSchema, [404]),
    },
    handler: async (request) => {
      const alert = await alertOf(context, request as AlertRequest);
      const deliveries = await context.care.alerts.deliveries(alert.id);
      return { ...alert, deliveries, notices: await noticesOf(context, deliveries) };
    },
  });
}

async function noticesOf(
  { store }: ApiContext,
  deliveries: readonly Delivery[],
): Promise<readonly NoticeShown[]> {
  const recorded = deliveries.flatMap(({ news, eventId }) =>
    eventId === null ? [] : [{ news, eventId }],
  );
  const shown: NoticeShown[] = [];
  for (const { news, eventId } of recorded.slice(-noticesMax)) {
    const event = await store.event(eventId);
    const { unitId = null, finality = "logged", finalHeight = null, final_ms = null } = event ?? {};
    shown.push({ news, eventId, unitId, finality, finalHeight, final_ms });
  }
  return shown;
}

function acknowledgeRoute(app: FastifyInstance, context: ApiContext): void {
  app.post<{ Params: { id: number }; Body: { note?: string } }>("/v1/alerts/:id/acknowledge", {
    schema: {
      tags,
      summary: "Somebody looks after it",
      description:
        "From now on it is not escalated, unless it grows. Doing so again changes nothing; a closed alert stays closed.",
      params,
      querystring: parameters({}),
      body: {
        ...parameters({ note: { type: "string", maxLength: 500, description: "for people" } }),
        examples: [{ note: "called the workshop" }],
      },
      response: answers("the alert as it is now", alertSchema, [404]),
    },
    handler: async (request) => {
      const { id } = await alertOf(context, request as AlertRequest);
      const by = request.caller?.id;
      assert(by !== undefined, "who acknowledges has a caller");
      return context.care.desk.acknowledge({ id, by, note: request.body.note ?? null });
    },
  });
}

/** UNKNOWN_ALERT for one that is not there, and for one of another fleet's vehicle. */
async function alertOf({ care, fleets, audit }: ApiContext, request: AlertRequest): Promise<Alert> {
  const alert = await care.alerts.alert(request.params.id);
  if (alert !== undefined) {
    const { vehicleId } = alert;
    const granted = fleets.sees(fleetOf(request as FastifyRequest), vehicleId);
    await noteAccess(audit, { request: request as FastifyRequest, vehicleId, granted });
    if (granted) return alert;
  }
  throw notFound("UNKNOWN_ALERT", "there is no such alert");
}

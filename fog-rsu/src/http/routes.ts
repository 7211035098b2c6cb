import type { BackboneAccess } from "@voltfog/runtime/node";
import type { EarlierLog } from "../log/earlier-logs.ts";
import type { NoticeDesk } from "../notices/notice-desk.ts";
import type { OrderDesk } from "../traffic/order-desk.ts";
import type { ChangeSignal } from "./change-signal.ts";
import { addChargerRoute, type ChargerParts } from "./charger-routes.ts";
import { addControlRoutes, type ControlParts } from "./control-routes.ts";
import { addEntryRoutes } from "./entry-routes.ts";
import { addEventRoutes } from "./event-routes.ts";
import { addFunctionStateRoute } from "./function-state-routes.ts";
import { addNoticeRoutes } from "./notice-routes.ts";
import { type App, refuseUnknown } from "./parameters.ts";
import { addOrderRoute, addPolicyRoutes } from "./policy-routes.ts";
import { addProofRoutes, type ProofParts } from "./proof-routes.ts";
import { addStatusRoute, type StatusParts } from "./status-route.ts";
import { addTileRoutes } from "./tile-routes.ts";

export interface RouteParts {
  readonly status: StatusParts;
  readonly control: ControlParts;
  readonly proofs: ProofParts;
  readonly chargers: ChargerParts;
  readonly notices: Pick<NoticeDesk, "take">;
  readonly orders: Pick<OrderDesk, "take">;
  readonly earlier: readonly EarlierLog[];
  readonly grown: ChangeSignal;
  readonly changed: ChangeSignal;
}

/** Who may call what over the backbone. Frames name vehicles, so only the cloud reads all of them. */
export const backboneAccess: BackboneAccess = {
  "GET /v1/status": ["cloud", "controller", "operator"],
  "GET /v1/logs": ["cloud", "operator"],
  "GET /v1/entries": ["cloud"],
  "GET /v1/chargers": ["cloud", "operator"],
  "GET /v1/events": ["cloud", "operator"],
  "GET /v1/proofs/frame": ["cloud", "operator"],
  "GET /v1/proofs/event/:id": ["cloud", "operator"],
  "POST /v1/notices": ["cloud"],
  "GET /v1/heartbeat": ["controller", "operator", "unit"],
  "PUT /v1/assignment": ["controller"],
  "GET /v1/function-states": ["unit", "controller"],
  "GET /v1/policies": ["controller", "operator"],
  "PUT /v1/policies": ["controller"],
  "POST /v1/policies/orders": ["controller"],
  "GET /v1/vehicles/:id/commands": ["cloud", "controller", "operator"],
  "POST /v1/vehicles/:id/commands": ["cloud", "controller", "operator"],
};

/** What anybody may see: the unit's status and its published log, which holds commitments alone. */
export function addPublicRoutes(app: App, { status }: RouteParts): void {
  refuseUnknown(app);
  addStatusRoute(app, status);
  addTileRoutes(app, status.log);
}

/** What the site's own processes ask. Every refusal is JSON {code, message}; no input gets a 500. */
export function addBackboneRoutes(app: App, parts: RouteParts): void {
  const { log, logNumber, events } = parts.status;
  refuseUnknown(app);
  addStatusRoute(app, parts.status);
  addEntryRoutes(app, { log, logNumber, earlier: parts.earlier, grown: parts.grown });
  addEventRoutes(app, { events, changed: parts.changed });
  addChargerRoute(app, parts.chargers);
  addProofRoutes(app, parts.proofs);
  addControlRoutes(app, parts.control);
  addFunctionStateRoute(app, parts.status);
  addNoticeRoutes(app, parts.notices);
  addPolicyRoutes(app, parts.status.policies, parts.control.terms);
  addOrderRoute(app, parts.orders);
}

import type { ChangeSignal } from "./change-signal.ts";
import { addControlRoutes, type ControlParts } from "./control-routes.ts";
import { addEntryRoutes } from "./entry-routes.ts";
import { addEventRoutes } from "./event-routes.ts";
import { type App, refuseUnknown } from "./parameters.ts";
import { addProofRoutes, type ProofParts } from "./proof-routes.ts";
import { addStatusRoute, type StatusParts } from "./status-route.ts";
import { addTileRoutes } from "./tile-routes.ts";

export interface RouteParts {
  readonly status: StatusParts;
  readonly control: ControlParts;
  readonly proofs: ProofParts;
  readonly grown: ChangeSignal;
  readonly changed: ChangeSignal;
}

/** The unit's HTTP side. Every refusal is JSON {code, message}; no input is answered with 500. */
export function addRoutes(app: App, parts: RouteParts): void {
  const { log, events } = parts.status;
  refuseUnknown(app);
  addStatusRoute(app, parts.status);
  addTileRoutes(app, log);
  addEntryRoutes(app, { log, grown: parts.grown });
  addEventRoutes(app, { events, changed: parts.changed });
  addProofRoutes(app, parts.proofs);
  addControlRoutes(app, parts.control);
}

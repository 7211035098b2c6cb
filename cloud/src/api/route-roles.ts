import type { Caller } from "../access/caller.ts";
import { type TokenRole, tokenRoles } from "../access/token-file.ts";

/** Where a request names a vehicle: of its path, its query or its body. */
export type VehiclePlace = "params.id" | "query.vehicle" | "body.vehicleId";

/** Who may call a route: anybody without a token, or holders of these roles. */
export interface RouteAccess {
  readonly roles: "public" | readonly TokenRole[];
  /**
   * What who belongs to one fleet gets: `all`, since it tells of no vehicle; `own`, of that fleet's vehicles
   * alone; `refused`, since it tells of the site as a whole.
   */
  readonly fleet: "all" | "own" | "refused";
  /** A vehicle that stands there and is of another fleet is answered as one that nobody knows. */
  readonly vehicleIn: readonly VehiclePlace[];
  /** It is about a thing with an id of its own, and says itself which vehicle that is of. */
  readonly ofThing?: true;
}

const open: RouteAccess = { roles: "public", fleet: "all", vehicleIn: [] };
const chain: RouteAccess = { roles: tokenRoles, fleet: "all", vehicleIn: [] };
const siteRoles = ["operator", "fleet-engineer", "authority", "auditor"] as const;
/** Who is told of vehicles. */
export const vehicleRoles = ["operator", "fleet-engineer", "manufacturer", "authority"] as const;
const workshopRoles = ["operator", "fleet-engineer"] as const;
const evidenceRoles = [...vehicleRoles, "recycler", "auditor"] as const;

const site: RouteAccess = { roles: siteRoles, fleet: "refused", vehicleIn: [] };
/** Who may have the controller work out a supposition. */
const planning: RouteAccess = { ...site, roles: ["operator", "fleet-engineer"] };
const overview: RouteAccess = { roles: siteRoles, fleet: "own", vehicleIn: [] };

/**
 * Every route of the public API. Driver, pile owner, charge-point operator and grid company read the chain
 * alone: nothing here says which vehicle is a driver's, so nobody can be shown only their own.
 */
const table: Readonly<Record<string, RouteAccess>> = {
  "/openapi.json": open,
  "/v1/session": open,
  "/v1/chargers": open,
  "/v1/chargers/:id": open,
  "/v1/recommendations": open,
  "/v1/destinations/:driver": open,
  "/v1/genesis": open,
  "/v1/blocks": chain,
  "/v1/blocks/:height": chain,
  "/v1/validators": chain,
  "/v1/transactions": chain,
  "/v1/transactions/:hash": chain,
  "/v1/transactions/:hash/proof": chain,
  "/v1/chain": chain,
  "/v1/epochs": chain,
  "/v1/changes": chain,
  "/v1/logs": chain,
  "/v1/logs/cosignatures": chain,
  "/v1/logs/checkpoints": chain,
  "/v1/logs/growth": chain,
  "/v1/find": chain,
  "/v1/market/accounts": open,
  "/v1/market/deposits": open,
  "/v1/market/transactions": open,
  "/v1/market/overview": chain,
  "/v1/market/accounts/:key": chain,
  "/v1/market/notifications": chain,
  "/v1/market/orders": chain,
  "/v1/market/meeting-points": chain,
  "/v1/market/trades": chain,
  "/v1/market/trades/:id": chain,
  "/v1/market/trades/:id/directions": chain,
  "/v1/market/disputes": chain,
  "/v1/market/sessions": chain,
  "/v1/market/sessions/:id": chain,
  "/v1/market/piles": chain,
  "/v1/market/contracts": chain,
  "/v1/market/contracts/:id": chain,
  "/v1/market/beans": chain,
  "/v1/market/charge-points": chain,
  "/v1/market/wear": own(vehicleRoles, "query.vehicle"),
  "/v1/settlement/meters": open,
  "/v1/settlement/counts": open,
  "/v1/settlement/days/:day": chain,
  "/v1/settlement/cdrs": chain,
  "/v1/settlement/reports": chain,
  "/v1/settlement/advice": chain,
  "/v1/settlement/export": chain,
  "/v1/settlement/receipts/:sessionId": chain,
  "/v1/units": site,
  "/v1/incidents": site,
  "/v1/placements": site,
  "/v1/control/topology": site,
  "/v1/control/placements": site,
  "/v1/control/history": site,
  "/v1/control/policies": site,
  "/v1/control/what-if": planning,
  "/v1/summary": overview,
  "/v1/links": own(siteRoles, "query.vehicle"),
  "/v1/live": own(vehicleRoles, "query.vehicle"),
  "/v1/vehicles": own(vehicleRoles),
  "/v1/vehicles/:id": own(vehicleRoles, "params.id"),
  "/v1/vehicles/:id/history": own(vehicleRoles, "params.id"),
  "/v1/vehicles/:id/cells": own(vehicleRoles, "params.id"),
  "/v1/vehicles/:id/cells/history": own(vehicleRoles, "params.id"),
  "/v1/vehicles/:id/residuals": own(vehicleRoles, "params.id"),
  "/v1/vehicles/:id/frames": own(evidenceRoles, "params.id"),
  "/v1/vehicles/:id/frames/:sequence/bundle": own(evidenceRoles, "params.id"),
  "/v1/events": own(evidenceRoles, "query.vehicle"),
  "/v1/events/:id": ofThing(evidenceRoles),
  "/v1/events/:id/steps": ofThing(evidenceRoles),
  "/v1/events/:id/bundle": ofThing(evidenceRoles),
  "/v1/alerts": own([...vehicleRoles, "auditor"], "query.vehicle"),
  "/v1/alerts/:id": ofThing([...vehicleRoles, "auditor"]),
  "/v1/alerts/:id/acknowledge": ofThing(workshopRoles),
  "/v1/maintenance/ranking": own(siteRoles),
  "/v1/maintenance/plan": own(siteRoles),
  "/v1/maintenance/runbook": { roles: evidenceRoles, fleet: "all", vehicleIn: [] },
  "/v1/maintenance/work-orders": own(workshopRoles, "query.vehicle", "body.vehicleId"),
  "/v1/maintenance/work-orders/:id/outcome": ofThing(workshopRoles),
  "/v1/vehicles/:id/health": own(vehicleRoles, "params.id"),
  "/v1/vehicles/:id/report.pdf": own(vehicleRoles, "params.id"),
  "/v1/fleet/trends": own(siteRoles),
  "/v1/audit": { ...site, roles: ["authority", "auditor"] },
};

/** The row of a route as it is registered; undefined where it has none. */
export function accessOf(url: string): RouteAccess | undefined {
  return Object.hasOwn(table, url) ? table[url] : undefined;
}

/** Whether somebody may call a route of this row. */
export function mayCall({ roles, fleet }: RouteAccess, caller: Caller): boolean {
  if (fleet === "refused" && caller.fleet !== undefined) return false;
  return roles === "public" || roles.includes(caller.role);
}

/** A route that somebody may not call, and who may. */
export interface RefusedRoute {
  readonly route: string;
  readonly roles: readonly TokenRole[];
  /** It tells of the site as a whole, so nobody who belongs to one fleet may. */
  readonly wholeSite: boolean;
}

/** What somebody may call, by routes as they are registered, and what not; undefined: who is nobody. */
export function rightsOf(caller: Caller | undefined): {
  readonly may: readonly string[];
  readonly refused: readonly RefusedRoute[];
} {
  const may: string[] = [];
  const refused: RefusedRoute[] = [];
  for (const [route, access] of Object.entries(table)) {
    const { roles } = access;
    if (roles === "public" || (caller !== undefined && mayCall(access, caller))) may.push(route);
    else refused.push({ route, roles, wholeSite: access.fleet === "refused" });
  }
  return { may, refused };
}

function own(roles: readonly TokenRole[], ...vehicleIn: readonly VehiclePlace[]): RouteAccess {
  return { roles, fleet: "own", vehicleIn };
}

function ofThing(roles: readonly TokenRole[]): RouteAccess {
  return { roles, fleet: "own", vehicleIn: [], ofThing: true };
}

/** Every route, for tests that must miss none. */
export function guardedRoutes(): readonly string[] {
  return Object.keys(table);
}

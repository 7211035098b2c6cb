import { type TokenRole, tokenRoles } from "../access/token-file.ts";

/** Who may call a route: anybody without a token, or holders of these roles. */
export interface RouteAccess {
  readonly roles: "public" | readonly TokenRole[];
  /** It tells of vehicles: a token of one fleet is refused, since vehicles have no fleet here yet. */
  readonly isOfVehicles: boolean;
}

const open: RouteAccess = { roles: "public", isOfVehicles: false };
const chain: RouteAccess = { roles: tokenRoles, isOfVehicles: false };
const site = ofVehicles("operator", "fleet-engineer", "authority", "auditor");
const vehicles = ofVehicles("operator", "fleet-engineer", "manufacturer", "authority");
const evidence = ofVehicles(
  ...(["operator", "fleet-engineer", "manufacturer"] as const),
  ...(["recycler", "authority", "auditor"] as const),
);

/**
 * Every route of the public API. Driver, pile owner, charge-point operator and grid company read the chain
 * alone: what a vehicle belongs to is not known here, so nobody can be shown only their own.
 */
const table: Readonly<Record<string, RouteAccess>> = {
  "/openapi.json": open,
  "/v1/chargers": open,
  "/v1/chargers/:id": open,
  "/v1/recommendations": open,
  "/v1/destinations/:driver": open,
  "/v1/genesis": open,
  "/v1/blocks": chain,
  "/v1/blocks/:height": chain,
  "/v1/validators": chain,
  "/v1/units": site,
  "/v1/incidents": site,
  "/v1/summary": site,
  "/v1/placements": site,
  "/v1/links": site,
  "/v1/live": vehicles,
  "/v1/vehicles": vehicles,
  "/v1/vehicles/:id": vehicles,
  "/v1/vehicles/:id/history": vehicles,
  "/v1/vehicles/:id/cells": vehicles,
  "/v1/vehicles/:id/frames": evidence,
  "/v1/vehicles/:id/frames/:sequence/bundle": evidence,
  "/v1/events": evidence,
  "/v1/events/:id": evidence,
  "/v1/events/:id/bundle": evidence,
};

/** The row of a route as it is registered; undefined where it has none. */
export function accessOf(url: string): RouteAccess | undefined {
  return Object.hasOwn(table, url) ? table[url] : undefined;
}

function ofVehicles(...roles: readonly TokenRole[]): RouteAccess {
  return { roles, isOfVehicles: true };
}

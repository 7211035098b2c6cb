import type { Outcome } from "@voltfog/runtime";
import { type AnswerProblem, decodeAnswer, type Fields } from "./answer-fields.ts";

/** What a unit offers or has given away. */
export interface Resources {
  /** Cores. */
  readonly cpu: number;
  readonly memory_MB: number;
}

export interface UplinkView {
  readonly url: string;
  readonly latency_ms: number | null;
  readonly chosen: boolean;
}

/** A unit as the controller sees it; null where the controller does not say. */
export interface UnitNode {
  readonly id: string;
  readonly zone: string | null;
  readonly alive: boolean;
  /** Neither alive nor dead: nothing was heard of it since the controller started. */
  readonly unknown: boolean;
  readonly capacity: Resources | null;
  readonly used: Resources | null;
  /** Round trip from the controller. */
  readonly latency_ms: number | null;
  readonly uplinks: readonly UplinkView[];
  readonly lastSeen_ms: number | null;
  readonly connectedVehicles: number;
}

/** Between two units, as `from` measured it. */
export interface UnitLink {
  readonly from: string;
  readonly to: string;
  readonly latency_ms: number | null;
  readonly at_ms: number | null;
}

export interface VehicleLatency {
  readonly unitId: string;
  readonly latency_ms: number;
}

export interface VehicleNode {
  readonly vehicleId: string;
  readonly latencies: readonly VehicleLatency[];
}

export interface Topology {
  readonly controllerId: string | null;
  /** Of the controller's rule: a controller with a lower one is obeyed by nobody. */
  readonly term: number | null;
  readonly role: "leading" | "passive" | null;
  readonly units: readonly UnitNode[];
  readonly links: readonly UnitLink[];
  readonly vehicles: readonly VehicleNode[];
}

const unitsMax = 2000;
const linksMax = 200_000;
const vehiclesMax = 100_000;
const latency = { max: 86_400_000 };

/** The controller's GET /v1/topology. */
export function decodeTopology(value: unknown): Outcome<Topology, AnswerProblem> {
  return decodeAnswer(value, (fields) => {
    const role = fields.oneOf("role", ["leading", "passive", "unsaid"], "unsaid");
    return {
      controllerId: fields.textOrNull("controllerId"),
      term: fields.wholeOrNull("term"),
      role: role === "unsaid" ? null : role,
      units: fields.list("units", unitsMax, unitOf),
      links: fields.list("links", linksMax, linkOf),
      vehicles: fields.list("vehicles", vehiclesMax, vehicleOf),
    };
  });
}

function unitOf(fields: Fields): UnitNode {
  return {
    id: fields.text("id"),
    zone: fields.textOrNull("zone"),
    alive: fields.flag("alive"),
    unknown: fields.flagIfSaid("unknown"),
    capacity: fields.partOrNull("capacity", resourcesOf),
    used: fields.partOrNull("used", resourcesOf),
    latency_ms: fields.numberOrNull("latency_ms", latency),
    uplinks: fields.list("uplinks", 64, (uplink) => ({
      url: uplink.text("url"),
      latency_ms: uplink.numberOrNull("latency_ms", latency),
      chosen: uplink.flag("chosen"),
    })),
    lastSeen_ms: fields.instantOrNull("lastSeen_ms"),
    connectedVehicles: fields.whole("connectedVehicles"),
  };
}

function resourcesOf(fields: Fields): Resources {
  return { cpu: fields.number("cpu"), memory_MB: fields.number("memory_MB") };
}

function linkOf(fields: Fields): UnitLink {
  return {
    from: fields.text("from"),
    to: fields.text("to"),
    latency_ms: fields.numberOrNull("latency_ms", latency),
    at_ms: fields.instantOrNull("at_ms"),
  };
}

function vehicleOf(fields: Fields): VehicleNode {
  return {
    vehicleId: fields.text("vehicleId"),
    latencies: fields.list("latencies", unitsMax, (one) => ({
      unitId: one.text("unitId"),
      latency_ms: one.number("latency_ms", latency),
    })),
  };
}

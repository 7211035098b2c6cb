import { holdPort } from "@voltfog/runtime/node";
import { complaint } from "../complaint.ts";

/** One port per listener of a site. */
export interface SitePorts {
  readonly cloud: number;
  readonly controller: { readonly http: number; readonly backbone: number };
  readonly edge: number;
  readonly units: readonly UnitPorts[];
  readonly validators: readonly ValidatorPorts[];
}

export interface UnitPorts {
  readonly http: number;
  readonly mqtt: number;
  /** For connections that carry alarms alone. */
  readonly urgent: number;
  readonly backbone: number;
}

export interface ValidatorPorts {
  readonly p2p: number;
  readonly http: number;
  readonly backbone: number;
}

/** Ten blocks of ten ports: more units would run into the next block. */
export const unitsMax = 10;
const portSpan = 80;

/**
 * The ports of a site above a base: cloud +0, controller +1 and its backbone +3, edge +2; units' HTTP
 * from +11, MQTT from +21 and backbone from +51; validators' links from +31, HTTP from +41 and backbone
 * from +61; units' MQTT of alarms from +71.
 */
export function portsAbove(base: number, units: number): SitePorts {
  const each = Array.from({ length: units }, (_, i) => base + i);
  return {
    cloud: base,
    controller: { http: base + 1, backbone: base + 3 },
    edge: base + 2,
    units: each.map((at) => ({
      ...{ http: at + 11, mqtt: at + 21, backbone: at + 51, urgent: at + 71 },
    })),
    validators: each.map((at) => ({ p2p: at + 31, http: at + 41, backbone: at + 61 })),
  };
}

/** The base port of --port: 0 for any free ports, otherwise one with room for all the others above it. */
export function parseBasePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port === 0 || (port >= 1 && port + portSpan <= 65_535)) return port;
  throw complaint({
    code: "PORT_INVALID",
    what: `--port is ${JSON.stringify(text)}`,
    remedy: `give 0 for free ports, or a number from 1 to ${65_535 - portSpan}`,
  });
}

/** Those of the ports that cannot be had at this moment. */
export async function portsTaken(ports: readonly number[]): Promise<readonly number[]> {
  const taken: number[] = [];
  for (const port of ports) {
    const server = await holdPort(port);
    if (server === undefined) taken.push(port);
    else await new Promise((resolve) => server.close(resolve));
  }
  return taken;
}

/** Every port of the site, in no particular order. */
export function portList(ports: SitePorts): readonly number[] {
  return [
    ports.cloud,
    ports.controller.http,
    ports.controller.backbone,
    ports.edge,
    ...ports.units.flatMap(({ http, mqtt, urgent, backbone }) => [http, mqtt, urgent, backbone]),
    ...ports.validators.flatMap(({ p2p, http, backbone }) => [p2p, http, backbone]),
  ];
}

import type { UnitId, VehicleId } from "@voltfog/runtime";
import {
  createHttpClient,
  type HttpCall,
  type HttpClient,
  type TlsIdentity,
} from "@voltfog/runtime/node";
import type { UplinkTarget } from "./uplink-session.ts";
import { parseTarget } from "./uplink-target.ts";

/** What one vehicle measured. */
export interface VehicleLatencies {
  readonly vehicleId: VehicleId;
  readonly latencies: readonly {
    readonly unitId: UnitId;
    readonly latency_ms: number;
    /** Of the unit that it is connected to: from a publish to its acknowledgement. */
    readonly mqtt_ms?: number;
  }[];
}

/** What vehicles ask of the controller. No call ever rejects: the controller is a help, not a need. */
export interface ControllerClient {
  /** The unit to attach to; undefined when no controller answers or has none. */
  attachment(vehicleId: VehicleId): Promise<UplinkTarget | undefined>;
  /** Where the controller has each of the vehicles; undefined when none took the report. */
  reportLatencies(
    reports: readonly VehicleLatencies[],
  ): Promise<ReadonlyMap<string, string> | undefined>;
  close(): void;
}

const timeout_ms = 2000;
const answerMax_bytes = 262_144;

/**
 * The controllers over HTTPS with mutual TLS, `https://host:port` or `id@https://host:port` each, separated
 * by commas: the one that answered last is asked first, since only the leading one answers. An empty list is
 * one that never answers.
 */
export function createControllerClient(options: {
  url: string;
  identity: TlsIdentity;
}): ControllerClient {
  const { identity } = options;
  let clients = controllersIn(options.url).map(({ peerId, url }) =>
    createHttpClient({ url, peerId, identity }),
  );
  const ask = async (asked: Asked): Promise<unknown> => {
    for (const client of clients) {
      const answer = await request(client, asked);
      if (answer === undefined) continue;
      if (client !== clients[0]) clients = [client, ...clients.filter((one) => one !== client)];
      return answer;
    }
    return undefined;
  };
  return {
    async attachment(vehicleId) {
      const answer = await ask({ path: `/v1/attachments/${vehicleId}` });
      if (typeof answer !== "object" || answer === null) return undefined;
      const { unitId, mqttUrl } = answer as { unitId?: unknown; mqttUrl?: unknown };
      return parseTarget(`${String(unitId)}@${String(mqttUrl).replace(/\/+$/, "")}`);
    },
    async reportLatencies(reports) {
      const body = { type: "application/json", bytes: JSON.stringify({ reports }) };
      return placesIn(await ask({ path: "/v1/latencies", method: "POST", body }));
    },
    close: () => {
      for (const client of clients) client.close();
    },
  };
}

type Asked = Pick<HttpCall, "path" | "method" | "body">;

function controllersIn(text: string): readonly { peerId: string; url: string }[] {
  const addresses = text.split(",").map((one) => one.trim());
  return addresses
    .filter((one) => one !== "")
    .map((one) => {
      const [, id, url = one] = /^([a-z][a-z0-9-]{0,31})@(.*)$/.exec(one) ?? [];
      return { peerId: id ?? "controller", url };
    });
}

function placesIn(answer: unknown): ReadonlyMap<string, string> | undefined {
  if (typeof answer !== "object" || answer === null) return undefined;
  const { places } = answer as { places?: unknown };
  if (typeof places !== "object" || places === null) return new Map();
  return new Map(Object.entries(places).map(([vehicle, unit]) => [vehicle, String(unit)]));
}

async function request(client: HttpClient, asked: Asked): Promise<unknown> {
  try {
    const signal = AbortSignal.timeout(timeout_ms);
    const answer = await client.call({ ...asked, signal, bodyMax_bytes: answerMax_bytes });
    if (answer.status !== 200) return undefined;
    return JSON.parse(new TextDecoder().decode(answer.body));
  } catch {
    return undefined;
  }
}

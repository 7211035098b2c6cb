import type { UnitId, VehicleId } from "@voltfog/runtime";
import {
  createHttpClient,
  type HttpCall,
  type HttpClient,
  type TlsIdentity,
} from "@voltfog/runtime/node";
import type { UplinkTarget } from "./uplink-session.ts";
import { parseTarget } from "./uplink-target.ts";

export interface UnitLatency {
  readonly unitId: UnitId;
  readonly latency_ms: number;
}

/** What a vehicle asks of the controller. Neither call ever rejects: the controller is a help, not a need. */
export interface ControllerClient {
  /** The unit to attach to; undefined when the controller does not answer or has none. */
  attachment(vehicleId: VehicleId): Promise<UplinkTarget | undefined>;
  /** False when the controller did not take it. */
  reportLatencies(vehicleId: VehicleId, latencies: readonly UnitLatency[]): Promise<boolean>;
  close(): void;
}

const timeout_ms = 2000;
const answerMax_bytes = 65_536;

/** The controller over HTTPS with mutual TLS; an empty address is one that never answers. */
export function createControllerClient(options: {
  url: string;
  identity: TlsIdentity;
}): ControllerClient {
  if (options.url === "") return absentController;
  const client = createHttpClient({ ...options, peerId: "controller" });
  return {
    async attachment(vehicleId) {
      const answer = await request(client, { path: `/v1/attachments/${vehicleId}` });
      if (typeof answer !== "object" || answer === null) return undefined;
      const { unitId, mqttUrl } = answer as { unitId?: unknown; mqttUrl?: unknown };
      return parseTarget(`${String(unitId)}@${String(mqttUrl).replace(/\/+$/, "")}`);
    },
    async reportLatencies(vehicleId, latencies) {
      const body = {
        type: "application/json",
        bytes: JSON.stringify({ vehicleId, latencies }),
      };
      const asked = { path: "/v1/latencies", method: "POST", body } as const;
      return (await request(client, asked)) !== undefined;
    },
    close: () => client.close(),
  };
}

const absentController: ControllerClient = {
  attachment: () => Promise.resolve(undefined),
  reportLatencies: () => Promise.resolve(false),
  close() {},
};

async function request(
  client: HttpClient,
  asked: Pick<HttpCall, "path" | "method" | "body">,
): Promise<unknown> {
  try {
    const signal = AbortSignal.timeout(timeout_ms);
    const answer = await client.call({ ...asked, signal, bodyMax_bytes: answerMax_bytes });
    if (answer.status !== 200) return undefined;
    return JSON.parse(new TextDecoder().decode(answer.body));
  } catch {
    return undefined;
  }
}

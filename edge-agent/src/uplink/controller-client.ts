import type { UnitId, VehicleId } from "@voltfog/runtime";
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
}

const timeout_ms = 2000;

/** The controller over HTTP; an empty address is one that never answers. */
export function createControllerClient(url: string): ControllerClient {
  const root = url.replace(/\/+$/, "");
  return {
    async attachment(vehicleId) {
      if (root === "") return undefined;
      const answer = await request(`${root}/v1/attachments/${vehicleId}`);
      if (typeof answer !== "object" || answer === null) return undefined;
      const { unitId, mqttUrl } = answer as { unitId?: unknown; mqttUrl?: unknown };
      return parseTarget(`${String(unitId)}@${String(mqttUrl).replace(/\/+$/, "")}`);
    },
    async reportLatencies(vehicleId, latencies) {
      if (root === "") return false;
      const body = JSON.stringify({ vehicleId, latencies });
      return (await request(`${root}/v1/latencies`, body)) !== undefined;
    },
  };
}

async function request(url: string, body?: string): Promise<unknown> {
  const posting =
    body === undefined
      ? {}
      : { method: "POST", body, headers: { "content-type": "application/json" } };
  try {
    const answer = await fetch(url, { ...posting, signal: AbortSignal.timeout(timeout_ms) });
    const text = await answer.text();
    if (!answer.ok) return undefined;
    return text === "" ? {} : JSON.parse(text);
  } catch {
    return undefined;
  }
}

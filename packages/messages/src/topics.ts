import { type UnitId, unitId, type VehicleId, vehicleId } from "@voltfog/runtime";

/** What a vehicle publishes. */
export type UpTopic = "hello" | "telemetry" | "urgent" | "command-ack";

/** What a unit publishes to a vehicle. */
/**
 * What a vehicle adds to its id as the client of its second connection, over which its alarms go where the
 * unit has a port for them. It publishes there and reads nothing.
 */
export const urgentClientSuffix = "/urgent";

export type DownTopic = "receipt" | "refusal" | "command";

const upTopics: readonly string[] = [
  "hello",
  "telemetry",
  "urgent",
  "command-ack",
] satisfies UpTopic[];
const downTopics: readonly string[] = ["receipt", "refusal", "command"] satisfies DownTopic[];

/** A topic's meaning. */
export type ParsedTopic =
  | { readonly direction: "up"; readonly vehicleId: VehicleId; readonly kind: UpTopic }
  | { readonly direction: "down"; readonly vehicleId: VehicleId; readonly kind: DownTopic }
  | { readonly direction: "operators"; readonly unitId: UnitId; readonly kind: "dead-letter" };

/** Where a vehicle publishes its hello, frames and acknowledgements. */
export function upTopic(vehicle: VehicleId, kind: UpTopic): string {
  return `voltfog/v1/${vehicle}/${kind}`;
}

/** Where a unit answers a vehicle. */
export function downTopic(vehicle: VehicleId, kind: DownTopic): string {
  return `voltfog/v1/${vehicle}/${kind}`;
}

/** Where a unit publishes what it refused, for its operators. */
export function deadLetterTopic(unit: UnitId): string {
  return `voltfog/v1/units/${unit}/dead-letter`;
}

/** The meaning of a topic, or undefined for any other, wildcards included. */
export function parseTopic(topic: string): ParsedTopic | undefined {
  const [root, version, ...rest] = topic.split("/");
  if (root !== "voltfog" || version !== "v1") return undefined;
  if (rest.length === 3) return operatorsTopic(rest);
  const vehicle = vehicleId(rest[0] ?? "");
  const kind = rest[1] ?? "";
  if (vehicle === undefined || rest.length !== 2) return undefined;
  if (upTopics.includes(kind)) {
    return { direction: "up", vehicleId: vehicle, kind: kind as UpTopic };
  }
  if (!downTopics.includes(kind)) return undefined;
  return { direction: "down", vehicleId: vehicle, kind: kind as DownTopic };
}

function operatorsTopic(parts: readonly string[]): ParsedTopic | undefined {
  const unit = unitId(parts[1] ?? "");
  if (parts[0] !== "units" || unit === undefined || parts[2] !== "dead-letter") return undefined;
  return { direction: "operators", unitId: unit, kind: "dead-letter" };
}
